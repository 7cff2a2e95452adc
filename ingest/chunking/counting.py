"""Tokens, counted in batches, and the title and headings that go with each passage."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.chunking.passage import TokenCounter
from ingest.loaders.base import SourceDocument

# Characters that a token stands for at most, in the budget's eyes.
_LONGEST_TOKEN = 16

_SEPARATOR = " > "


class Counter:
    """Tokens without the special ones, asked for in batches.

    Some tokenizers call a word of any length one unknown token; a passage must not grow without end by that.
    """

    def __init__(self, model: TokenCounter) -> None:
        self._model = model
        self.overhead = model.count_tokens([""])[0]

    def __call__(self, texts: Sequence[str]) -> list[int]:
        counts = self._model.count_tokens(texts) if texts else []
        return [
            max(count - self.overhead, len(text) // _LONGEST_TOKEN)
            for text, count in zip(texts, counts, strict=True)
        ]


class Contexts:
    """Title and heading paths in `budget` tokens; outer headings give way first, and what the title says."""

    def __init__(self, document: SourceDocument, counter: Counter, budget: int) -> None:
        self._counter = counter
        self._budget = budget
        headings = sorted({block.text for block in document.blocks if block.kind == "heading"})
        self._counts = dict(zip(headings, counter(headings), strict=True))
        self.title = self._cut(document.title, budget // 2 if headings else budget)
        self._title_tokens = counter([self.title])[0] if self.title else 0
        self._known: dict[tuple[str, ...], tuple[str, int]] = {}

    def text(self, headings: tuple[str, ...]) -> str:
        return self._context(headings)[0]

    def tokens(self, headings: tuple[str, ...]) -> int:
        return self._context(headings)[1]

    def heading_tokens(self, heading: str) -> int:
        return self._counts.get(heading, 0)

    def _context(self, headings: tuple[str, ...]) -> tuple[str, int]:
        if headings not in self._known:
            self._known[headings] = self._make(headings)
        return self._known[headings]

    def _make(self, headings: tuple[str, ...]) -> tuple[str, int]:
        left = self._budget - self._title_tokens
        kept: list[str] = []
        for heading in reversed(headings):
            if self._counts[heading] + 1 > left:
                break
            if heading.lower() not in self.title.lower():
                kept.insert(0, heading)
                left -= self._counts[heading] + 1
        if headings and not kept and headings[-1].lower() not in self.title.lower():
            kept = [self._cut(headings[-1], left - 1)]
        lines = [line for line in (self.title, _SEPARATOR.join(filter(None, kept))) if line]
        text = "\n".join(lines)
        return text, self._counter([text])[0] if text else 0

    def _cut(self, text: str, budget: int) -> str:
        """The first words, or characters, of `text` that fit into `budget` tokens."""
        while text and (count := self._counter([text])[0]) > budget:
            shorter = text[: min(len(text) - 1, max(0, len(text) * budget // count))]
            text = (shorter.rpartition(" ")[0] or shorter).rstrip()
        return text
