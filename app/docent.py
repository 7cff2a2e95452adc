"""Docent from Python: a question in, an answer or a typed object with its evidence out.

```python
from pydantic import BaseModel

from app import docent


class Leave(BaseModel):
    days: int
    expires: str | None


typed = docent.ask("How much paid leave is there?", schema=Leave, collection="hr")
typed.value                        # Leave(days=25, expires="31 March"), or None
typed.evidence["days"].citation    # source, page, and the very words
```
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from pydantic import BaseModel

if TYPE_CHECKING:
    from app.answers.schemas import Schema
    from app.config import Settings
    from app.runtime import Runtime
    from app.schemas import Answer, FieldEvidence, Question, Trace

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Typed(Generic[M]):
    """An object of the schema `M`, and what each of its values stands on.

    Attributes:
        value: the validated object. Values that nothing supports are missing from it: items of lists go,
            optional fields are null, and a required field takes the object that it is in with it, up to the
            next one that may be missing. None where that is the whole, or where nothing was found at all.
        data: the object as JSON, with null for each value that nothing supports; {} where nothing was found.
        evidence: for each value its path, such as `약.0.성분명` -> what it stands on, or why it is null.
        record: all that shaped the answer.
        answer: the whole answer, with its citations, and the reason of a refusal.
    """

    value: M | None
    data: Mapping[str, Any]
    evidence: Mapping[str, FieldEvidence]
    record: Trace
    answer: Answer


@overload
def ask(
    question: str | Question,
    schema: None = None,
    *,
    collection: str | None = None,
    settings: Settings | None = None,
    model: str | None = None,
    keep_unsupported: bool | None = None,
) -> Answer: ...


@overload
def ask(
    question: str | Question,
    schema: type[M],
    *,
    collection: str | None = None,
    settings: Settings | None = None,
    model: str | None = None,
    keep_unsupported: bool | None = None,
) -> Typed[M]: ...


@overload
def ask(
    question: str | Question,
    schema: str | Schema,
    *,
    collection: str | None = None,
    settings: Settings | None = None,
    model: str | None = None,
    keep_unsupported: bool | None = None,
) -> Typed[BaseModel]: ...


def ask(
    question: str | Question,
    schema: type[M] | str | Schema | None = None,
    *,
    collection: str | None = None,
    settings: Settings | None = None,
    model: str | None = None,
    keep_unsupported: bool | None = None,
) -> Answer | Typed[Any]:
    """Ask the documents of a collection.

    Args:
        question: a text, or a `Question` with filters, sampling, history and all.
        schema: a pydantic class, or the name of a schema; None for an answer in words.
        collection: None takes the one of the settings.
        settings: None reads them from `.env` and the environment, as the commands do.
        model: "provider:model", or "none"; None takes the one of the settings.
        keep_unsupported: keep values that nothing supports, marked in the evidence, instead of null.

    Raises:
        UsageError: there is no such schema or collection, or the question is empty or too long.
        ConfigurationError: a setting does not fit, or the schema needs a language model and none is set.
        TypedAnswerError: no valid object came out; the message names schema, field and cause.
        ModelError: the model did not answer.
    """
    asked = _asked(question, model, keep_unsupported)
    runtime = _runtime(settings)
    if schema is None:
        return runtime.answer(asked, collection)
    wanted = _schema(schema, runtime)
    answer = runtime.typed_answer(asked, wanted, collection)
    return _typed(answer, wanted)


def _asked(question: str | Question, model: str | None, keep: bool | None) -> Question:
    from app.schemas import Question

    asked = Question(text=question) if isinstance(question, str) else question
    given = {"model": model, "keep_unsupported": keep}
    return asked.model_copy(update={name: one for name, one in given.items() if one is not None})


def _schema(given: type[BaseModel] | str | Schema, runtime: Runtime) -> Schema:
    from app.answers.schemas.problems import Refused
    from app.answers.schemas.python_classes import schema_of
    from app.errors import UsageError

    if isinstance(given, str):
        return runtime.schemas.find(given).asked
    if not isinstance(given, type):
        return given
    if not issubclass(given, BaseModel):
        raise UsageError(f"A schema is a class of pydantic's BaseModel, or a name, not {given.__name__!r}.")
    try:
        return schema_of(given)
    except Refused as error:
        raise UsageError(f"The class {given.__name__!r} is no schema: {error}") from None


def _typed(answer: Answer, schema: Schema) -> Typed[Any]:
    from app.answers.evidence import valid

    assert answer.trace is not None  # noqa: S101 - every answer that was just made has one
    data = answer.typed or {}
    return Typed(
        value=valid(data, schema.model) if answer.typed is not None else None,
        data=data,
        evidence={one.path: one for one in answer.evidence},
        record=answer.trace,
        answer=answer,
    )


# -- the parts that are kept between questions, because models take longer to load than to ask -----

_lock = threading.Lock()
_kept: list[Runtime] = []


def _runtime(settings: Settings | None) -> Runtime:
    from app.config import load_settings
    from app.runtime import build

    wanted = settings or load_settings()
    with _lock:
        found = next((one for one in _kept if one.settings == wanted), None)
        if found is None:
            found = build(wanted)
            _kept.append(found)
        return found


def close() -> None:
    """Release files and threads of all that was asked with; the next question opens them again."""
    with _lock:
        while _kept:
            _kept.pop().close()


atexit.register(close)
