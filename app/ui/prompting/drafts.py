"""The draft that the editor works on: begun empty, from a copy, a kept prompt or a file."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.errors import UsageError
from app.ui import shell
from prompts.checking import check_file
from prompts.library import Kind, Part, Words, as_markdown, fields

_DRAFT, _SERIAL = "prompt-draft", "prompt-draft-serial"


def is_open() -> bool:
    return _DRAFT in st.session_state


def current() -> dict[str, Any]:
    """The fields of the draft; see `prompts.checking.check`."""
    found: dict[str, Any] = st.session_state[_DRAFT]
    return found


def serial() -> int:
    """A number for each draft that was begun, for the keys of its widgets."""
    return int(st.session_state.get(_SERIAL, 0))


def begin(given: dict[str, Any]) -> None:
    """Open the editor with these fields."""
    st.session_state[_DRAFT] = given
    st.session_state[_SERIAL] = serial() + 1


def begin_new(kind: Kind = Kind.ROLE) -> None:
    begin({"kind": str(kind), "name": "", "title": "", "description": "", "text": "", "variables": {}})


def begin_edit(part: Part) -> None:
    begin(fields(as_markdown(part)) | {"kept": part.name})


def begin_copy(part: Part) -> None:
    """A copy under a name that is free yet."""
    say = shell.texts()
    taken = {one.name for one in shell.runtime().prompts.all(part.kind)}
    names = (f"{part.name}_{number}" for number in range(2, 1000))
    title = say("prompts.copy_of", title=part.title[say.language])
    copied = part.model_copy(
        update={"name": next(name for name in names if name not in taken), "title": Words(en=title, ko=title)}
    )
    begin(fields(as_markdown(copied)))


def begin_file(markdown: str) -> None:
    """What a file says, with all that is wrong with it.

    Raises:
        UsageError: it is no file of a prompt at all.
    """
    try:
        given = fields(markdown)
    except ValueError:
        from prompts.checking import problem_text

        _, problems = check_file(markdown)
        raise UsageError(problem_text(problems[0], shell.texts().language)) from None
    begin(given)


def close() -> None:
    st.session_state.pop(_DRAFT, None)
