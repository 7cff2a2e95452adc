"""`export`: turns of a conversation as the bytes of a file; one line in `FORMATS` for each kind of file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING

from app.errors import UsageError
from app.export.names import file_name
from app.export.words import Words

if TYPE_CHECKING:
    from app.export.turns import Turn
    from app.language import Language


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file.

    Attributes:
        label: its name, alike in all languages.
        mime: its media type.
        writer: "module:function", which makes bytes of a `Document`.
    """

    label: str
    mime: str
    writer: str


# By suffix.
FORMATS = {
    "md": Format("Markdown", "text/markdown", "app.export.markdown:write"),
    "docx": Format(
        "Word",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "app.export.docx:write",
    ),
    "pdf": Format("PDF", "application/pdf", "app.export.pdf:write"),
}


@dataclass(frozen=True, slots=True)
class Exported:
    """A finished file.

    Attributes:
        name: what to call it, safe on every system.
        mime: its media type.
    """

    data: bytes
    name: str
    mime: str


def export(
    turns: Sequence[Turn],
    format: str,
    language: Language,
    *,
    title: str = "",
    collection: str = "",
    today: date | None = None,
) -> Exported:
    """Make the file.

    Args:
        turns: all of a conversation, or one; see `turns_of` and `turn_of`.
        format: a key of `FORMATS`.
        language: of what the file says beside questions, answers and quotes.
        title: what stands on top; empty: the first question.
        collection: where the documents are; empty: not told.

    Raises:
        UsageError: the format is unknown, or this machine lacks what it needs; the message says what.
    """
    from app.export.document import compose

    kind = FORMATS[known(format)]
    document = compose(turns, language, title=title, collection=collection, day=today or date.today())
    module, _, function = kind.writer.partition(":")
    data: bytes = getattr(import_module(module), function)(document)
    return Exported(data, suggested_name(document.title, format, language), kind.mime)


def suggested_name(title: str, format: str, language: Language) -> str:
    """What to call the file with this title."""
    return file_name(title, format, Words(language)("untitled"))


def known(format: str) -> str:
    """The format itself.

    Raises:
        UsageError: there is no such format.
    """
    if format not in FORMATS:
        raise UsageError(f"There is no export format {format!r}. Known ones are: {', '.join(FORMATS)}.")
    return format


def format_of(path: PurePath) -> str:
    """The format that a file's suffix names.

    Raises:
        UsageError: it names none.
    """
    suffix = path.suffix.lower()
    if suffix[1:] not in FORMATS:
        endings = ", ".join(f".{name}" for name in FORMATS)
        raise UsageError(f"The file {path.name!r} has no suffix of an export; use one of: {endings}.")
    return suffix[1:]
