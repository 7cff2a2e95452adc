"""`RuleFiller`: schemas of simple fields filled by labels, forms and tables, without a language model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from app.answers.filling import Filled
from app.answers.rules import texts
from app.answers.rules.choice import (
    ENOUGH,
    Candidate,
    adding_up,
    best,
    contested,
    of_values,
    unlabelled,
)
from app.answers.rules.grid import records
from app.answers.rules.layout import Cell, Layout, layout
from app.answers.rules.pairs import Pair, pairs
from app.answers.rules.proof import Proof
from app.answers.rules.sentence import best_sentence
from app.answers.rules.targets import Target, leaves, needs_model, targets
from app.answers.rules.values import Value, Values
from app.answers.schemas.schema import Schema
from app.schemas import Chunk, FieldEvidence

_BY_FORM = ("money", "number", "date", "email", "phone", "identifier")
_CONTESTED = (*_BY_FORM, "text")
# What is told from others by its form may stand without a label.
_TELLING = ("email", "phone", "pattern")
_DAY = frozenset({"date", "issued", "signed", "invoice", "contract"})


class RuleFiller:
    """Fills one schema by rules. May be shared between threads."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._targets = targets(schema.fields)

    def fill(self, chunks: Sequence[Chunk]) -> Sequence[Filled]:
        """The objects that a document holds; see `Filler`."""
        seen = [chunk for chunk in chunks if not any("hidden" in code for code in chunk.suspicions)]
        document = _Document(seen)
        if self.schema.many and (found := document.records(self._targets)):
            return found
        return [document.filled(self._targets)]


class _Document:
    """One document while its fields are looked for."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self.chunks = chunks
        self.layout: Layout = layout(chunks)
        self.values = Values(self.layout)
        self.pairs: list[Pair] = pairs(self.layout)
        self.proof = Proof(self.layout)

    def filled(self, wanted: Sequence[Target], rows: range | None = None) -> Filled:
        """One object, of all of the document or of some of its rows."""
        simple = [one for one in leaves(tuple(wanted)) if one.shape != "rows"]
        found = {one.path: [*self._candidates(one, rows)] for one in simple if not needs_model(one)}
        found |= contested(
            {one.path: found[one.path] for one in simple if one.shape in _CONTESTED and one.path in found}
        )
        data: dict[str, Any] = {}
        evidence: list[FieldEvidence] = []
        for one in leaves(tuple(wanted)):
            value: Any
            if one.shape == "rows":
                value, proofs = self._rows(one)
            elif needs_model(one):
                value, proofs = (
                    ([] if one.field.many else None),
                    [self.proof.missing(one.path, "needs_model")],
                )
            elif one.field.many:
                value, proofs = self._several(one, found[one.path])
            else:
                value, proof = self._one(one, found[one.path])
                proofs = [proof]
            _put(data, one.path, value)
            evidence += proofs
        return Filled(data, tuple(evidence))

    # -- one value ---------------------------------------------------------------------------------

    def _candidates(self, target: Target, rows: range | None) -> Iterator[Candidate]:
        near = [one for one in self.pairs if rows is None or one.row in rows]
        if target.shape in (*_BY_FORM, "pattern"):
            values = self._of_form(target)
            values = [one for one in values if rows is None or one.row.number in rows]
            yield from of_values(target, values)
            measured = target.shape == "number" and target.field.unit
            if target.shape in _TELLING or measured or (target.shape == "date" and target.notions() <= _DAY):
                yield from unlabelled(target, values)
        elif target.shape == "currency":
            yield from texts.currencies(self.values)
            yield from (texts.choices if target.field.choices else texts.of_pairs)(target, near, self.values)
        elif target.shape == "choice":
            yield from texts.choices(target, near, self.values)
        elif target.shape == "boolean":
            yield from texts.answers(target, near, self.values)
        elif target.shape == "sentence":
            if one := best_sentence(target, self.chunks):
                yield one
        else:
            yield from texts.of_pairs(target, near, self.values)

    def _of_form(self, target: Target) -> Sequence[Value]:
        if target.shape == "pattern":
            return self.values.matching(target.field.pattern)
        found: list[Value] = getattr(self.values, target.shape)
        if target.field.kind == "integer":
            return [one for one in found if isinstance(one.found.value, int)]
        return found

    def _one(self, target: Target, candidates: Sequence[Candidate]) -> tuple[Any, FieldEvidence]:
        one, rivals = best(candidates)
        if one is None:
            return None, self.proof.missing(target.path, "not_found")
        if target.shape in ("money", "number") and rivals:
            chosen = adding_up(one, rivals, self.values)
            one, rivals = (chosen, ()) if chosen else (one, rivals)
        if one.value is None or rivals:
            named = one.others or [self.proof.original(other) for other in (one, *rivals)]
            return None, self.proof.missing(target.path, "ambiguous", values=", ".join(dict.fromkeys(named)))
        unit = self.values.currency if target.shape == "money" else ""
        return one.value, self.proof.found(target.path, one.value, one, one.unit or unit)

    # -- several values ----------------------------------------------------------------------------

    def _several(
        self, target: Target, candidates: Sequence[Candidate]
    ) -> tuple[list[Any], list[FieldEvidence]]:
        good = [one for one in candidates if one.score >= ENOUGH and one.value is not None]
        if target.shape in ("email", "phone", "pattern") and not good:
            good = [
                Candidate(one.found.value, "", one.chunk, one.found.start, one.found.end, -1, ENOUGH)
                for one in self._of_form(target)
                if one.found.sure
            ]
        if target.shape in ("text", "sentence") and good:
            top = max(one.score for one in good)
            good = [part for one in good if one.score >= top - 0.05 for part in texts.items(one, self.layout)]
        values: dict[str, Candidate] = {}
        for one in sorted(good, key=lambda one: (one.chunk, one.start)):
            values.setdefault(str(one.value), one)
        if not values:
            return [], [self.proof.missing(target.path, "not_found")]
        proofs = [
            self.proof.found(f"{target.path}.{n}", one.value, one) for n, one in enumerate(values.values())
        ]
        return [one.value for one in values.values()], proofs

    def _rows(self, target: Target) -> tuple[list[Any], list[FieldEvidence]]:
        inner = [*leaves(target.inner)]
        found = records(self.layout, [one for one in inner if one.shape != "rows"])
        if not found:
            return self._stretches(target, inner)
        objects: list[Any] = []
        proofs: list[FieldEvidence] = []
        for number, record in enumerate(found):
            made: dict[str, Any] = {}
            for one in inner:
                path = f"{target.path}.{number}{one.path.removeprefix(target.path)}"
                value, proof = self._of_cell(one, path, record.cells.get(one.path))
                _put(made, one.path.removeprefix(f"{target.path}."), value)
                proofs.append(proof)
            objects.append(made)
        return objects, proofs

    def _stretches(self, target: Target, inner: Sequence[Target]) -> tuple[list[Any], list[FieldEvidence]]:
        """One object for each stretch of text that begins with the same label."""
        starts = self._starts(inner)
        if not starts:
            return [], [self.proof.missing(target.path, "not_found")]
        objects: list[Any] = []
        proofs: list[FieldEvidence] = []
        for number, span in enumerate(zip(starts, [*starts[1:], len(self.layout.rows)], strict=True)):
            made = self.filled(target.inner, range(*span))
            objects.append(made.data[target.name])
            head = f"{target.path}.{number}"
            proofs += [
                one.model_copy(update={"path": f"{head}{one.path.removeprefix(target.path)}"})
                for one in made.evidence
            ]
        return objects, proofs

    def _of_cell(self, target: Target, path: str, cell: Cell | None) -> tuple[Any, FieldEvidence]:
        """The value of a table's cell, by the field's form."""
        one = None if cell is None else self._read(target, cell)
        if one is None or one.value is None:
            return None, self.proof.missing(path, "not_found")
        unit = self.values.currency if target.shape == "money" else ""
        return one.value, self.proof.found(path, one.value, one, one.unit or unit)

    def _read(self, target: Target, cell: Cell) -> Candidate | None:
        if target.shape in (*_BY_FORM, "pattern"):
            for one in self._of_form(target):
                if _is_inside(one, cell):
                    found = one.found
                    return Candidate(found.value, found.unit, one.chunk, found.start, found.end, -1, 1.0)
            return None if target.shape != "identifier" else _whole(cell)
        if target.shape == "choice":
            named = {choice.casefold(): choice for choice in target.field.choices}
            chosen = named.get(cell.text.casefold())
            return Candidate(chosen, "", cell.chunk, cell.start, cell.end, -1, 1.0) if chosen else None
        return _whole(cell) if target.shape in ("text", "sentence") else None

    # -- records -----------------------------------------------------------------------------------

    def records(self, wanted: Sequence[Target]) -> list[Filled]:
        """One object for each row of a table, or for each stretch that begins with the same label."""
        inner = [one for one in leaves(tuple(wanted)) if one.shape != "rows"]
        if found := records(self.layout, inner):
            return [self._record(inner, record.cells) for record in found]
        starts = self._starts(inner)
        ends = [*starts[1:], len(self.layout.rows)][: len(starts)]
        return [self.filled(wanted, range(*span)) for span in zip(starts, ends, strict=True)]

    def _record(self, inner: Sequence[Target], cells: dict[str, Cell]) -> Filled:
        data: dict[str, Any] = {}
        evidence = []
        for one in inner:
            value, proof = self._of_cell(one, one.path, cells.get(one.path))
            _put(data, one.path, [value] if one.field.many and value is not None else value)
            evidence.append(proof)
        return Filled(data, tuple(evidence))

    def _starts(self, inner: Sequence[Target]) -> list[int]:
        """Rows in which the label of the first field stands again and again."""
        for target in inner:
            rows = sorted(
                {one.row for one in self.pairs if one.opens and target.score(one.label) * one.factor > 0.8}
            )
            if len(rows) > 1:
                return rows
        return []


def _is_inside(value: Value, cell: Cell) -> bool:
    found = value.found
    return value.chunk == cell.chunk and cell.start <= found.start and found.end <= cell.end


def _whole(cell: Cell) -> Candidate:
    return Candidate(" ".join(cell.text.split()), "", cell.chunk, cell.start, cell.end, -1, 1.0)


def _put(data: dict[str, Any], path: str, value: Any) -> None:
    """Set a value by its path, making the objects that it stands in."""
    *outer, name = path.split(".")
    for one in outer:
        data = data.setdefault(one, {})
    data[name] = value
