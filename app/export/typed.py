"""A typed answer as blocks: a list of alike objects as a table, the rest as fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.export.blocks import Block, Inlines, Item, Paragraph, Table, Text
from app.export.cleaning import clean
from app.export.notes import Marks
from app.export.reading import read
from app.export.words import Words
from app.schemas import FieldEvidence
from prompts import reason_text

_NOTHING = (Text("–"),)


def fields(
    typed: Mapping[str, Any], marks: Marks, words: Words, evidence: Sequence[FieldEvidence] = ()
) -> tuple[Block, ...]:
    """The object field by field, except for the numbers of its citations, which are marks.

    Args:
        evidence: what each value stands on, which then has a mark of its own; null has its reason.
    """
    return tuple(_Fields(marks, words, {one.path: one for one in evidence}).object(typed, ""))


class _Fields:
    def __init__(self, marks: Marks, words: Words, evidence: Mapping[str, FieldEvidence]) -> None:
        self._marks = marks
        self._words = words
        self._evidence = evidence

    def object(self, value: Mapping[str, Any], path: str) -> Iterator[Block]:
        shown = {str(name): part for name, part in value.items() if self._is_shown(str(name))}
        for name, part in shown.items():
            if _is_scalar(part):
                yield from self._named(name, part, f"{path}{name}")
            else:
                if len(shown) > 1:  # a wrapper around one list says nothing by its own name
                    yield Paragraph((self._name(name),))
                yield from self._many(part, f"{path}{name}")

    def _is_shown(self, name: str) -> bool:
        return name != "citations" or bool(self._evidence)

    def _named(self, name: str, value: Any, path: str) -> Iterator[Block]:
        first, *rest = self._words_of(value, path)
        yield Paragraph((self._name(name, ": "), *_inlines(first)))
        yield from rest

    def _many(self, value: Any, path: str) -> Iterator[Block]:
        if isinstance(value, Mapping):
            yield from self.object(value, f"{path}.")
        elif value and all(isinstance(item, Mapping) for item in value):
            yield self._table(value, path)
        else:
            for i, item in enumerate(value):
                yield Item(self._cell(item, f"{path}.{i}"), 1, first=i == 0)
            if not value:
                yield Paragraph(self._nothing(path))

    def _table(self, items: Sequence[Mapping[str, Any]], path: str) -> Table:
        names = list(dict.fromkeys(str(name) for item in items for name in item if self._is_shown(str(name))))
        head = tuple((self._name(name),) for name in names)
        rows = (
            tuple(self._cell(item.get(name), f"{path}.{i}.{name}") for name in names)
            for i, item in enumerate(items)
        )
        return Table((head, *rows))

    def _cell(self, value: Any, path: str) -> Inlines:
        """A value in one line; parts of a list are set apart by semicolons."""
        if isinstance(value, Mapping):
            parts = [
                (self._name(str(name), ": "), *self._cell(part, f"{path}.{name}"))
                for name, part in value.items()
            ]
        elif isinstance(value, list):
            parts = [self._cell(part, f"{path}.{i}") for i, part in enumerate(value)]
        else:
            parts = [_inlines(block) for block in self._words_of(value, path)]
        joint = (Text("; "),)
        return sum((part if i == 0 else joint + part for i, part in enumerate(parts)), ()) or self._nothing(
            path
        )

    def _words_of(self, value: Any, path: str) -> tuple[Block, ...]:
        if isinstance(value, bool):
            value = self._words("yes" if value else "no")
        if value is None or value == "":
            return (Paragraph(self._nothing(path)),)
        if (proof := self._evidence.get(path)) is None:
            return read(str(value), self._marks) or (Paragraph(_NOTHING),)
        said = Text(
            clean(f"{value:,} {proof.unit}" if proof.unit and not isinstance(value, str) else str(value))
        )
        place = proof.citation
        return (Paragraph((said, self._marks.ref(place.n)) if place and place.n in self._marks else (said,)),)

    def _nothing(self, path: str) -> Inlines:
        """Null, and why."""
        proof = self._evidence.get(path)
        why = " ".join(reason_text(one, self._words.language) for one in proof.reasons) if proof else ""
        return (Text(f"– ({clean(why)})"),) if why else _NOTHING

    def _name(self, field: str, end: str = "") -> Text:
        return Text(self._words.field(field) + end, bold=True)


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, Mapping | list)


def _inlines(block: Block) -> Inlines:
    return getattr(block, "inlines", (Text(getattr(block, "text", "")),))
