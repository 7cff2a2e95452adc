"""The editor of one's own prompt: fields, what is wrong with them, preview, versions."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.ui import shell
from app.ui.prompting import drafts, preview, versions
from app.ui.two_texts import both, said
from prompts.checking import LONGEST_NAME, LONGEST_TEXT, check, problem_text
from prompts.library import BUILT_IN, Kind, Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.ui.texts import Texts
    from prompts.checking import Problem

_WITHOUT_MODEL = ("none", "summary", "comparison", "sentences")


def show(say: Texts) -> None:
    """Draw it over the draft that is open."""
    draft, key = drafts.current(), f"{drafts.serial()}"
    kept = str(draft.get("kept", ""))
    title = say("prompts.edit", name=kept) if kept else say("prompts.new_title")
    st.html(f'<h1 class="d-title">{escape(title)}</h1>')
    given = _fields(draft, key, kept, say)
    part, problems = check(given)
    st.html(problems_html(problems, say))
    _add_unknown(problems, given, say)
    _buttons(part, kept, say)
    if part is not None:
        preview.box(part, key, say)
    if kept and (version := versions.box(Kind(str(draft["kind"])), kept, say)):
        drafts.begin_edit(version)
        st.rerun()


# -- fields ----------------------------------------------------------------------------------------------


def _fields(draft: Mapping[str, Any], key: str, kept: str, say: Texts) -> dict[str, Any]:
    """What is typed now; the name and the kind of what is kept stay: answers are recorded with them."""
    left, right = st.columns(2)
    kinds = [str(kind) for kind in Kind]
    kind = left.selectbox(
        say("prompts.kind"),
        kinds,
        kinds.index(draft["kind"]) if draft.get("kind") in kinds else 0,
        format_func=lambda one: say(f"prompts.one_{one}"),
        disabled=bool(kept),
        key=f"kind-{key}",
    )
    name = right.text_input(
        say("prompts.name"),
        str(draft.get("name", "")),
        max_chars=LONGEST_NAME,
        help=say("prompts.name_help"),
        disabled=bool(kept),
        key=f"name-{key}",
    )
    title = st.text_input(
        say("prompts.field_title"), said(draft.get("title"), say), max_chars=80, key=f"title-{key}"
    )
    description = st.text_input(
        say("prompts.field_description"),
        said(draft.get("description"), say),
        max_chars=200,
        key=f"description-{key}",
    )
    typed: dict[str, Any] = {
        "kind": kind,
        "name": name,
        "title": both(draft.get("title"), title, say),
        "description": both(draft.get("description"), description, say),
        "text": _texts(draft, Kind(kind), key, say),
        "variables": _variables(draft, key, say),
        "examples": draft.get("examples", []),
    }
    return typed | (_of_task(draft, key, say) if kind == Kind.TASK else {})


def _texts(draft: Mapping[str, Any], kind: Kind, key: str, say: Texts) -> dict[str, str]:
    text = draft.get("text")
    english, korean = (text["en"], text["ko"]) if isinstance(text, dict) else (str(text or ""),) * 2
    built_in = ", ".join(f"{{{name}}}" for name in sorted(BUILT_IN[kind]))
    typed = st.text_area(
        say("prompts.text"),
        english,
        height=220,
        max_chars=LONGEST_TEXT,
        help=say("prompts.text_help", built_in=built_in),
        placeholder=say(f"prompts.text_{kind}"),
        key=f"text-{key}",
    )
    if not st.toggle(say("prompts.two_texts"), english != korean, key=f"two-{key}"):
        return {"en": typed, "ko": typed}
    other = st.text_area(
        say("prompts.text_ko"), korean, height=220, max_chars=LONGEST_TEXT, key=f"text-ko-{key}"
    )
    return {"en": typed, "ko": other}


def _variables(draft: Mapping[str, Any], key: str, say: Texts) -> dict[str, dict[str, Any]]:
    """A row for each; names are added by the field below them."""
    given = draft.get("variables")
    known: dict[str, Any] = given if isinstance(given, dict) else {}
    st.html(f'<h2 class="d-label">{say.html("prompts.variables")}</h2>')
    typed = {}
    for name in list(known):
        row = _variable(str(name), known[name] or {}, key, say)
        if row is not None:
            typed[str(name)] = row
    added = st.text_input(
        say("prompts.add_variable"),
        placeholder=say("prompts.add_variable_hint"),
        key=f"add-{key}-{len(known)}",
    )
    if added.strip() and added.strip().strip("{}") not in known:
        _add(added.strip().strip("{}"))
    return typed


def _variable(name: str, known: Mapping[str, Any], key: str, say: Texts) -> dict[str, Any] | None:
    with st.container(border=True, key=f"variable-{key}-{name}"):
        st.html(f"<code>{escape('{' + name + '}')}</code>")
        left, right = st.columns(2)
        title = left.text_input(
            say("prompts.variable_title"), said(known.get("title"), say), key=f"vt-{key}-{name}"
        )
        hint = right.text_input(
            say("prompts.variable_hint"), said(known.get("hint"), say), key=f"vh-{key}-{name}"
        )
        default = st.text_input(
            say("prompts.variable_default"), said(known.get("default"), say), key=f"vd-{key}-{name}"
        )
        with st.container(horizontal=True):
            must = st.toggle(
                say("prompts.must_be_given"),
                bool(known) and known.get("default") is None,
                key=f"vm-{key}-{name}",
            )
            if st.button(say("prompts.remove_variable"), type="tertiary", key=f"vr-{key}-{name}"):
                del drafts.current()["variables"][name]
                st.rerun()
    row: dict[str, Any] = {
        "title": both(known.get("title"), title, say),
        "hint": both(known.get("hint"), hint, say),
    }
    return row if must else {**row, "default": both(known.get("default"), default, say)}


def _add(name: str) -> None:
    variables = drafts.current().get("variables")
    drafts.current()["variables"] = {**(variables if isinstance(variables, dict) else {}), name: {}}
    st.rerun()


def _of_task(draft: Mapping[str, Any], key: str, say: Texts) -> dict[str, Any]:
    left, right = st.columns(2)
    count = draft.get("documents", 1)
    documents = left.number_input(
        say("prompts.documents"),
        1,
        5,
        count if isinstance(count, int) and 1 <= count <= 5 else 1,
        key=f"documents-{key}",
    )
    ways = list(_WITHOUT_MODEL)
    way = draft.get("without_model")
    without = right.selectbox(
        say("prompts.without_model"),
        ways,
        ways.index(way) if way in ways else 0,
        format_func=lambda one: say(f"prompts.without_{one}"),
        key=f"without-{key}",
    )
    return {"documents": documents, "without_model": without}


# -- what is wrong, and keeping --------------------------------------------------------------------------


def problems_html(problems: Sequence[Problem], say: Texts) -> str:
    """What keeps the draft from being kept, or that nothing does."""
    if not problems:
        return f'<div class="d-note d-sound" role="status">{say.html("prompts.sound")}</div>'
    lines = "".join(f"<li>{escape(problem_text(one, say.language))}</li>" for one in problems)
    title = escape(say.plural("prompts.problems", len(problems)))
    return f'<div class="d-refusal d-problems" role="status"><strong>{title}</strong><ul>{lines}</ul></div>'


def _add_unknown(problems: Sequence[Problem], given: Mapping[str, Any], say: Texts) -> None:
    """The cure as a button, for a variable that the text has and the list has not."""
    unknown = {
        one.values["name"] for one in problems if one.code.startswith("variable_") and "line" in one.values
    }
    with st.container(horizontal=True, key="prompt-cures"):
        for name in sorted(unknown):
            if st.button(say("prompts.add_this", name=shell.plain(name)), key=f"cure-{name}"):
                _add(name)


def _buttons(part: Part | None, kept: str, say: Texts) -> None:
    with st.container(horizontal=True, key="prompt-buttons"):
        if st.button(say("common.save"), type="primary", disabled=part is None, key="prompt-save") and part:
            _save(part, say)
        if st.button(say("prompts.back" if kept else "common.cancel"), key="prompt-close"):
            drafts.close()
            st.rerun()
    if said := st.session_state.pop("prompt-saved", None):
        st.toast(said)


def _save(part: Part, say: Texts) -> None:
    saved = shell.runtime().prompts.save(part)
    st.session_state["prompt-saved"] = say("prompts.saved", version=saved.version)
    drafts.begin_edit(saved)
    st.rerun()
