"""Docent from Python: a question in, an answer or a typed object with its evidence out.

```python
from pydantic import BaseModel

from app import docent


class Leave(BaseModel):
    days: int
    expires: str | None


typed = docent.ask("How much paid leave is there?", schema=Leave, collection="hr")
typed.value          # Leave(days=25, expires="31 March"), or None
typed.evidence["days"].citation
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from pydantic import BaseModel

if TYPE_CHECKING:
    from app.answers.schemas.schema import Schema
    from app.config import Settings
    from app.schemas import Answer, FieldEvidence, Trace

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Typed(Generic[M]):
    """An object of the schema `M`, and what each of its values stands on.

    Attributes:
        value: the validated object; None where nothing was found, or where it is not valid without the
            values that nothing supports.
        data: the same as JSON, with null for each value that nothing supports.
        evidence: for each leaf its path, such as `약.0.성분명` -> what it stands on, or why it is null.
        record: all that shaped the answer.
        answer: the whole answer, with citations and the reason of a refusal.
    """

    value: M | None
    data: Mapping[str, Any]
    evidence: Mapping[str, FieldEvidence]
    record: Trace
    answer: Answer


@overload
def ask(
    question: str,
    schema: None = None,
    *,
    collection: str | None = None,
    settings: Settings | None = None,
    model: str | None = None,
) -> Answer: ...


@overload
def ask(
    question: str,
    schema: type[M],
    *,
    collection: str | None = None,
    settings: Settings | None = None,
    model: str | None = None,
) -> Typed[M]: ...


@overload
def ask(
    question: str,
    schema: str | Schema,
    *,
    collection: str | None = None,
    settings: Settings | None = None,
    model: str | None = None,
) -> Typed[BaseModel]: ...


def ask(
    question: str,
    schema: type[M] | str | Schema | None = None,
    *,
    collection: str | None = None,
    settings: Settings | None = None,
    model: str | None = None,
) -> Answer | Typed[Any]:
    """Ask the documents of a collection."""
    raise NotImplementedError
