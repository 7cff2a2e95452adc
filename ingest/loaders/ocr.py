"""Text in images, by tesseract: a program of its own, called for each page with a limit on its time."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from itertools import groupby
from statistics import fmean, median
from typing import TYPE_CHECKING, TypeVar

from ingest.loaders.options import read_options

if TYPE_CHECKING:
    from PIL.Image import Image

DPI = 300
"""Dots an inch in which tesseract reads print best."""

INSTALL = (
    "install tesseract (Debian and Ubuntu: apt-get install tesseract-ocr tesseract-ocr-kor; "
    "macOS: brew install tesseract tesseract-lang)"
)

_PAGE_SECONDS = 120.0
_LIST_SECONDS = 20.0
# Below this mean confidence, in percent, a line is what tesseract makes of pictures.
_LEAST_CONFIDENCE = 45.0
# A line this much higher than most is set as a heading.
_HEADING_HEIGHT = 1.5
_WORD_LEVEL = "5"
_MOST_WORKERS = 8

_logger = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RecognisedLine:
    """A line of print.

    Attributes:
        opens: begins a paragraph.
        large: much higher than the page's other lines.
    """

    text: str
    opens: bool
    large: bool


@dataclass(frozen=True, slots=True)
class Tesseract:
    """An installed tesseract, and the languages to read in."""

    command: str
    languages: str

    def lines(self, image: Image) -> list[RecognisedLine]:
        """The lines of print in an image, in reading order; none after `_PAGE_SECONDS`."""
        command = [self.command, "stdin", "stdout", "-l", self.languages, "--dpi", str(DPI), "tsv"]
        try:
            done = subprocess.run(  # noqa: S603 - found on PATH; no shell, and nothing of a document in it
                command,
                input=_grey_map(image),
                capture_output=True,
                timeout=_PAGE_SECONDS,
                check=False,
                # One thread each: pages side by side are faster than threads that wait for each other.
                env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            _logger.warning("tesseract gave up on a page: %s", error)
            return []
        if done.returncode:
            _logger.warning("tesseract: %s", done.stderr.decode(errors="replace").strip()[:300])
        return list(_lines(done.stdout.decode("utf-8", "replace")))


def tesseract() -> Tesseract | None:
    """What is to be used; None where recognition is off, not installed, or has none of the languages."""
    options = read_options()
    command = shutil.which("tesseract") if options.ocr != "off" else None
    if command is None:
        return None
    installed = _installed(command)
    languages = [name for name in options.ocr_languages.split("+") if name in installed]
    return Tesseract(command, "+".join(languages)) if languages else None


def why_not() -> str:
    """Why nothing is recognised, as the cure, where `tesseract` gives None."""
    options = read_options()
    if options.ocr == "off":
        return "set DOCENT_OCR=auto to read it by text recognition (OCR)"
    command = shutil.which("tesseract")
    if command is None:
        return f"{INSTALL} to read it by text recognition (OCR)"
    return (
        f"set DOCENT_OCR_LANGUAGES to languages that tesseract has, not {options.ocr_languages!r}: "
        f"{'+'.join(sorted(_installed(command))) or 'it has none'}"
    )


def side_by_side(
    work: Callable[[T], list[RecognisedLine]], pages: Iterable[T]
) -> Iterator[list[RecognisedLine]]:
    """`work` for each page, as many at once as there are cores."""
    with ThreadPoolExecutor(min(os.cpu_count() or 1, _MOST_WORKERS), "ocr") as pool:
        yield from pool.map(work, pages)


@lru_cache(maxsize=4)
def _installed(command: str) -> frozenset[str]:
    """The languages that tesseract has data for."""
    try:
        done = subprocess.run(  # noqa: S603 - found on PATH
            [command, "--list-langs"], capture_output=True, text=True, timeout=_LIST_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        _logger.warning("%s cannot be used: %s", command, error)
        return frozenset()
    return frozenset(line.strip() for line in done.stdout.splitlines()[1:] if line.strip())


def _grey_map(image: Image) -> bytes:
    """The image as PGM, which costs no time to pack."""
    buffer = BytesIO()
    image.convert("L").save(buffer, "PPM")
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class _Word:
    """A row of tesseract's table."""

    paragraph: tuple[str, ...]
    line: str
    height: int
    confidence: float
    text: str


def _lines(table: str) -> Iterator[RecognisedLine]:
    words = list(_words(table))
    usual = median(word.height for word in words) if words else 0
    paragraph: tuple[str, ...] = ()
    for (place, _), group in groupby(words, key=lambda word: (word.paragraph, word.line)):
        line = list(group)
        if fmean(word.confidence for word in line) < _LEAST_CONFIDENCE:
            continue
        large = median(word.height for word in line) >= _HEADING_HEIGHT * usual
        yield RecognisedLine(" ".join(word.text for word in line), place != paragraph, large)
        paragraph = place


def _words(table: str) -> Iterator[_Word]:
    """Columns: level, page, block, paragraph, line, word, left, top, width, height, confidence, text."""
    for row in table.splitlines():
        cells: Sequence[str] = row.split("\t")
        if len(cells) == 12 and cells[0] == _WORD_LEVEL and (text := cells[11].strip()):
            yield _Word(tuple(cells[1:4]), cells[4], int(cells[9]), float(cells[10]), text)
