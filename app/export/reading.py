"""The Markdown of an answer as blocks.

Whatever wrote it may have been told by a hostile document what to write: HTML stays text, an image shows
its description, and a link its text, each with the address in letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from app.export.blocks import Block, Break, Code, Heading, Inline, Inlines, Item, Paragraph, Table, Text
from app.export.cleaning import clean

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

    from app.export.notes import Marks

_MARK = re.compile(r"[\[【](\d{1,3}(?:\s*,\s*\d{1,3})*)[\]】]")
_DEEPEST_HEADING = 6

# Tokens that switch a style on and off -> the field of `Text`.
_STYLES: Mapping[str, str] = {"strong": "bold", "em": "italic", "s": "strike"}


def read(text: str, marks: Marks, *, below: int = 0) -> tuple[Block, ...]:
    """The blocks of `text`; its marks `[n]` with n in `marks` point to their footnotes.

    Args:
        below: the level of the heading that it stands under; 0: the title of the document.
    """
    tokens = _parser().parse(clean(text), {"marks": marks})
    return tuple(_Reader(tokens, marks, below).blocks())


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "linkify": False})
    parser.enable(["table", "strikethrough"]).disable(["reference", "html_block", "html_inline", "entity"])
    parser.inline.ruler.before("link", "mark", _read_mark)
    parser.inline.ruler.before("text", "wide_mark", _read_mark)  # before it skips what it does not know
    return parser


def _read_mark(state: StateInline, silent: bool) -> bool:
    match = _MARK.match(state.src, state.pos)
    numbers = [int(number) for number in match[1].split(",")] if match else []
    if not match or not all(number in state.env["marks"] for number in numbers):
        return False
    if not silent:
        state.pending = state.pending.rstrip(" ")
        for number in numbers:
            state.push("mark", "", 0).meta = {"n": number}
    state.pos = match.end()
    return True


@dataclass
class _List:
    """A list that is open while its items are read."""

    number: int | None
    first: bool = True


class _Reader:
    def __init__(self, tokens: Sequence[Token], marks: Marks, below: int) -> None:
        self._tokens = iter(tokens)
        self._marks = marks
        # The answer's own highest heading comes just below the one that it stands under.
        highest = min((int(token.tag[1:]) for token in tokens if token.type == "heading_open"), default=1)
        self._shift = below + 1 - highest
        self._lists: list[_List] = []
        self._quotes = 0
        self._begins_item = False

    def blocks(self) -> Iterator[Block]:
        for token in self._tokens:
            if token.type.endswith("_list_open"):
                start = token.attrGet("start")
                self._lists.append(_List(int(start or 1) if token.type.startswith("ordered") else None))
            elif token.type.endswith("_list_close"):
                self._lists.pop()
            elif token.type == "list_item_open":
                self._begins_item = True
            elif token.type == "list_item_close" and self._begins_item:
                yield self._item(())
            elif token.type in {"blockquote_open", "blockquote_close"}:
                self._quotes += token.nesting
            elif token.type == "heading_open":
                level = min(int(token.tag[1:]) + self._shift, _DEEPEST_HEADING)
                yield Heading(self._inlines(next(self._tokens)), level)
            elif token.type == "inline":
                yield self._paragraph(self._inlines(token))
            elif token.type in {"fence", "code_block"}:
                if self._begins_item:
                    yield self._item(())
                yield Code(token.content.rstrip("\n"), len(self._lists))
            elif token.type == "table_open":
                yield self._table()

    def _paragraph(self, inlines: Inlines) -> Block:
        if self._begins_item:
            return self._item(inlines)
        return Paragraph(inlines, "quote" if self._quotes else "text", len(self._lists))

    def _item(self, inlines: Inlines) -> Item:
        self._begins_item = False
        around = self._lists[-1]
        item = Item(inlines, len(self._lists), around.number, around.first)
        around.first = False
        around.number = None if around.number is None else around.number + 1
        return item

    def _table(self) -> Table:
        rows: list[list[Inlines]] = []
        for token in self._tokens:
            if token.type == "table_close":
                break
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(self._inlines(token))
        width = max(map(len, rows))
        return Table(tuple((*row, *[()] * (width - len(row))) for row in rows))

    def _inlines(self, token: Token) -> Inlines:
        return joined(self._spans(token.children or []))

    def _spans(self, tokens: Sequence[Token]) -> Iterator[Inline]:
        style = Text("")
        opening: list[tuple[str, int]] = []
        for i, token in enumerate(tokens):
            name = token.type.removesuffix("_open").removesuffix("_close")
            if name in _STYLES:
                style = replace(style, **{_STYLES[name]: token.nesting > 0})  # type: ignore[arg-type]
            elif token.type == "mark":
                yield self._marks.ref(token.meta["n"])
            elif token.type in {"softbreak", "hardbreak"}:
                yield Break()
            elif token.type == "image":
                yield replace(style, text=_with_address(token.content, token.attrGet("src")))
            elif token.type == "link_open":
                opening.append((str(token.attrGet("href") or ""), i))
            elif token.type == "link_close":
                address, begin = opening.pop()
                said = "".join(inside.content for inside in tokens[begin + 1 : i])
                yield replace(style, text=_with_address("", address) if said != address else "")
            else:
                yield replace(style, text=token.content, code=token.type == "code_inline")


def _with_address(text: str, address: object) -> str:
    return f"{text} ({clean(str(address or ''))})"


def joined(spans: Iterator[Inline]) -> Inlines:
    """Without empty texts, and with neighbours in one style as one."""
    found: list[Inline] = []
    for span in spans:
        last = found[-1] if found else None
        if not isinstance(span, Text):
            found.append(span)
        elif isinstance(last, Text) and replace(last, text=span.text) == span:
            found[-1] = replace(last, text=last.text + span.text)
        elif span.text:
            found.append(span)
    return tuple(found)
