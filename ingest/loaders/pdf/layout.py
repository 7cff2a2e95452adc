"""From the lines of PDF pages to blocks: furniture out, words mended, paragraphs joined, headings ranked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from app.language import is_hangul
from app.sentences import sentence_spans
from ingest.loaders.base import Block, markdown_table, one_line
from ingest.loaders.pdf.entries import has_value, is_entry, parted
from ingest.loaders.pdf.furniture import furniture, is_furniture, key
from ingest.loaders.pdf.line import Line, Rows
from ingest.loaders.pdf.mending import BREAK, mended

Outline = Mapping[int, Mapping[str, int]]
"""Page index -> `outline_key` of a heading -> its level from 1."""

BULLET = re.compile(
    r"(?:[•·▪▫◦‣∙○●■□◆▶\uf0b7\uf0a7]|[-–—*](?=\s)|\(?\d{1,2}[.)](?=\s)|\(\d{1,2}\)|[①-⑳])\s*\S"
)
_NUMBER = re.compile(r"^(?:제\d+[편장절관조]|(?:chapter|section)\d+|[\divx]+(?=\.))?[\d.):·-]*")
_FULL_STOP = re.compile(r"[.!?。:;…][\"'”’)\]」』]*$")
_DIRT = str.maketrans(
    {
        "\xa0": " ",
        "\xad": None,
        "\ufffe": BREAK,
        "\uffff": None,
        "\ufeff": None,
        "\u200b": None,
        "\uf0b7": "•",
    }
    | {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
    | {code: None for code in range(32) if chr(code) not in f"\n\t{BREAK}"}
)

_LONGEST_HEADING = 160
_LONGEST_TITLE = 200
# So many characters tell the beginning of a heading from a word that happens to begin one, too.
_TELLING = 8
# Above this share of "headings" the type of the file tells nothing.
_MOST_HEADINGS = 0.4
# Distance of two lines in multiples of the usual one from which a new paragraph begins.
_PARAGRAPH_GAP = 1.3


def outline_key(text: str) -> str:
    """What a heading and its bookmark share, which may lack the number."""
    whole = key(text)
    return _NUMBER.sub("", whole) or whole


def page_title(pages: Sequence[Sequence[Line]]) -> str:
    """The title on the first page: its lines down to the last that is clearly larger than the body's."""
    lines = next(filter(None, pages), [])
    body = _body_style(pages)[0]
    largest = max((line.size for line in lines[:12]), default=0.0)
    large = [line for line in lines[:12] if line.size >= max(1.25 * body, 0.65 * largest)]
    title = one_line(" ".join(line.text.translate(_DIRT) for line in large))
    return title.replace(BREAK, "-") if len(title) <= _LONGEST_TITLE else ""


def document_blocks(pages: Sequence[Sequence[Line]], outline: Outline) -> list[Block]:
    """Blocks in reading order, each with the 1-based page on which it begins."""
    prose = [[line for line in lines if not line.rows] for lines in pages]
    levels = _heading_levels(prose)
    repeated = furniture(pages)
    gap = _usual_gap(prose)
    glue = _wraps_leave_blanks(prose)
    blocks: list[Block] = []
    above: Line | None = None
    for index, lines in enumerate(pages):
        kept = [line for place, line in enumerate(lines) if not is_furniture(repeated, lines, place)]
        if kept:
            kept[0] = _headed(kept[0], above)
            above = kept[-1]
        found = list(_page_blocks(kept, index + 1, levels, outline.get(index, {}), gap, glue))
        _carry_over(blocks, found)
        blocks.extend(found)
    return mended(blocks)


def _body_style(pages: Sequence[Sequence[Line]]) -> tuple[float, bool]:
    weights: Counter[tuple[float, bool]] = Counter()
    for lines in pages:
        for line in lines:
            weights[line.style] += len(line.text)
    return max(weights, key=lambda style: weights[style], default=(0.0, False))


def _heading_levels(pages: Sequence[Sequence[Line]]) -> dict[tuple[float, bool], int]:
    """Styles that headings are set in, the largest as level 1."""
    size, bold = _body_style(pages)
    lines = [line for page in pages for line in page]
    styles = Counter(
        line.style
        for line in lines
        if line.size >= 1.12 * size or (line.bold and not bold and line.size >= 0.95 * size)
    )
    if sum(styles.values()) > _MOST_HEADINGS * len(lines):
        return {}
    return {style: min(rank, 6) for rank, style in enumerate(sorted(styles, reverse=True), 1)}


def _usual_gap(pages: Sequence[Sequence[Line]]) -> float:
    """Distance of two lines inside a paragraph, in multiples of the type's size."""
    gaps = [
        (above.bottom - below.top) / above.size
        for lines in pages
        for above, below in pairwise(lines)
        if above.style == below.style and 0.8 * above.size < above.bottom - below.top < 3 * above.size
    ]
    return median(gaps) if gaps else 1.3


def _wraps_leave_blanks(pages: Sequence[Sequence[Line]]) -> bool:
    """Whether wrapped Hangul lines keep their blank; then one without it goes on inside a word."""
    wrapped = [line.spaced for lines in pages for line in lines if is_hangul(line.text[-1])]
    return sum(wrapped) >= 0.2 * len(wrapped) > 0


def _headed(line: Line, above: Line | None) -> Line:
    """A table at the top of a page with the header of the one that it goes on with, if it does."""
    if above is None or not (line.rows and above.rows) or line.rows[0] == above.rows[0]:
        return line
    same = len(line.rows[0]) == len(above.rows[0]) and abs(line.left - above.left) < line.size
    return replace(line, rows=(above.rows[0], *line.rows)) if same else line


def _page_blocks(
    lines: Sequence[Line],
    page: int,
    levels: Mapping[tuple[float, bool], int],
    outline: Mapping[str, int],
    gap: float,
    glue: bool,
) -> Iterator[Block]:
    group: list[Line] = []
    for line in lines:
        if group and _begins(group, line, levels, outline, gap):
            yield _block(group, page, levels, outline, glue)
            group = []
        group.append(line)
    if group:
        yield _block(group, page, levels, outline, glue)


def _begins(
    group: Sequence[Line],
    line: Line,
    levels: Mapping[tuple[float, bool], int],
    outline: Mapping[str, int],
    gap: float,
) -> bool:
    """Whether `line` begins a new block below `group`."""
    above = group[-1]
    if above.rows or line.rows:
        return True
    heading = _is_heading(above, levels)
    if heading != _is_heading(line, levels) or (heading and above.style != line.style):
        return True
    if outline and (continued := _outlined(outline, group, line)) is not None:
        return not continued
    distance = above.bottom - line.top
    if distance > _PARAGRAPH_GAP * gap * above.size or distance < -0.5 * above.size:
        return True
    if BULLET.match(line.text) and not heading:
        return True
    indented = line.left > group[0].left + above.size and not BULLET.match(group[0].text)
    return indented and bool(_FULL_STOP.search(above.text))


def _is_heading(line: Line, levels: Mapping[tuple[float, bool], int]) -> bool:
    return line.style in levels and not has_value(line.text)


def _outlined(outline: Mapping[str, int], group: Sequence[Line], line: Line) -> bool | None:
    """Whether `line` goes on with a heading of the outline; None where neither is part of one."""
    text = " ".join(part.text for part in group)
    both, below = outline_key(f"{text} {line.text}"), outline_key(line.text)
    if any(name.startswith(both) for name in outline):
        return True
    begins = below in outline or (len(below) >= _TELLING and any(name.startswith(below) for name in outline))
    return False if begins or outline_key(text) in outline else None


def _block(
    group: Sequence[Line],
    page: int,
    levels: Mapping[tuple[float, bool], int],
    outline: Mapping[str, int],
    glue: bool,
) -> Block:
    if group[0].rows:
        return Block(_table(group[0].rows, glue), "table", page=page)
    text = _joined(
        [(line.text if BULLET.match(line.text) else parted(line), line.spaced) for line in group], glue
    )
    level = outline.get(outline_key(text), 0) if outline else 0
    is_heading = len(text) <= _LONGEST_HEADING and _is_heading(group[0], levels)
    level = level or (levels[group[0].style] if is_heading else 0)
    if level and any(character.isalpha() for character in text):
        return Block(text, "heading", level, page)
    return Block(text, "list" if BULLET.match(text) else "text", page=page)


def _table(rows: Rows, glue: bool) -> str:
    return markdown_table(
        [_cell(cell, glue).replace(BREAK, "-").replace("-\n", "-") for cell in row] for row in rows
    )


def _cell(text: str, glue: bool) -> str:
    lines = [(line.strip(), line.endswith(" ")) for line in text.split("\n") if line.strip()]
    return _joined(lines, glue) if lines else ""


def _joined(lines: Sequence[tuple[str, bool]], glue: bool) -> str:
    """Lines of a paragraph, each with whether a blank follows it, as one."""
    text = lines[0][0]
    for (above, spaced), (line, _) in pairwise(lines):
        text += _between(above, line, glue and not spaced) + line
    return text.translate(_DIRT).strip()


def _between(above: str, below: str, glue: bool) -> str:
    """What joins two lines: a blank, nothing inside a word or a script without blanks, or a line's end."""
    last, first = above[-1], below[0]
    if is_entry(below) or has_value(above) or "\t" in above + below:
        return "\n"
    if last == "-" and above[-2:-1].isalpha() and first.isalpha():
        return "\n"
    if glue and is_hangul(last) and is_hangul(first):
        return ""
    return "" if "\u3040" <= last <= "\u9fff" and "\u3040" <= first <= "\u9fff" else " "


def _carry_over(blocks: list[Block], found: list[Block]) -> None:
    """Bring the end of a sentence that a page break divided back to the page where it begins."""
    if not (blocks and found and blocks[-1].kind in ("text", "list") and found[0].kind == "text"):
        return
    last, first = blocks[-1], found[0]
    if (
        _FULL_STOP.search(last.text)
        or len(last.text) < 40
        or not first.text[0].isalnum()
        or first.text[0].isupper()
    ):
        return
    start, end = sentence_spans(first.text)[0]
    blocks[-1] = replace(last, text=f"{last.text} {first.text[start:end]}")
    rest = first.text[end:].strip()
    found[:1] = [replace(first, text=rest)] if rest else []
