"""One object from one prompt: asked for, checked, and asked for again with what is wrong with it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.answers.generation.json_text import CutOff, Problem, breaks_off_in
from app.answers.generation.preview import preview
from app.answers.generation.reading import read
from app.answers.generation.said import Said
from app.answers.generation.strict import shape_of
from app.answers.schemas.schema import Schema
from app.chat.refusal import is_refusal
from app.errors import ModelError, TypedAnswerError
from app.llm.forms import below
from app.schemas import Notice, Sampling, Tokens
from app.schemas import Said as Message
from prompts import load

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage, BaseMessage

    from app.llm import ChatModel
    from app.llm.forms import Form

Partials = Generator[dict[str, Any], None, "Object"]
"""The object so far, again and again; at its end the checked one."""

# So often something is shown; the eye sees no more.
_SECONDS_BETWEEN = 0.1
# As much of a wrong object goes back to the model.
_SENT_BACK = 12_000
_DECLINES = re.compile(
    r"\b(?:sorry|apologi[sz]e|unable to|not able to|can(?:no|['’])t|won['’]t|decline)\b"
    r"|죄송|할 수 없|수 없습니다|어렵습니다|거절|도와드리지",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Object:
    """What came of asking: the object, or the words with which the model declined."""

    data: dict[str, Any] | None
    declined: str = ""


def _ignore(_: object) -> None:
    pass


@dataclass
class Asker:
    """Asks a model for objects of one schema, and keeps what the record of an answer needs of it.

    Args:
        repairs: how often an object that does not fit is asked for again.
        lenient: null is taken for any single value.
        tell: is told what the user should know.
        listen: is given each piece of each answer.

    Attributes:
        repaired: how often an object was asked for again.
        spent: of all requests together.
        prompts: the messages of each object that was asked for, as they were sent last.
        form: how the model was held to the schema; "" before its first word.
    """

    model: ChatModel
    schema: Schema
    repairs: int = 2
    sampling: Sampling = field(default_factory=Sampling)
    lenient: bool = False
    tell: Callable[[Notice], None] = _ignore
    listen: Callable[[AIMessage], None] = _ignore
    cancelled: threading.Event | None = None
    repaired: int = 0
    spent: Tokens = field(default_factory=Tokens)
    prompts: list[tuple[Message, ...]] = field(default_factory=list)
    form: str = ""

    def __post_init__(self) -> None:
        self._form: Form | None = None
        self._shape = shape_of(self.schema.model.__name__, self.schema.json_schema, lenient=self.lenient)

    def ask(self, messages: Sequence[BaseMessage]) -> Partials:
        """The object that these messages ask for.

        Raises:
            CutOff: the model stopped at its longest length.
            TypedAnswerError: no valid object came out; the message names schema, field and cause.
            ModelError: the model did not answer.
        """
        sent = list(messages)
        self.prompts.append(())
        self._form = None
        for repairs_left in range(self.repairs, -1, -1):
            said, problem = Said(), None
            try:
                yield from self._heard(sent, said)
                if said.refusal.strip():
                    return Object(None, said.refusal.strip())
                data = read(said.whole(), self.schema, lenient=self.lenient)
                self.model.form = self._form or self.model.form
                return Object(data)
            except CutOff:
                raise
            except Problem as found:
                problem = found
            if not repairs_left:
                if declines(said.as_words):
                    return Object(None, said.as_words)
                raise failed(self.schema, self.model, _in_words(problem, said)) from None
            self._again(problem)
            if said.as_words:  # the server takes this form, and does not hold the model to it
                self._form = below(said.form) or said.form
            sent = [*messages, *self._corrected(said, problem)]
        raise AssertionError("the last try returns or raises")

    def _again(self, problem: Problem) -> None:
        self.repaired += 1
        self.tell(Notice(code="typed_repair", values={"field": problem.field or "–"}))

    def _corrected(self, said: Said, problem: Problem) -> list[BaseMessage]:
        """What the model said, and what is wrong with it; nothing where the connection broke off."""
        from langchain_core.messages import AIMessage, HumanMessage

        if isinstance(problem, _Unfinished):
            return []
        errors = "\n".join(problem.lines)
        _, again = load("repair").fill(schema_name=self.schema.name, errors=errors)
        wrong = said.written[:_SENT_BACK]
        return [*([AIMessage(content=wrong)] if wrong else []), HumanMessage(content=again)]

    def _heard(self, messages: Sequence[BaseMessage], said: Said) -> Generator[dict[str, Any], None, None]:
        """Put one answer together, and show it while it comes."""
        shown = Shown()
        try:
            for chunk in self.model.held(
                messages,
                self._shape,
                form=self._form,
                sampling=self.sampling,
                tell=self.tell,
                cancelled=self.cancelled,
            ):
                said.add(chunk)
                self._note(chunk, said)
                if (data := shown.fresh(said)) is not None:
                    yield data
            if (data := shown.fresh(said, at_once=True)) is not None:
                yield data
        except ModelError as error:
            raise _as_problem(error, said) or error from None

    def _note(self, chunk: AIMessage, said: Said) -> None:
        self.form = said.form
        self.prompts[-1] = chunk.response_metadata.get("prompt") or self.prompts[-1]
        if usage := chunk.usage_metadata:
            self.spent = Tokens(
                prompt=self.spent.prompt + usage["input_tokens"],
                completion=self.spent.completion + usage["output_tokens"],
                total=self.spent.total + usage["total_tokens"],
            )
        self.listen(chunk)


class Shown:
    """The object so far, whenever there is something new to show and the last time is a while ago."""

    def __init__(self) -> None:
        self._last: dict[str, Any] = {}
        self._at = float("-inf")

    def fresh(self, said: Said, *, at_once: bool = False) -> dict[str, Any] | None:
        """The object so far; None where it is too early to show it again, or nothing new is in it."""
        if (now := time.monotonic()) < self._at + _SECONDS_BETWEEN and not at_once:
            return None
        found = preview(said.written)
        if not found or found == self._last:
            return None
        self._last, self._at = found, now
        return found


class _Unfinished(Problem):
    """The connection broke off; the same may be asked once more."""


def _as_problem(error: ModelError, said: Said) -> Problem | None:
    """An error in the middle of an object, or in its place, as what it means for the object."""
    if error.values.get("reason") == "not_held":
        return _Unfinished("", "the server could not make the model keep to the schema")
    if (said.text or said.calls) and error.retryable:
        return _Unfinished(
            breaks_off_in(said.written), "the connection broke off before the object was complete"
        )
    return None


def declines(words: str) -> bool:
    """Whether words that came instead of an object say that there will be none."""
    return bool(words) and (is_refusal(words) or bool(_DECLINES.search(words)))


def _in_words(problem: Problem, said: Said) -> Problem:
    """With what the model said, where it answered in words."""
    words = " ".join(said.as_words.split())
    if not words:
        return problem
    quoted = words if len(words) <= 200 else words[:200] + "…"
    return Problem(problem.field, f"{problem.cause}; the model said: “{quoted}”")


def failed(schema: Schema, model: ChatModel, problem: Problem) -> TypedAnswerError:
    """The error that names schema, model, field, cause and cure."""
    where = f"field {problem.field!r}" if problem.field else "the object"
    return TypedAnswerError(
        f"No valid {schema.name!r} came out of {model.endpoint.name!r}: {where}: {problem.cause}. Ask more "
        "narrowly, or choose a model that follows schemas better in DOCENT_LLM_MODEL.",
        schema=schema.name,
        field=problem.field,
        cause=problem.cause,
    )
