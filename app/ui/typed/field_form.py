"""The form of one field of a draft; what is typed goes into the draft at once."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, get_args

import streamlit as st

from app.answers.schemas.definition import LIMITS, LONGEST_FIELD, LONGEST_PATTERN
from app.answers.schemas.fields import Type
from app.answers.schemas.problems import Problem, problem_words
from app.ui.two_texts import both, said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.ui.texts import Texts
    from app.ui.typed.drafts import Draft

TYPES: tuple[str, ...] = get_args(Type)


def show(field: Draft, problems: Sequence[Problem], key: str, say: Texts) -> None:
    """Draw it.

    Args:
        problems: those of this field.
        key: tells its widgets from those of other fields.
    """
    st.html(f'<h2 class="d-label">{say.html("schemas.field")}</h2>{_problems_html(problems, say)}')
    st.text_input(
        say("schemas.field_name"),
        str(field.get("name", "")),
        max_chars=LONGEST_FIELD,
        placeholder=say("schemas.field_name_hint"),
        key=f"field-name-{key}",
    )
    known = str(field.get("type", "text"))
    st.selectbox(
        say("schemas.type"),
        TYPES,
        TYPES.index(known) if known in TYPES else 0,
        format_func=lambda one: say(f"schemas.type_{one}"),
        help=say("schemas.type_help"),
        key=f"field-type-{key}",
    )
    with st.container(horizontal=True):
        for name in ("required", "list", "key"):
            st.checkbox(
                say(f"schemas.{name}"),
                field.get(name) is True,
                help=say(f"schemas.{name}_help"),
                key=f"field-{name}-{key}",
            )
    _of_type(field, key, say)
    _described(field, key, say)


def _problems_html(problems: Sequence[Problem], say: Texts) -> str:
    if not problems:
        return ""
    lines = "".join(f"<li>{escape(problem_words(one, say.language))}</li>" for one in problems)
    return f'<div class="d-refusal d-problems" role="status"><ul>{lines}</ul></div>'


def _of_type(field: Draft, key: str, say: Texts) -> None:
    """What only some types have."""
    type_ = field["type"]
    if type_ == "choice":
        st.text_area(
            say("schemas.choices"),
            "\n".join(map(str, _items(field.get("choices")))),
            help=say("schemas.lines_help"),
            key=f"field-choices-{key}",
        )
    if type_ in ("text", "phone", "email") or field.get("pattern"):
        st.text_input(
            say("schemas.pattern"),
            str(field.get("pattern", "")),
            max_chars=LONGEST_PATTERN,
            placeholder=r"^\d{3}-\d{2}-\d{5}$",
            help=say("schemas.pattern_help"),
            key=f"field-pattern-{key}",
        )
    if type_ in LIMITS["minimum"]:
        st.text_input(
            say("schemas.unit"),
            str(field.get("unit", "")),
            placeholder=say("schemas.unit_hint"),
            key=f"field-unit-{key}",
        )
        for column, name in zip(st.columns(2), ("minimum", "maximum"), strict=True):
            known = field.get(name)
            is_number = isinstance(known, int | float) and not isinstance(known, bool)
            start = float(known) if is_number and known is not None else None
            column.number_input(say(f"schemas.{name}"), value=start, key=f"field-{name}-{key}")


def _described(field: Draft, key: str, say: Texts) -> None:
    """What tells people, models and rules what the field is."""
    st.text_area(
        say("schemas.description"),
        said(field.get("description"), say),
        height=80,
        placeholder=say("schemas.description_hint"),
        key=f"field-description-{key}",
    )
    with st.expander(say("schemas.more"), icon=":material/label:"):
        st.text_input(
            say("schemas.field_title"),
            said(field.get("title"), say),
            help=say("schemas.field_title_help"),
            key=f"field-title-{key}",
        )
        st.text_area(
            say("schemas.labels"),
            "\n".join(map(str, _items(field.get("labels")))),
            help=say("schemas.labels_help"),
            key=f"field-labels-{key}",
        )


def take(field: Draft, key: str, say: Texts) -> None:
    """Put into the draft what stands in the form; what was not drawn stays as it is."""
    typed = {
        name: st.session_state[place]
        for name in (
            "name",
            "type",
            "required",
            "list",
            "key",
            "choices",
            "pattern",
            "unit",
            "minimum",
            "maximum",
        )
        if (place := f"field-{name}-{key}") in st.session_state
    }
    for name in ("pattern", "unit"):
        if name in typed:
            typed[name] = typed[name].strip()
    for name in ("minimum", "maximum"):
        if typed.get(name) is not None and float(typed[name]).is_integer():
            typed[name] = int(typed[name])
    if "choices" in typed:  # numbers of a file stay numbers
        was = {str(one): one for one in _items(field.get("choices"))}
        typed["choices"] = [was.get(one, one) for one in _lines(typed["choices"])]
    for name in ("description", "title"):
        if (place := f"field-{name}-{key}") in st.session_state:
            typed[name] = both(field.get(name), st.session_state[place].strip(), say)
    if (place := f"field-labels-{key}") in st.session_state:
        typed["labels"] = _lines(st.session_state[place])
    field |= typed


def _items(given: Any) -> list[Any]:
    return list(given) if isinstance(given, list | tuple) else []


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
