"""One value of a typed answer as HTML, whatever its shape; null is shown with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from app.ui.safe_markdown import Mark, safe_markdown
from app.ui.typed.evidence_html import doubt_html, mark_html, nothing_html, original_html, shown, why_html

if TYPE_CHECKING:
    from app.answers.schemas import Field
    from app.schemas import FieldEvidence
    from app.ui.texts import Texts

_WIDEST = 6
"""Columns that a table has at most; objects with more fields are cards."""


@dataclass(frozen=True, slots=True)
class View:
    """What all values of one answer are drawn with.

    Attributes:
        evidence: path of a value -> its number in the answer, from 1, and what it stands on.
        marks: what `[n]` in a text points to, where values have no evidence of their own.
        pending: the answer is still being written.
    """

    say: Texts
    message_id: str = ""
    evidence: Mapping[str, tuple[int, FieldEvidence]] = field(default_factory=dict)
    marks: Mapping[int, Mark] = field(default_factory=dict)
    pending: bool = False


def value_html(view: View, value: Any, fields: Sequence[Field], path: str, of: Field | None = None) -> str:
    """A value and all below it.

    Args:
        fields: those of the schema that the value, or each of its items, has.
        path: where it is in the object.
        of: the field that it is the value of.
    """
    if isinstance(value, Mapping):
        return _object(view, value, fields, path)
    if isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
        return _items(view, value, fields, path)
    if isinstance(value, list) and value:
        items = (f"<li>{_scalar(view, one, _below(path, i), of)}</li>" for i, one in enumerate(value))
        return f"<ul>{''.join(items)}</ul>"
    return _scalar(view, None if value == [] else value, path, of)


def _object(view: View, value: Mapping[str, Any], fields: Sequence[Field], path: str) -> str:
    named = dict(_parts(view, value, fields))
    first = next(iter(named), "")
    if len(named) == 1 and not path and isinstance(value.get(first), list):
        one = named[first]  # a wrapper around one list says nothing by its own name
        return value_html(view, value.get(first), one.fields if one else (), first, one)
    return _rows(view, value, named, path)


def _rows(view: View, value: Mapping[str, Any], named: Mapping[str, Field | None], path: str) -> str:
    rows = "".join(
        f"<dt>{_name(name, one, view)}</dt>"
        f"<dd>{value_html(view, value.get(name), one.fields if one else (), _below(path, name), one)}</dd>"
        for name, one in named.items()
    )
    return f'<dl class="d-fields">{rows}</dl>'


def _items(view: View, items: Sequence[Mapping[str, Any]], fields: Sequence[Field], path: str) -> str:
    """Objects of one kind: a table, or a card for each where a row has no room for them."""
    named = {name: one for item in items for name, one in _parts(view, item, fields)}
    if (inner := _crossed(named)) is not None:
        return _crosstab(view, items, named, inner, path)
    empty = _empty(view, items, named)
    named = {name: one for name, one in named.items() if name not in empty}
    absent = _absent(view, empty, path)
    nested = any(_is_wide(item.get(name)) for item in items for name in named)
    if len(named) > _WIDEST or nested:
        cards = (f"<li>{_rows(view, item, named, _below(path, i))}</li>" for i, item in enumerate(items))
        return f'<ol class="d-cards">{"".join(cards)}</ol>{absent}'
    head = [_name(name, one, view) for name, one in named.items()]
    rows = [_row(view, item, named, _below(path, i)) for i, item in enumerate(items)]
    return _table(view, head, rows) + absent


def _empty(
    view: View, items: Sequence[Mapping[str, Any]], named: Mapping[str, Field | None]
) -> dict[str, Field | None]:
    """The fields that no item has a value of, where others have some."""
    if view.pending:
        return {}
    empty = {
        name: one for name, one in named.items() if all(item.get(name) in (None, "", []) for item in items)
    }
    return empty if len(empty) < len(named) else {}


def _absent(view: View, empty: Mapping[str, Field | None], path: str) -> str:
    """Which they are, each reason once."""
    told: dict[str, list[str]] = {}
    for name, one in empty.items():
        _, evidence = view.evidence.get(f"{path}.0.{name}", (0, None))
        told.setdefault(why_html(evidence, view.say), []).append(_name(name, one, view))
    return "".join(
        f'<p class="d-absent"><b>{", ".join(names)}</b> – {why or view.say.html("typed.empty")}</p>'
        for why, names in told.items()
    )


def _table(view: View, head: Sequence[str], rows: Sequence[str]) -> str:
    columns = "".join(f'<th scope="col">{one}</th>' for one in head)
    label = view.say.html("typed.table")
    return (
        f'<div class="d-scroll" role="region" aria-label="{label}" tabindex="0"><table class="d-records">'
        f"<thead><tr>{columns}</tr></thead><tbody>{''.join(f'<tr>{row}</tr>' for row in rows)}</tbody>"
        "</table></div>"
    )


def _crossed(named: Mapping[str, Field | None]) -> Field | None:
    """The list of pairs that, beside one plain field, makes a row: each pair names its column."""
    if len(named) != 2:
        return None
    first, last = named.values()
    if first is None or last is None or first.kind == "object" or first.many:
        return None
    is_pair = last.many and len(last.fields) == 2 and not any(one.fields for one in last.fields)
    return last if is_pair else None


def _crosstab(
    view: View, items: Sequence[Mapping[str, Any]], named: Mapping[str, Field | None], inner: Field, path: str
) -> str:
    """A comparison: a row for each item, a column for each name that a pair has."""
    key, of = inner.fields
    pairs = [[one for one in item.get(inner.name) or () if isinstance(one, Mapping)] for item in items]
    columns = list(dict.fromkeys(str(one.get(key.name) or "–") for row in pairs for one in row))
    first, head = next(iter(named.items()))
    rows = []
    for i, (item, row) in enumerate(zip(items, pairs, strict=True)):
        place = _below(path, i)
        there = {str(one.get(key.name) or "–"): (j, one) for j, one in enumerate(row)}
        row_head = value_html(view, item.get(first), (), _below(place, first), head)
        cells = f'<th scope="row">{row_head}</th>'
        for column in columns:
            j, one = there.get(column, (0, {}))
            html = value_html(view, one.get(of.name), (), f"{place}.{inner.name}.{j}.{of.name}", of)
            cells += f'<td data-label="{escape(column)}"><div>{html}</div></td>'
        rows.append(cells)
    return _table(view, [_name(first, head, view), *map(escape, columns)], rows)


def _row(view: View, item: Mapping[str, Any], named: Mapping[str, Field | None], path: str) -> str:
    """Cells that know their column, for narrow pages where rows are shown one below the other."""
    return "".join(
        f'<td data-label="{_name(name, one, view)}"><div>'
        f"{value_html(view, item.get(name), one.fields if one else (), _below(path, name), one)}</div></td>"
        for name, one in named.items()
    )


def _is_wide(value: Any) -> bool:
    """Whether a cell has no room for it."""
    return isinstance(value, Mapping) or (
        isinstance(value, list) and any(isinstance(one, Mapping) for one in value)
    )


def _parts(
    view: View, value: Mapping[str, Any], fields: Sequence[Field]
) -> Iterator[tuple[str, Field | None]]:
    """The fields of the schema in its order, also those that are not there, then what else there is."""
    known = {one.name: one for one in fields}
    for name in [*known, *(name for name in value if name not in known)]:
        # The numbers of the sources of an answer in words, which its text has as marks.
        if name != "citations" or view.evidence or view.pending:
            yield str(name), known.get(name)


def _scalar(view: View, value: Any, path: str, of: Field | None) -> str:
    number, evidence = view.evidence.get(path, (0, None))
    if value is None or value == "":
        if view.pending:
            return '<i class="d-pending" aria-hidden="true"></i>'
        return nothing_html(evidence, view.say)
    if isinstance(value, str) and not view.evidence:
        return safe_markdown(value, view.marks).strip().removeprefix("<p>").removesuffix("</p>")
    text = shown(value, of, evidence, view.say)
    html = escape(text).replace("\n", "<br>")
    if evidence is None:
        return html
    figure = " d-figure" if isinstance(value, int | float) else ""
    mark = mark_html(evidence, number, view.message_id, text, view.say)
    return (
        f'<span class="d-value{figure}">{html}{mark}{doubt_html(evidence, view.say)}</span>'
        f"{original_html(evidence, value, text, view.say)}"
    )


def _name(name: str, of: Field | None, view: View) -> str:
    if of is not None and of.titles:
        return escape(of.title(view.say.language))
    key = f"field.{name}"
    return view.say.html(key) if view.say.has(key) else escape(name.replace("_", " "))


def _below(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)
