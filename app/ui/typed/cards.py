"""Schemas as cards, and what is told of one, as HTML. All that people wrote is escaped."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from app.answers.schemas.definition import said
from app.answers.schemas.problems import problem_text
from app.ui.bar_html import icon, offers
from app.ui.prompting.cards import pre

if TYPE_CHECKING:
    from app.answers.schemas import Field, Schema, Unusable
    from app.history import OwnSchema
    from app.ui.texts import Texts

SOURCES = {"own": "person", "shipped": "inventory_2", "file": "folder", "python": "code"}
"""Source -> icon, in the order of the page: own ones are looked for more often."""


def words(schema: Schema) -> str:
    """What a search looks at."""
    texts = (schema.name, *schema.titles.values(), *schema.descriptions.values(), schema.description)
    names = (name for field in schema.fields for name in (field.name, *field.titles.values()))
    return " ".join((*texts, *names)).casefold()


def section_html(source: str, schemas: Sequence[Schema], say: Texts) -> str:
    cards = "".join(f"<li>{_card(one, say)}</li>" for one in schemas)
    head = f"<h2>{icon(SOURCES[source])} {say.html(f'schemas.source_{source}')}</h2>"
    about = f"<p>{say.html(f'schemas.about_{source}')}</p>"
    return f'<section class="d-prompts">{head}{about}<ul>{cards}</ul></section>'


def _card(schema: Schema, say: Texts) -> str:
    value, title = escape(schema.name), escape(schema.title(say.language))
    badges = _badge(say.plural("schemas.count", len(schema.fields)))
    badges += _badge(say("schemas.version", version=schema.version)) if schema.version else ""
    badges += _badge(say("schemas.records")) if schema.many else ""
    label = say.html("schemas.use")
    return (
        f'<article><h3><button type="button" data-act="schema-open" data-value="{value}">{title}</button>'
        f"</h3><p>{escape(schema.about(say.language))}</p>"
        f'<div class="d-foot"><code>{escape(_origin(schema))}</code>{badges}'
        f'<button type="button" class="d-use" data-act="schema-use" data-value="{value}" '
        f'aria-label="{label}: {title}">{label}</button></div></article>'
    )


def _origin(schema: Schema) -> str:
    return Path(schema.where).name if schema.source == "file" else schema.where or schema.name


def _badge(text: str) -> str:
    return f'<span class="d-badge">{escape(text)}</span>'


def details_html(schema: Schema, say: Texts) -> str:
    """All that is known of a schema: its fields, and its JSON Schema folded away."""
    about = f'<p class="d-lead">{escape(schema.about(say.language))}</p>'
    fields = _fields(schema.fields, _descriptions(schema, say.language), "", say)
    text = json.dumps(schema.json_schema, ensure_ascii=False, indent=2)
    label = say("schemas.json_schema")
    facts = f"{schema.reference} · {schema.where or schema.source}"
    return (
        f'<div class="d-prompt">{about}{fields}'
        f'<details class="d-note"><summary>{escape(label)}</summary>{pre(text, label)}</details>'
        f'<p class="d-facts">{escape(facts)}</p></div>'
    )


def _fields(fields: Sequence[Field], told: Mapping[str, str], above: str, say: Texts) -> str:
    rows = "".join(f"<li>{_field(one, told, f'{above}{one.name}', say)}</li>" for one in fields)
    return f'<ul class="d-form">{rows}</ul>' if rows else ""


def _field(field: Field, told: Mapping[str, str], path: str, say: Texts) -> str:
    facts = [say(f"schemas.type_{field.kind}"), field.unit]
    facts += [say("schemas.list")] if field.many else []
    facts += [say("schemas.required")] if field.required and not field.nullable else []
    name = f"<code>{escape(field.name)}</code>" if field.titles else ""
    about = told.get(path, field.description)
    texts = (about, " · ".join(field.choices[:20]))
    lines = "".join(f"<p>{escape(text)}</p>" for text in texts if text)
    return (
        f"<b>{escape(field.title(say.language))}</b> {name} <small>{escape(' · '.join(filter(None, facts)))}"
        f"</small>{lines}{_fields(field.fields, told, f'{path}.', say)}"
    )


def _descriptions(schema: Schema, language: str) -> dict[str, str]:
    """Path of a field -> what it is for, in one language: a JSON Schema has room for one text."""
    found: dict[str, str] = {}
    names: dict[tuple[int, ...], str] = {}
    for at, field in schema.definition.walk() if schema.definition else ():
        names[at] = f"{names[at[:-1]]}.{field.name}" if len(at) > 1 else field.name
        found[names[at]] = said(field.description, language)
    return found


def acts_html(schema: Schema, say: Texts) -> str:
    """What can be done with it; one that is not one's own is copied and stays."""
    acts = [("schema-use", say("schemas.use"))]
    if schema.version:
        acts += [("schema-edit", say("schemas.edit_it")), ("schema-delete", say("schemas.delete"))]
    elif schema.name != "cited_answer":
        acts += [("schema-edit", say("schemas.copy"))]
    return offers(acts, schema.name)


def unusable_html(found: Sequence[Unusable], say: Texts) -> str:
    """What could not be taken up, with the cure."""
    if not found:
        return ""
    rows = "".join(
        f"<li><code>{escape(one.where)}</code><ul>"
        + "".join(f"<li>{escape(problem_text(problem, say.language))}</li>" for problem in one.problems[:10])
        + "</ul></li>"
        for one in found
    )
    title = escape(say.plural("schemas.unusable", len(found)))
    head = f'<div class="d-refusal d-problems d-unusable" role="status"><strong>{title}</strong>'
    return f"{head}<ul>{rows}</ul></div>"


def undo_html(name: str, say: Texts) -> str:
    """A line on what was just deleted."""
    told = say.html("schemas.deleted", name=name)
    return f'<div class="d-note d-undo" role="status">{told} {_restore(name, say("schemas.undo"))}</div>'


def deleted_html(gone: Sequence[OwnSchema], say: Texts) -> str:
    """Those that can be brought back, folded away."""
    rows = "".join(
        f"<li><code>{escape(one.name)}</code> {_restore(one.name, say('schemas.restore'))}</li>"
        for one in gone
    )
    title = escape(say.plural("schemas.gone", len(gone)))
    return f'<details class="d-note d-gone"><summary>{title}</summary><ul>{rows}</ul></details>'


def _restore(name: str, label: str) -> str:
    act = f'data-act="schema-restore" data-value="{escape(name)}"'
    return f'<button type="button" {act}>{escape(label)}</button>'
