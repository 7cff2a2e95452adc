"""A whole object from all passages: by parts where they, or a list that is asked for, are too long."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from app.answers.generation.asking import Asker, Object, Partials, failed
from app.answers.generation.json_text import CutOff
from app.answers.generation.merging import merged, preferring
from app.answers.generation.parts import Part, halves, parts
from app.answers.schemas.fields import Field
from app.chat.context import PASSAGE_TOKENS, Passage
from app.errors import ModelRejectedError
from app.schemas import Notice

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

# One object is not worth more requests; so many parts of 8,000 tokens are a thick book.
_MOST_REQUESTS = 64


def whole(
    asker: Asker,
    passages: Sequence[Passage],
    prompt: Callable[[Part], Sequence[BaseMessage]],
    budget: int = PASSAGE_TOKENS,
    *,
    by_parts: bool = False,
    check: Callable[[dict[str, Any], Part], dict[str, Any]] | None = None,
) -> Partials:
    """The object that all passages together hold.

    Args:
        prompt: the messages that ask for the object from a part of the passages.
        budget: how many tokens of passages a prompt holds.
        by_parts: also where no list is asked for; single values are then looked for in each part.
        check: gives an object with null for what its part does not support; of the single values that several
            parts give, one that is supported counts.

    Raises:
        TypedAnswerError: no valid object came out, or a list is too long even for a line alone.
        ModelError: the model did not answer.
    """
    fields = asker.schema.fields
    divisible = by_parts or has_lists(fields)
    waiting = parts(passages, budget) if divisible else [tuple(passages)]
    found: list[dict[str, Any]] = []
    held: list[Part] = []
    declined = ""
    requests = refused = 0
    while waiting:
        part = waiting.pop(0)
        requests += 1
        try:
            made = yield from _with_what_was_found(asker.ask(prompt(part)), found, fields)
        except (CutOff, ModelRejectedError) as error:
            waiting[:0] = _smaller(part, error, asker, divisible and requests < _MOST_REQUESTS)
            continue
        if made.data is not None:
            found.append(made.data)
            held.append(part)
        declined = declined or made.declined
        refused += made.data is None
    if found and refused:
        asker.tell(Notice(code="part_declined", values={"count": str(refused)}))
    if len(found) < 2:
        return Object(found[0]) if found else Object(None, declined)
    trusted = [check(data, part) for data, part in zip(found, held, strict=True)] if check else []
    return Object(preferring(merged(trusted, fields), merged(found, fields), fields))


def has_lists(fields: Sequence[Field]) -> bool:
    """Whether an object of these fields can be put together from parts."""
    return any(field.many or (field.kind == "object" and has_lists(field.fields)) for field in fields)


def _with_what_was_found(
    partials: Partials, found: Sequence[dict[str, Any]], fields: Sequence[Field]
) -> Partials:
    """What is shown of a later part has the earlier ones before it."""
    while True:
        try:
            data = next(partials)
        except StopIteration as end:
            made: Object = end.value
            return made
        yield merged([*found, data], fields) if found else data


def _smaller(
    part: Part, error: CutOff | ModelRejectedError, asker: Asker, divisible: bool
) -> tuple[Part, ...]:
    """The same passages in two parts; raises what is wrong where that would not help."""
    if isinstance(error, ModelRejectedError) and error.values.get("reason") != "too_long":
        raise error
    divided = halves(part) if divisible else None
    if divided is not None:
        return divided
    if isinstance(error, CutOff):
        raise failed(asker.schema, asker.model, error) from None
    raise error
