"""What chunking needs and gives: a counter of tokens, and passages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from app.schemas import PageTurns


class TokenCounter(Protocol):
    """The part of an embedding model that chunking needs."""

    @property
    def max_tokens(self) -> int: ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]: ...


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk before it has an id.

    Attributes:
        text: as it stands in the document, without title and headings (those inside a joined passage stay).
        page: on which it begins.
        headings: outermost first.
        page_turns: where in the text further pages begin.
        page_label: what is printed on its pages ("iv", "iv–v"), where that is not their numbers.
        lines: first and last line of the file, or row of the sheet.
        context: title and headings as far as they fit; see `embedding_text`.
    """

    text: str
    page: int | None
    headings: tuple[str, ...]
    context: str
    page_turns: PageTurns = ()
    page_label: str | None = None
    lines: tuple[int, int] | None = None

    @property
    def page_end(self) -> int | None:
        """The page on which it ends, where that is another one."""
        return self.page_turns[-1][1] if self.page_turns else None

    def part(self, start: int, end: int) -> Passage:
        """What stands between two places of the text, without blanks around it."""
        text = self.text[start:end]
        start += len(text) - len(text.lstrip())
        text = text.strip()
        page = next((page for at, page in reversed(self.page_turns) if at <= start), self.page)
        turns = tuple(
            (at - start, number) for at, number in self.page_turns if start < at < start + len(text)
        )
        return replace(self, text=text, page=page, page_turns=turns)

    @property
    def embedding_text(self) -> str:
        return embedding_text(self.context, self.text)


def page_label(labels: Sequence[str], page: int | None, end: int | None) -> str | None:
    """What is printed on the pages from `page` to `end`; None where that is just their numbers."""
    pages = [number for number in (page, end) if number is not None]
    if not labels or not pages:
        return None
    printed = [_printed(labels, number) for number in pages]
    return None if printed == [str(number) for number in pages] else "–".join(dict.fromkeys(printed))


def _printed(labels: Sequence[str], page: int) -> str:
    label = labels[page - 1].strip() if 0 < page <= len(labels) else ""
    return label or str(page)


def embedding_text(context: str, text: str) -> str:
    """What the embedding model and the keyword index see of a passage."""
    return f"{context}\n\n{text}" if context else text
