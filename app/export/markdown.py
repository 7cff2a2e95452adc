"""Exports as Markdown with GitHub's footnotes. All text is escaped: it reads as it is, and nothing acts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from app.export.blocks import (
    SIGNS,
    Block,
    Code,
    Document,
    Flag,
    Heading,
    Inline,
    Inlines,
    Item,
    Paragraph,
    Ref,
    Table,
    Text,
)

# What means something wherever it stands. `_` does so only at the edge of a word, `&` before the name of a
# letter, "!" before a mark, and ":" and "." in addresses, of which many readers make links by themselves.
_SIGNS = re.compile(
    r"[\\`*\[\]<>|~$]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)|!$|:(?=//)|(?<=\bmailto):|(?<=\bwww)\.",
    re.IGNORECASE,
)
# What would begin a block, or the text of a footnote, where it begins a line. The sign that must not be
# read is the last one.
_BEGINS = re.compile(r"[#+=-]|:(?=-)|\d{1,9}[.)]|\[\^\d+\]:")
_EDGES = re.compile(r"([\W_]*)(.*?)([\W_]*)", re.DOTALL)
_BACKTICKS = re.compile("`+")

_STYLES: Mapping[str, str] = {"strike": "~~", "italic": "*", "bold": "**"}

_STEP = 4
"""Columns by which a list is moved in: the sign of an item and the blanks behind it."""


def write(document: Document) -> bytes:
    """UTF-8, with "\\n" as its line ends."""
    parts = [f"# {_heading((Text(document.title),))}", "  \n".join(map(_line, document.facts))]
    before: Block | None = None
    for block in document.blocks:
        if isinstance(block, Item) and isinstance(before, Item) and not (block.first and block.level == 1):
            parts[-1] += f"\n{_block(block)}"
        else:
            parts.append(_block(block))
        before = block
    parts += [f"[^{note.n}]: {_said(note.inlines)}" for note in document.notes]
    return "\n\n".join([*filter(None, parts), ""]).rstrip("\n").encode() + b"\n"


# -- blocks ----------------------------------------------------------------------------------------------


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * min(block.level + 1, 6)} {_heading(block.inlines)}"
    if isinstance(block, Code):
        return _indented(_fenced(block.text), block.level)
    if isinstance(block, Table):
        return _table(block)
    return _item(block) if isinstance(block, Item) else _paragraph(block)


def _heading(inlines: Inlines) -> str:
    return re.sub("#+$", r"\\\g<0>", _in_one_line(_said(inlines)))


def _paragraph(block: Paragraph) -> str:
    if block.kind == "facts":
        return _said(tuple(replace(part, italic=True) for part in block.inlines if isinstance(part, Text)))
    text = _said(block.inlines)
    if block.kind in {"quote", "note"}:
        text = "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
    return _indented(text, block.level)


def _item(item: Item) -> str:
    sign = "-" if item.number is None else f"{min(item.number, 999_999_999)}."
    text = _said(item.inlines).replace("\n", "\n" + " " * _STEP)
    return _indented(f"{sign.ljust(_STEP - 1)} {text}".rstrip(), item.level - 1)


def _indented(text: str, level: int) -> str:
    return "\n".join(" " * _STEP * level + line if line else line for line in text.split("\n"))


def _fenced(text: str) -> str:
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}\n{text}\n{fence}"


def _table(table: Table) -> str:
    head, *rows = ([_cell(cell) for cell in row] for row in table.rows)
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


def _cell(inlines: Inlines) -> str:
    """Within a table, code needs its bars escaped, too."""
    return _in_one_line(_said([_without_bars(part) for part in inlines]))


def _without_bars(part: Inline) -> Inline:
    if isinstance(part, Text) and part.code:
        return replace(part, text=part.text.replace("|", "\\|"))
    return part


# -- lines -----------------------------------------------------------------------------------------------


def _said(inlines: Sequence[Inline]) -> str:
    """The lines of a paragraph, each ended by a backslash, which is Markdown's line end."""
    text = "".join(_inline(part) for part in inlines).strip("\n")
    return "\\\n".join(_line_start(line.lstrip(" \t")) for line in text.split("\n"))


def _in_one_line(text: str) -> str:
    return text.replace("\\\n", " ")


def _line(text: str) -> str:
    return _line_start(_escaped(text))


def _line_start(line: str) -> str:
    found = _BEGINS.match(line)
    return f"{line[: found.end() - 1]}\\{line[found.end() - 1 :]}" if found else line


def _inline(part: Inline) -> str:
    if isinstance(part, Text):
        return _code(part.text) if part.code else "".join(_styled(part))
    if isinstance(part, Ref):
        return f"[^{part.n}]"
    return f" {SIGNS[part.support]}" if isinstance(part, Flag) else "\n"


def _styled(part: Text) -> Iterator[str]:
    """Style begins and ends at a letter: beside other signs many readers would not see it begin or end."""
    edges = _EDGES.fullmatch(part.text)
    assert edges  # noqa: S101 - it matches any text
    signs = "".join(sign for name, sign in _STYLES.items() if getattr(part, name)) if edges[2] else ""
    if not signs:
        yield _escaped(part.text)
        return
    lines = edges[2].split("\n")  # style ends with its line
    said = "\n".join(f"{signs}{_escaped(line)}{signs[::-1]}" if line.strip() else line for line in lines)
    yield from (_escaped(edges[1]), said, _escaped(edges[3]))


def _escaped(text: str) -> str:
    return _SIGNS.sub(r"\\\g<0>", text)


def _code(text: str) -> str:
    flat = text.replace("\n", " ")
    ticks = "`" * (_longest_run(flat) + 1)
    room = " " if flat.startswith(("`", " ")) or flat.endswith(("`", " ")) else ""
    return f"{ticks}{room}{flat}{room}{ticks}" if flat.strip() else flat


def _longest_run(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)
