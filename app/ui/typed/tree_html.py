"""The fields of a draft as a list with buttons: open, move, remove, add."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape
from typing import TYPE_CHECKING

from app.ui.bar_html import icon
from app.ui.typed.drafts import Draft, inside

if TYPE_CHECKING:
    from app.ui.texts import Texts

SIGNS = {
    "text": "notes",
    "sentence": "format_quote",
    "integer": "tag",
    "number": "tag",
    "money": "payments",
    "date": "event",
    "email": "mail",
    "phone": "call",
    "choice": "checklist",
    "boolean": "toggle_on",
    "object": "data_object",
}


def tree_html(fields: Sequence[Draft], opened: str, wrong: Collection[str], say: Texts) -> str:
    """All fields of a draft.

    Args:
        opened: id of the field whose form is open.
        wrong: ids of those with problems.
    """
    label = say.html("schemas.fields")
    return f'<nav class="d-tree" aria-label="{label}">{_level(fields, "", opened, wrong, say)}</nav>'


def _level(fields: Sequence[Draft], above: str, opened: str, wrong: Collection[str], say: Texts) -> str:
    rows = "".join(
        f"<li>{_row(field, i, len(fields), opened, wrong, say)}{_inside(field, opened, wrong, say)}</li>"
        for i, field in enumerate(fields)
    )
    words = say.html("schemas.add_inside" if above else "schemas.add")
    add = (
        f'<button type="button" class="d-add" data-act="field-add" data-value="{escape(above)}" data-focus>'
        f"{icon('add')}<span>{words}</span></button>"
    )
    return f"<ol>{rows}<li>{add}</li></ol>"


def _inside(field: Draft, opened: str, wrong: Collection[str], say: Texts) -> str:
    if field["type"] != "object":
        return ""
    return _level(inside(field), field["id"], opened, wrong, say)


def _row(field: Draft, i: int, count: int, opened: str, wrong: Collection[str], say: Texts) -> str:
    id_, name = escape(field["id"]), field.get("name", "").strip() or say("schemas.unnamed")
    here = ' aria-current="true"' if field["id"] == opened else ""
    bad = f'<b class="d-bad" title="{say.html("schemas.wrong")}">!</b>' if field["id"] in wrong else ""
    return (
        f'<div class="d-field"><button type="button" class="d-open-field" data-act="field-open" '
        f'data-value="{id_}" data-focus{here}>{icon(SIGNS.get(field["type"], "notes"))}'
        f"<span>{escape(name)}</span><small>{_told(field, say)}</small>{bad}</button>"
        f"{_act('field-up', 'keyboard_arrow_up', id_, name, say, off=i == 0)}"
        f"{_act('field-down', 'keyboard_arrow_down', id_, name, say, off=i == count - 1)}"
        f"{_act('field-remove', 'delete', id_, name, say)}</div>"
    )


def _told(field: Draft, say: Texts) -> str:
    key = f"schemas.type_{field['type']}"
    told = [say(key) if say.has(key) else str(field["type"])]
    told += [say("schemas.list")] if field.get("list") else []
    told += [say("schemas.required")] if field.get("required") is True else []
    return escape(" · ".join(told))


def _act(act: str, sign: str, id_: str, name: str, say: Texts, *, off: bool = False) -> str:
    told = say.html(f"schemas.{act.replace('-', '_')}", name=name)
    state = " disabled" if off else ""
    return (
        f'<button type="button" class="d-act" data-act="{act}" data-value="{id_}" data-focus '
        f'aria-label="{told}" title="{told}"{state}>{icon(sign)}</button>'
    )
