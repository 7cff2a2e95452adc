"""From a model's message to a validated object: strict JSON, nothing mended, nothing silently dropped."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from pydantic import BaseModel, ValidationError

from app.llm.thoughts import without_thoughts

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage

_FENCED = re.compile(r"\A\s*```(?:json)?[ \t]*\n(.*?)\n\s*```\s*\Z", re.DOTALL | re.IGNORECASE)
_MOST_PROBLEMS = 12
_SHOWN_CHARACTERS = 60


class Problem(ValueError):
    """Why a message holds no object of the schema.

    Attributes:
        field: the first field concerned, as `약.0.성분명`; "" for the object as a whole.
        cause: what is wrong with it.
        lines: all that is wrong, for the model to repair.
    """

    def __init__(self, field: str, cause: str, lines: Sequence[str] = ()) -> None:
        super().__init__(f"{field}: {cause}" if field else cause)
        self.field = field
        self.cause = cause
        self.lines = tuple(lines) or (f"- {self}",)


def content(message: AIMessage) -> str:
    """What the model sent as its object: its text, or the arguments of its tool call."""
    if message.text.strip():
        return without_thoughts(message.text)
    if message.tool_calls:
        return json.dumps(message.tool_calls[0]["args"], ensure_ascii=False)
    if message.invalid_tool_calls:
        return message.invalid_tool_calls[0]["args"] or ""
    return ""


def declined(message: AIMessage) -> str:
    """The words with which the model declined; "" when it did not."""
    return str(message.additional_kwargs.get("refusal") or "")


def parse(text: str, schema: type[BaseModel]) -> BaseModel:
    """The object in `text`.

    Raises:
        Problem: it is no complete JSON, or does not fit.
    """
    fenced = _FENCED.match(text)
    given = (fenced[1] if fenced else text).strip()
    _check_json(given)
    try:
        return schema.model_validate_json(given)
    except ValidationError as error:
        raise _problem(error) from None


def _check_json(given: str) -> None:
    """Raise Problem for what a lenient parser would mend: a missing end, or a name that comes twice."""
    if not given:
        raise Problem("", "the answer is empty")
    try:
        json.loads(given, object_pairs_hook=_once, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        ended = error.pos >= len(given) or "Unterminated" in error.msg
        cause = "the JSON breaks off" if ended else "this is no JSON"
        raise Problem("", f"{cause} ({error.msg} at character {error.pos})") from None
    except RecursionError:
        raise Problem("", "the JSON is nested too deeply") from None


def _problem(error: ValidationError) -> Problem:
    found = [
        (".".join(map(str, one["loc"])), f"{one['msg']} (got {_short(one['input'])})")
        for one in error.errors(include_url=False)
    ]
    lines = [f"- {field or 'object'}: {cause}" for field, cause in found[:_MOST_PROBLEMS]]
    return Problem(*found[0], lines)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names are all different: of two values for one name, one would be lost."""
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Problem(twice, "this field stands in the object twice")
    return made


def _no_constant(name: str) -> NoReturn:
    raise Problem("", f"{name} is no JSON")
