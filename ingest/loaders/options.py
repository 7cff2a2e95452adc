"""What readers are told from the settings, for the time that files are read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from app.config import Settings


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """The settings that shape what is read.

    Attributes:
        ocr: "auto" for pages without text, "on" for every page, "off" for none.
        ocr_languages: tesseract's names, joined by "+"; those that are not installed are left out.
        ocr_seconds: how long recognition may go on with new pages of a file; those left stay without text.
        member_seconds: how long members of an archive or a mail may be read; those left are named as such.
    """

    ocr: Literal["auto", "off", "on"] = "auto"
    ocr_languages: str = "kor+eng"
    ocr_seconds: float = 90.0
    member_seconds: float = 90.0

    @classmethod
    def of(cls, settings: Settings) -> ReadOptions:
        """A file's time ends with an error; recognition and members stop in time before that."""
        seconds = 0.75 * settings.read_seconds
        return cls(settings.ocr, settings.ocr_languages, ocr_seconds=seconds, member_seconds=seconds)


_current: ContextVar[ReadOptions] = ContextVar("read_options")


def read_options() -> ReadOptions:
    """What holds here; the defaults where nothing was said."""
    return _current.get(ReadOptions())


@contextmanager
def reading_with(options: ReadOptions) -> Iterator[None]:
    """What `read_options` gives inside: `with reading_with(options): documents = list(read(path))`.

    Readers call each other, for an archive's members and a mail's attachments: what they are told need not be
    handed through each of them.
    """
    token = _current.set(options)
    try:
        yield
    finally:
        _current.reset(token)
