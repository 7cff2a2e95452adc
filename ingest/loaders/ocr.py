"""Text in images, by tesseract: a program of its own, called for each page with a limit on its time."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from itertools import groupby, pairwise
from statistics import fmean, median
from typing import TYPE_CHECKING, NamedTuple, TypeVar

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
# A gap between words this much wider than they are high parts columns of a table.
_WIDE_GAP = 2.0
_WORD_LEVEL = "5"
_TABLE_WIDTH = 12
# Tesseract's page segmentation mode that finds the most of a page with tables; it reads across columns.
_ONE_COLUMN = "4"
# Lines that fill this share of the print's width tell whether it is set in columns ...
_WIDE, _LEAST_WIDE = 0.7, 6
# ... if most of them have a blank at the same place near the middle, and so many words on each side.
_GUTTERS = [0.4 + 0.01 * step for step in range(21)]
_MOST_PARTED, _PROSE_WORDS = 0.6, 4
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
        """The lines of print in an image, in reading order; none where tesseract fails or takes too long."""
        grey = image.convert("L")
        lines, gutter = self._read(grey)
        if gutter is None:
            return lines
        width, height = grey.size
        columns = [grey.crop((0, 0, gutter, height)), grey.crop((gutter, 0, width, height))]
        return [line for column in columns for line in self._read(column)[0]]

    def _read(self, grey: Image) -> tuple[list[RecognisedLine], int | None]:
        """The lines, and if they run through two columns of text, the place between these in pixels."""
        command = [self.command, "stdin", "stdout", "-l", self.languages, "--dpi", str(DPI)]
        try:
            done = subprocess.run(  # noqa: S603 - found on PATH; no shell, and nothing of a document in it
                [*command, "--psm", _ONE_COLUMN, "txt", "tsv"],
                input=_grey_map(grey),
                capture_output=True,
                timeout=_PAGE_SECONDS,
                check=False,
                # One thread each: pages side by side are faster than threads that wait for each other.
                env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            _logger.warning("tesseract gave up on a page: %s", error)
            return [], None
        if done.returncode:
            _logger.warning("tesseract: %s", done.stderr.decode(errors="replace").strip()[:300])
        # Both come one after the other, in an order that the version decides.
        told = [line.split("\t") for line in done.stdout.decode("utf-8", "replace").splitlines()]
        rows = _table_lines([line for line in told if len(line) == _TABLE_WIDTH])
        text = [" ".join(line) for line in told if len(line) != _TABLE_WIDTH]
        return list(_lines(text, rows)), _gutter(rows)


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
    """`work` for each page, as many at once as there are cores; none begun when the file's time is over."""
    end = time.monotonic() + read_options().ocr_seconds

    def in_time(page: T) -> list[RecognisedLine]:
        return work(page) if time.monotonic() < end else []

    with ThreadPoolExecutor(min(os.cpu_count() or 1, _MOST_WORKERS), "ocr") as pool:
        yield from pool.map(in_time, pages)


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


def _grey_map(grey: Image) -> bytes:
    """The image as PGM, which costs no time to pack."""
    buffer = BytesIO()
    grey.save(buffer, "PPM")
    return buffer.getvalue()


class _Row(NamedTuple):
    """A line of tesseract's table: its letters without blanks, and what its words measure.

    Attributes:
        height: of most words, in pixels.
        confidence: mean, in percent.
        spans: left and right edge of each word, in pixels.
    """

    letters: str
    height: float
    confidence: float
    spans: list[tuple[int, int]]


def _lines(text: Sequence[str], rows: Sequence[_Row]) -> Iterator[RecognisedLine]:
    """The text, in which words are whole, without the lines that the table is not sure of."""
    known = {row.letters: row for row in rows}
    usual = median(row.height for row in rows) if rows else 0.0
    opens, in_table = True, False
    for line in text:
        words = " ".join(line.split())
        row = known.get(words.replace(" ", ""))
        if not words:
            opens = True
        elif row is None or row.confidence >= _LEAST_CONFIDENCE:
            large = row is not None and row.height >= _HEADING_HEIGHT * usual
            gaps = row is not None and _has_wide_gaps(row)
            yield RecognisedLine(words, opens or gaps or in_table, large)
            opens, in_table = False, gaps


def _table_lines(table: Sequence[Sequence[str]]) -> list[_Row]:
    """Columns: level, page, block, paragraph, line, word, left, top, width, height, confidence, text."""
    words = [row for row in table if row[0] == _WORD_LEVEL and row[11].strip()]
    rows = []
    for _, group in groupby(words, key=lambda row: row[2:5]):
        line = list(group)
        rows.append(
            _Row(
                "".join("".join(row[11].split()) for row in line),
                median(int(row[9]) for row in line),
                fmean(float(row[10]) for row in line),
                [(int(row[6]), int(row[6]) + int(row[8])) for row in line],
            )
        )
    return rows


def _has_wide_gaps(row: _Row) -> bool:
    """Whether the line looks like a row of a table, which stands for itself."""
    return any(after[0] - before[1] > _WIDE_GAP * row.height for before, after in pairwise(row.spans))


def _gutter(rows: Sequence[_Row]) -> int | None:
    """The place that parts most of the wide lines into two columns of prose, if there is one."""
    left = min((row.spans[0][0] for row in rows), default=0)
    right = max((row.spans[-1][1] for row in rows), default=0)
    wide = [row.spans for row in rows if row.spans[-1][1] - row.spans[0][0] > _WIDE * (right - left)]
    if len(wide) < _LEAST_WIDE:
        return None
    places = [round(left + share * (right - left)) for share in _GUTTERS]
    parted = {place: sum(_parts_at(spans, place) for spans in wide) for place in places}
    best = max(places, key=lambda place: parted[place])
    equals = [place for place in places if parted[place] == parted[best]]
    return equals[len(equals) // 2] if parted[best] >= _MOST_PARTED * len(wide) else None


def _parts_at(spans: Sequence[tuple[int, int]], place: float) -> bool:
    """Whether there are words on both sides of a place, and none on it."""
    before = sum(end < place for _, end in spans)
    after = sum(start > place for start, _ in spans)
    return min(before, after) >= _PROSE_WORDS and before + after == len(spans)
