"""JSON as a model wrote it, taken as it is or not at all: nothing is mended, nothing silently dropped."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from app.llm.thoughts import without_thoughts

_FENCED = re.compile(r"\A\s*```(?:json)?[ \t]*\r?\n(.*?)\n?[ \t]*```\s*\Z", re.DOTALL | re.IGNORECASE)
# The beginning of a word, of a number's further parts, of an escape.
_BEGUN = re.compile(r"\s*(?:[a-z]{1,5}|-|\.|[eE][+-]?|\\?u?[0-9a-fA-F]{0,4}\"?)\s*")
_FENCE = re.compile(r"```(?:json)?[ \t]*\r?\n(.*?)\n?[ \t]*```", re.DOTALL | re.IGNORECASE)


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


class CutOff(Problem):
    """The model stopped at its longest length: what came is not all, even where it reads so."""


def unwrapped(text: str, *, prose: bool = False) -> str:
    """What a model wrote as its object: without thoughts, blanks, and the fence around it.

    Args:
        prose: words around a single fenced block are passed over, as of models that are held to nothing.
    """
    said = without_thoughts(text)
    if whole := _FENCED.match(said):
        return whole[1].strip()
    blocks = _FENCE.findall(said) if prose else []
    return blocks[0].strip() if len(blocks) == 1 else said.strip()


def loads(given: str) -> dict[str, Any]:
    """The object that `given` is.

    Raises:
        Problem: it is none, ends too early or too late, or says what a lenient parser would pass over.
    """
    if not given:
        raise Problem("", "the answer is empty")
    try:
        found = json.loads(given, object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise _no_json(given, error) from None
    except RecursionError:
        raise Problem("", "the JSON is nested too deeply") from None
    except Problem:
        raise
    except ValueError as error:  # a number of thousands of digits
        raise Problem("", f"this is no JSON ({str(error).split(';')[0]})") from None
    if not isinstance(found, dict):
        raise Problem("", f"this is no JSON object, but {_kind(found)}")
    return found


def _no_json(given: str, error: json.JSONDecodeError) -> Problem:
    where = f"{error.msg} at character {error.pos}"
    if error.msg == "Extra data":
        return Problem("", f"this is no JSON: text follows the object ({where})")
    if error.pos >= len(given.rstrip()) or "Unterminated" in error.msg or _is_open(given, error):
        return Problem(breaks_off_in(given), f"the JSON breaks off ({where})")
    return Problem("", f"this is no JSON ({where})")


def _is_open(given: str, error: json.JSONDecodeError) -> bool:
    """Whether what does not parse is only the beginning of a word or a number, such as `tru` or `"\\u00`."""
    rest = given[error.pos :]
    return given.startswith(("{", "[")) and bool(_BEGUN.fullmatch(rest))


def _kind(found: object) -> str:
    kinds = {list: "a list", str: "a text", bool: "a truth value", type(None): "null"}
    return kinds.get(type(found), "a number")


def breaks_off_in(text: str) -> str:
    """The path of the field that a broken-off JSON text was in; "" where it was in none."""
    path: list[str | int] = []
    key, fresh = "", False
    for match in _TOKENS.finditer(text):
        sign = match[0]
        if sign in "{[":
            path.append("" if sign == "{" else 0)
        elif sign in "}]":
            path = path[:-1]
        elif sign == "," and path:
            path[-1] = path[-1] + 1 if isinstance(path[-1], int) else ""
        elif sign == ":" and path and fresh:
            path[-1] = key
        fresh = sign[0] == '"'
        key = _key(sign) if fresh else key
    return ".".join(str(one) for one in path if one != "")


_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\],:]', re.DOTALL)


def _key(written: str) -> str:
    try:
        return str(json.loads(written))
    except ValueError:
        return ""


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


def _finite(written: str) -> float:
    number = float(written)
    if math.isinf(number):
        raise Problem("", f"the number {written[:20]} is too large")
    return number
