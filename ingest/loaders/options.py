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
    """

    ocr: Literal["auto", "off", "on"] = "auto"
    ocr_languages: str = "kor+eng"

    @classmethod
    def of(cls, settings: Settings) -> ReadOptions:
        return cls(ocr=settings.ocr, ocr_languages=settings.ocr_languages)


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
