"""Marks in the HTML of two answers the words that only one of them has.

The answers stay as they look, with headings, tables and links to their sources: only their own words are
compared, which stand within `d-answer` or `d-refusal`, and none of the signs that the page adds to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from app.worddiff import likeness, word_diff

if TYPE_CHECKING:
    from app.ui.texts import Texts
    from app.worddiff import Part

_COMPARED = {"d-answer", "d-refusal"}
_SIGNS = {"d-mark", "d-doubt", "d-unseen"}
_BLOCKS = frozenset(
    {"blockquote", "br", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p"}
    | {"pre", "table", "td", "th", "tr", "ul"}
)
_EDGES = re.compile(r"([\s.,;:!?]*)(.*?)\s*", re.DOTALL)
_VOID = {"br", "hr", "img", "input", "wbr"}


@dataclass(frozen=True, slots=True)
class Compared:
    """Two answers as HTML with what differs marked.

    Attributes:
        likeness: share of the words that both have in the same order, in [0, 1]; None without any.
    """

    left: str
    right: str
    likeness: float | None


def compared(left: str, right: str, say: Texts) -> Compared:
    """Both with the words marked that the other does not have; the HTML is our own, of any kind."""
    ours, theirs = _pieces(left), _pieces(right)
    before, after = _words(ours), _words(theirs)
    parts = word_diff(before, after)
    return Compared(
        left=_marked(ours, list(_only(parts, "removed")), say),
        right=_marked(theirs, list(_only(parts, "added")), say),
        likeness=likeness(before, after) if before.strip() or after.strip() else None,
    )


# -- the words in a piece of HTML --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Piece:
    """A tag, or text between tags.

    Attributes:
        words: what is compared of it; a tag that begins a block parts words, and is a line break here.
    """

    html: str
    words: str = ""
    is_text: bool = False


class _Reader(HTMLParser):
    """Cuts HTML into pieces; knows whether it stands in an answer, and in a sign of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[_Piece] = []
        self._open: list[set[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self._open.append(set((dict(attrs).get("class") or "").split()))
        self._add_tag(tag, self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        self._add_tag(tag, f"</{tag}>")
        if tag not in _VOID and self._open:
            self._open.pop()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._add_tag(tag, self.get_starttag_text() or "")

    def handle_data(self, data: str) -> None:
        self.pieces.append(_Piece(escape(data), data if self._is_compared else "", is_text=True))

    def _add_tag(self, tag: str, html: str) -> None:
        self.pieces.append(_Piece(html, "\n" if tag in _BLOCKS and self._is_compared else ""))

    @property
    def _is_compared(self) -> bool:
        classes = set().union(*self._open)
        return bool(classes & _COMPARED) and not classes & _SIGNS


def _pieces(html: str) -> list[_Piece]:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.pieces


def _words(pieces: list[_Piece]) -> str:
    return "".join(piece.words for piece in pieces)


# -- marking -------------------------------------------------------------------------------------------------


def _only(parts: list[Part], kind: str) -> Iterator[tuple[int, int]]:
    """Where in the words of one side stands what the other side does not have."""
    at = 0
    for part in parts:
        if part.kind in ("same", kind):
            if part.kind == kind and part.text.strip():
                yield at, at + len(part.text)
            at += len(part.text)


def _marked(pieces: list[_Piece], ranges: list[tuple[int, int]], say: Texts) -> str:
    said = f'<span class="d-unseen">{say.html("compare.only_here")} </span>'
    out, at = [], 0
    for piece in pieces:
        end = at + len(piece.words)
        inside = [(max(one - at, 0), other - at) for one, other in ranges if one < end and other > at]
        is_changed = piece.is_text and piece.words and inside
        out.append(_with_marks(piece.words, inside, said) if is_changed else piece.html)
        at = end
    return "".join(out)


def _with_marks(text: str, ranges: list[tuple[int, int]], said: str) -> str:
    """Without blanks at the edges of a mark, and without marks around signs alone."""
    out, at = "", 0
    for start, end in ranges:
        changed = _EDGES.fullmatch(text[start:end])
        before, words = changed.groups() if changed else ("", "")
        if re.search(r"\w", words):
            out += escape(text[at:start] + before) + f'<mark class="d-only">{said}{escape(words)}</mark>'
            at = start + len(before) + len(words)
    return out + escape(text[at:])
