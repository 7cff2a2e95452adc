"""What a query asks for: its words, and the filters among them, such as `source:handbook.pdf` or `page:3`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.errors import UsageError
from ingest.loaders import suffixes
from vectorstore.base import Filter, Value

Where = Mapping[str, tuple[Value, ...]]
"""Field -> the values of which one must fit; all fields must."""

Fields = Callable[[], Collection[str]]
"""Gives the names of what documents say of themselves: author, tags, …"""

_MOST_PAGES = 10_000
_MOST_NAMED = 40
_TYPES = {"markdown": "md", "htm": "html", "text": "txt", "ndjson": "jsonl"}
# Fields by the names that people use for them, in both languages.
_ALIASES = {
    "file": "source",
    "filename": "source",
    "ext": "type",
    "since": "after",
    "until": "before",
    "id": "record",
    "record_id": "record",
    "파일": "source",
    "출처": "source",
    "폴더": "folder",
    "형식": "type",
    "쪽": "page",
    "페이지": "page",
    "날짜": "date",
    "이후": "after",
    "이전": "before",
    "제목": "title",
    "소제목": "heading",
    "headings": "heading",
}
# The same for what documents say of themselves, where they have no field of that very name.
_OWN_ALIASES = {
    "tag": "tags",
    "keywords": "tags",
    "authors": "author",
    "태그": "tags",
    "작성자": "author",
    "저자": "author",
    "보낸사람": "from",
    "받는사람": "to",
}
_QUOTED = r'"[^"\n]+"|“[^”\n]+”'
_IN_TEXT = re.compile(
    rf"(?<!\S)(?P<field>[\w.-]{{1,60}})[:：](?P<value>{_QUOTED}|[^\s\"“”]+)(?!\S)"
    # An @ within a word, as in an address, begins no mention, nor does one behind a backslash.
    rf"|(?:(?<!\S)|(?<=[(\[{{「『〈《]))@(?P<mention>{_QUOTED}|[\w/~][^\s\"“”@]*)"
)
# What ends a sentence or a bracket and is not part of a name.
_BEHIND = re.compile(r"[)\]}」』〉》.,;:!?。，！？…~]+$")
_DATE = re.compile(r"(\d{4})(?:[-./](\d{1,2})(?:[-./](\d{1,2}))?)?")


@dataclass(frozen=True, slots=True)
class Query:
    """A query taken apart.

    Attributes:
        text: what to look for, without the filters.
        where: what was filtered by in the text.
    """

    text: str
    where: Where = field(default_factory=dict)


def parse(text: str, fields: Fields = tuple) -> Query:
    """Take the filters out of a text.

    A word with a colon is a filter only if it names a field and its value can be one: `12:30`,
    `http://host`, `note: …` and `page:last` stay text. `@name` is the filter `mention`, which names a file or
    a folder; an @ within a word or behind a backslash is none. A value with blanks stands in double quotes.

    Args:
        fields: gives the names of the documents' own fields; not called where no word could be one.
    """
    found: dict[str, tuple[Value, ...]] = {}

    def take(match: re.Match[str]) -> str:
        if match["mention"]:
            name, behind = _mention_and_rest(match["mention"])
            found["mention"] = (*found.get("mention", ()), name)
            return behind
        known, value = _name(match["field"], fields), match["value"].strip('"“”')
        if known is None:
            return match[0]
        try:
            found[known] = (*found.get(known, ()), *_reader(known)(value))
        except ValueError:
            return match[0]
        return ""

    rest = _IN_TEXT.sub(take, text)
    return Query(" ".join(rest.split()), found) if found else Query(text)


def mentions(text: str) -> list[tuple[int, int, str]]:
    """The `@name`s of a text: where each begins and ends, and the name."""
    found = []
    for match in _IN_TEXT.finditer(text):
        if match["mention"]:
            name, behind = _mention_and_rest(match["mention"])
            found.append((match.start(), match.end() - len(behind), name))
    return found


def without_marks(text: str) -> str:
    """The text with the bare names in place of `@name`s, so that it limits nothing when it is read again."""
    for start, end, name in reversed(mentions(text)):
        text = text[:start] + name + text[end:]
    return text


def shown(where: Mapping[str, Iterable[Value]], between: str = ", ") -> str:
    """Filters as they are written in a query."""
    return between.join(
        f"@{value}" if name == "mention" else f"{name}:{value}"
        for name, values in where.items()
        for value in values
    )


def _mention_and_rest(written: str) -> tuple[str, str]:
    if written[0] in '"“':
        return written.strip('"“”'), ""
    name = _BEHIND.sub("", written)
    return name, written[len(name) :]


def parse_filters(given: Iterable[str], fields: Fields = tuple) -> Where:
    """Filters of a command line, each `field=value`; the same field twice lets either value fit.

    Args:
        fields: gives the names of the documents' own fields.

    Raises:
        UsageError: one has no "=", names no field, or has a value that its field cannot have.
    """
    found: dict[str, list[Value]] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not value.strip():
            raise UsageError(f"The filter {one!r} is not of the form field=value, such as page=3.")
        found.setdefault(name.strip(), []).append(value.strip())
    return checked(found, fields)


def checked(where: Filter, fields: Fields = tuple) -> Where:
    """Filters with the names and values that they are resolved by.

    Args:
        fields: gives the names of the documents' own fields.

    Raises:
        UsageError: a field does not exist, or a value does not fit its field.
    """
    found: dict[str, tuple[Value, ...]] = {}
    for given, wanted in where.items():
        name = _name(given, fields)
        if name is None:
            raise _no_field(given, fields)
        values = wanted if isinstance(wanted, Sequence) and not isinstance(wanted, str) else [wanted]
        try:
            read = [one for value in values for one in _reader(name)(value)]
        except ValueError as error:
            raise UsageError(f"The filter {given}={wanted!r} does not fit: {error}.") from None
        found[name] = (*found.get(name, ()), *read)
    return found


def joined(one: Where, other: Where) -> Where:
    """Both: where they name the same field, a value must fit that stands in both, or nothing does.

    Other than values of one filter, of which any may fit, these were asked for in two places.
    """
    both = {**one, **other}
    for name in one.keys() & other.keys():
        both[name] = tuple(value for value in one[name] if value in other[name])
    return both


def period(value: str) -> tuple[datetime, datetime]:
    """The beginning and the end of a day, a month or a year, such as 2025-03, in local time.

    Raises:
        ValueError: this is no date.
    """
    match = _DATE.fullmatch(value.strip().rstrip("."))
    if match is None:
        raise ValueError("a date is written 2025-03-31, 2025-03 or 2025")
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        begin = datetime(year or 0, month or 1, day or 1)
        after = begin + timedelta(days=1 if day else 31 if month else 366)
        end = after if day else after.replace(day=1) if month else after.replace(month=1, day=1)
        begin.timestamp(), end.timestamp()
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"there is no date {value!r}") from None
    return begin, end


def _no_field(given: str, fields: Fields) -> UsageError:
    own = sorted(set(fields()) - _FIELDS.keys())
    of_documents = f", and of these documents: {', '.join(own[:_MOST_NAMED])}" if own else ""
    more = ", …" if len(own) > _MOST_NAMED else ""
    return UsageError(
        f"There is no field {given!r} to filter by. The fields are: {', '.join(FIELDS)}{of_documents}{more}.",
        field=given,
    )


def _reader(name: str) -> Callable[[Value], Iterable[Value]]:
    return _FIELDS.get(name, _text)


def _name(given: str, fields: Fields) -> str | None:
    """The field that people call so, if there is one."""
    folded = unicodedata.normalize("NFC", given).casefold()
    name = _ALIASES.get(folded, folded)
    if name in _FIELDS:
        return name
    own = fields()
    return next((one for one in (folded, _OWN_ALIASES.get(folded)) if one in own), None)


def _text(value: Value) -> Iterable[Value]:
    folded = unicodedata.normalize("NFC", str(value)).strip().casefold().replace("\\", "/")
    if not folded:
        raise ValueError("it is empty")
    return (folded,)


def _mention(value: Value) -> Iterable[Value]:
    name = unicodedata.normalize("NFC", str(value)).strip().removeprefix("@").strip('"“”')
    if not name:
        raise ValueError("it is empty")
    return (name,)


def _folder(value: Value) -> Iterable[Value]:
    return _text(str(value).strip().strip("/\\"))


def file_type(name: str) -> str:
    """The suffix that stands for a file's type: "md" for `a.markdown`."""
    suffix = name.rpartition(".")[2].casefold()
    return _TYPES.get(suffix, suffix)


TYPES = tuple(sorted({file_type(suffix) for suffix in suffixes()}))
"""The types of files that can be filtered by."""


def _type(value: Value) -> Iterable[Value]:
    name = file_type(str(value).strip())
    if name not in TYPES:
        raise ValueError(f"the types are {', '.join(TYPES)}")
    return (name,)


def _page(value: Value) -> Iterable[Value]:
    for part in str(value).split(","):
        first, dash, last = part.strip().partition("-")
        if not (first.isdecimal() and (last.isdecimal() or not dash)):
            raise ValueError("pages are written 3, 3-5 or 3,7")
        begin, end = int(first), int(last or first)
        if not 1 <= begin <= end < begin + _MOST_PAGES:
            raise ValueError("pages are written 3, 3-5 or 3,7, and begin at 1")
        yield from range(begin, end + 1)


def _date(value: Value) -> Iterable[Value]:
    period(str(value))
    return (str(value).strip().rstrip("."),)


def _as_is(value: Value) -> Iterable[Value]:
    return (value,)


_FIELDS: Mapping[str, Callable[[Value], Iterable[Value]]] = {
    "source": _text,
    "folder": _folder,
    "type": _type,
    "page": _page,
    "date": _date,
    "after": _date,
    "before": _date,
    "title": _text,
    "record": _text,
    "heading": _text,
    "file_id": _as_is,
    "document_id": _as_is,
    "mention": _mention,
}
FIELDS = tuple(_FIELDS)
"""What any search can be filtered by; documents may have fields of their own."""
