"""Fields for the variables of a part, and the documents that a task may be about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from app.errors import DocentError
from app.schemas import FileStatus
from app.ui import shell

if TYPE_CHECKING:
    from app.ui.texts import Texts
    from prompts.library import Part

LONGEST_VALUE = 1000


def fill_in(part: Part, known: Mapping[str, str], key: str, say: Texts) -> dict[str, str]:
    """What was typed into the fields; one that is left empty takes its default."""
    typed = {}
    for name, one in part.variables.items():
        default = one.default[say.language] if one.default is not None else None
        title = one.title[say.language] or name
        typed[name] = st.text_input(
            shell.plain(title if default is not None else f"{title} *"),
            known.get(name, ""),
            placeholder=default or one.hint[say.language],
            help=shell.plain(one.hint[say.language]) or None,
            max_chars=LONGEST_VALUE,
            key=f"value-{key}-{part.kind}-{part.name}-{name}",
        )
    return {name: value.strip() for name, value in typed.items() if value.strip()}


def sources(collection: str) -> list[str]:
    """The documents of a collection by their paths."""
    try:
        records = shell.runtime().collection(collection).records()
    except DocentError:  # nothing is indexed yet
        return []
    return sorted(record.source for record in records if record.status is FileStatus.INDEXED)
