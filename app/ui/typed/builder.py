"""The builder of one's own schema: its fields, the form of one of them, problems, and the JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.answers.schemas import Definition, Problem, as_yaml, problem_text
from app.answers.schemas.definition import LONGEST_NAME
from app.answers.schemas.problems import problem_words
from app.answers.schemas.to_json_schema import json_schema
from app.ui import shell, versions_box
from app.ui.prompting.cards import pre
from app.ui.two_texts import both, said
from app.ui.typed import drafts, field_form
from app.ui.typed.tree_html import tree_html
from app.ui.worddiff_html import diff_html

if TYPE_CHECKING:
    from app.ui.texts import Texts


def builder(say: Texts) -> None:
    """Draw it over the draft that is open."""
    draft, kept = drafts.current(), str(drafts.current().get("kept", ""))
    title = say("schemas.edit", name=kept) if kept else say("schemas.new_title")
    st.html(f'<h1 class="d-title">{escape(title)}</h1>')
    take_up(say)
    _of_schema(draft, kept, _of_draft(say), say)
    definition, problems = drafts.checked()
    field = drafts.selected()
    left, right = st.columns(2, gap="medium")
    with left:
        wrong = {one["id"] for found in problems if (one := drafts.at(found.at)) is not None}
        st.html(tree_html(draft["fields"], field["id"] if field else "", wrong, say))
    with right, st.container(key="field-form"):
        if field is None:
            st.html(f'<p class="d-lead">{say.html("schemas.choose_field")}</p>')
        else:
            own = [one for one in problems if one.at and drafts.at(one.at) is field]
            field_form.show(field, own, _of_field(field, say), say)
    st.html(problems_html(problems, say))
    _buttons(definition, kept, say)
    _preview(definition, say)
    if kept:
        _versions(kept, say)


def take_up(say: Texts) -> None:
    """Put what was typed into the draft, before anything is done with it or shown of it."""
    draft, key, state = drafts.current(), _of_draft(say), st.session_state
    if not draft.get("kept") and f"schema-name-{key}" in state:
        draft["name"] = state[f"schema-name-{key}"].strip()
    for name in ("title", "description"):
        if (place := f"schema-{name}-{key}") in state:
            draft[name] = both(draft.get(name), state[place].strip(), say)
    if f"schema-many-{key}" in state:
        draft["many"] = state[f"schema-many-{key}"]
    if (field := drafts.selected()) is not None:
        field_form.take(field, _of_field(field, say), say)


def _of_draft(say: Texts) -> str:
    """For the keys of widgets: each language has texts of its own."""
    return f"{drafts.serial()}-{say.language}"


def _of_field(field: drafts.Draft, say: Texts) -> str:
    return f"{_of_draft(say)}-{field['id']}"


def _of_schema(draft: drafts.Draft, kept: str, key: str, say: Texts) -> None:
    """The name of what is kept stays: answers are recorded with it."""
    left, right = st.columns(2)
    left.text_input(
        say("schemas.name"),
        str(draft.get("name", "")),
        max_chars=LONGEST_NAME,
        help=say("schemas.name_help"),
        disabled=bool(kept),
        key=f"schema-name-{key}",
    )
    right.text_input(
        say("schemas.title_field"), said(draft.get("title"), say), max_chars=80, key=f"schema-title-{key}"
    )
    st.text_input(
        say("schemas.about_field"), said(draft.get("description"), say), key=f"schema-description-{key}"
    )
    st.checkbox(
        say("schemas.many"),
        draft.get("many") is True,
        help=say("schemas.many_help"),
        key=f"schema-many-{key}",
    )


def problems_html(problems: Sequence[Problem], say: Texts) -> str:
    """What keeps the draft from being kept, each leading to its field; or that nothing does."""
    if not problems:
        return f'<div class="d-note d-sound" role="status">{say.html("schemas.sound")}</div>'
    lines = "".join(f"<li>{_problem(one, say)}</li>" for one in problems[:20])
    title = escape(say.plural("schemas.problems", len(problems)))
    return f'<div class="d-refusal d-problems" role="status"><strong>{title}</strong><ul>{lines}</ul></div>'


def _problem(problem: Problem, say: Texts) -> str:
    field = drafts.at(problem.at) if problem.at else None
    if field is None:
        return escape(problem_text(problem, say.language))
    name = escape(problem.field or say("schemas.unnamed"))
    return (
        f'<button type="button" class="d-link" data-act="field-open" data-value="{escape(field["id"])}">'
        f"{name}</button>: {escape(problem_words(problem, say.language))}"
    )


def _buttons(definition: Definition | None, kept: str, say: Texts) -> None:
    with st.container(horizontal=True, key="schema-buttons"):
        save = st.button(say("common.save"), type="primary", disabled=definition is None, key="schema-save")
        if save and definition is not None:
            _save(definition, say)
        if st.button(say("schemas.back" if kept else "common.cancel"), key="schema-close"):
            drafts.close()
            st.rerun()
        if definition is not None:
            downloads(definition, say)
    if told := st.session_state.pop("schema-saved", None):
        st.toast(told)


def downloads(definition: Definition, say: Texts) -> None:
    """Both files that a schema can be taken along as."""
    files: dict[str, tuple[str, str]] = {
        "yaml": (as_yaml(definition), "application/yaml"),
        "json": (schema_json(definition), "application/schema+json"),
    }
    for suffix, (text, mime) in files.items():
        st.download_button(
            say(f"schemas.save_{suffix}"),
            text,
            f"{definition.name}.{suffix}",
            mime,
            icon=":material/download:",
            on_click="ignore",
            type="tertiary",
            key=f"schema-download-{suffix}",
        )


def schema_json(definition: Definition) -> str:
    """As a file of its own, which is read again under the same name."""
    described: dict[str, Any] = {"x-name": definition.name} | json_schema(definition)
    return json.dumps(described, ensure_ascii=False, indent=2)


def _save(definition: Definition, say: Texts) -> None:
    saved = shell.runtime().schemas.save(definition)
    st.session_state["schema-saved"] = say("schemas.saved", version=saved.version)
    drafts.begin_edit(saved)
    st.rerun()


def _preview(definition: Definition | None, say: Texts) -> None:
    with st.expander(say("schemas.json_schema"), expanded=True, icon=":material/data_object:"):
        if definition is None:
            st.html(f'<p class="d-lead">{say.html("schemas.mend_first")}</p>')
        else:
            text = json.dumps(json_schema(definition), ensure_ascii=False, indent=2)
            st.html(pre(text, say("schemas.json_schema")))


def _versions(kept: str, say: Texts) -> None:
    def difference(older: str, newer: str) -> str:
        return f'<div class="d-prompt d-versions">{diff_html(older, newer, say)}</div>'

    schemas = shell.runtime().schemas
    versions = shell.runtime().history.schemas.versions(kept)
    again = versions_box.chosen(versions, difference, "schema-bring-back", say)
    old = next((one for one in schemas.versions(kept) if one.version == again), None) if again else None
    if old is not None and old.definition is not None:
        _save(old.definition, say)
