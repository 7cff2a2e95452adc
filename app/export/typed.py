"""A typed answer as blocks: a list of alike objects as a table, the rest as fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.export.blocks import Block, Inlines, Item, Paragraph, Table, Text
from app.export.notes import Marks
from app.export.reading import read
from app.export.words import Words

_NOTHING = (Text("–"),)


def fields(typed: Mapping[str, Any], marks: Marks, words: Words) -> tuple[Block, ...]:
    """The object field by field, except for the numbers of its citations, which are marks."""
    return tuple(_Fields(marks, words).object(typed))


class _Fields:
    def __init__(self, marks: Marks, words: Words) -> None:
        self._marks = marks
        self._words = words

    def object(self, value: Mapping[str, Any]) -> Iterator[Block]:
        shown = {str(name): part for name, part in value.items() if name != "citations"}
        for name, part in shown.items():
            if _is_scalar(part):
                yield from self._named(name, part)
            else:
                if len(shown) > 1:  # a wrapper around one list says nothing by its own name
                    yield Paragraph((self._name(name),))
                yield from self._many(part)

    def _named(self, name: str, value: Any) -> Iterator[Block]:
        first, *rest = self._words_of(value)
        yield Paragraph((self._name(name, ": "), *_inlines(first)))
        yield from rest

    def _many(self, value: Any) -> Iterator[Block]:
        if isinstance(value, Mapping):
            yield from self.object(value)
        elif value and all(isinstance(item, Mapping) for item in value):
            yield self._table(value)
        else:
            for i, item in enumerate(value):
                yield Item(self._cell(item), 1, first=i == 0)
            if not value:
                yield Paragraph(_NOTHING)

    def _table(self, items: Sequence[Mapping[str, Any]]) -> Table:
        names = list(dict.fromkeys(str(name) for item in items for name in item if name != "citations"))
        head = tuple((self._name(name),) for name in names)
        rows = (tuple(self._cell(item.get(name)) for name in names) for item in items)
        return Table((head, *rows))

    def _cell(self, value: Any) -> Inlines:
        """A value in one line; parts of a list are set apart by semicolons."""
        if isinstance(value, Mapping):
            parts = [(self._name(str(name), ": "), *self._cell(part)) for name, part in value.items()]
        elif isinstance(value, list):
            parts = [self._cell(part) for part in value]
        else:
            parts = [_inlines(block) for block in self._words_of(value)]
        joint = (Text("; "),)
        return sum((part if i == 0 else joint + part for i, part in enumerate(parts)), ()) or _NOTHING

    def _words_of(self, value: Any) -> tuple[Block, ...]:
        if isinstance(value, bool):
            value = self._words("yes" if value else "no")
        said = "" if value is None else str(value)
        return read(said, self._marks) or (Paragraph(_NOTHING),)

    def _name(self, field: str, end: str = "") -> Text:
        return Text(self._words.field(field) + end, bold=True)


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, Mapping | list)


def _inlines(block: Block) -> Inlines:
    return getattr(block, "inlines", (Text(getattr(block, "text", "")),))
