"""What a file to be imported may hold at most; whoever wrote it is a stranger."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

from app.errors import ImportFileError

LARGEST_MB = 100
MOST_CONVERSATIONS = 20_000
MOST_MESSAGES = 20_000
"""Of one conversation."""
LONGEST_TEXT = 500_000
"""Characters of one message."""
LARGEST_RECORD = 2_000_000
"""Characters of what is kept beside one message, as JSON."""
DEEPEST = 60
"""Lists and objects within one another."""


def within(count: int, limit: int, what: str) -> None:
    """Raise ImportFileError where there is too much."""
    if count > limit:
        raise ImportFileError(f"It holds {count:,} {what}; the limit is {limit:,}. Split the file.")


def parsed(text: str) -> Any:
    """The JSON in a text, its strings without what no database and no page can hold.

    Raises:
        ImportFileError: it is none, and in which line; or it is nested too deeply.
    """
    try:
        found = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise ImportFileError(f"Line {error.lineno}, column {error.colno} is no JSON: {error.msg}.") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:  # a number with thousands of digits
        raise ImportFileError(f"A value cannot be read: {error}.") from None
    return tamed(found)


def tamed(value: Any, depth: int = 0) -> Any:
    """The same in composed letters, without lone surrogates and NUL; ImportFileError where it is too deep."""
    if depth > DEEPEST:
        raise _too_deep()
    if isinstance(value, str):
        composed = unicodedata.normalize("NFC", value.replace("\x00", ""))
        return composed if composed.isascii() else composed.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [tamed(one, depth + 1) for one in value]
    if isinstance(value, dict):
        return {tamed(key, depth + 1): tamed(one, depth + 1) for key, one in value.items()}
    return value


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _too_deep() -> ImportFileError:
    return ImportFileError(f"Its lists and objects are nested more than {DEEPEST} deep.")
