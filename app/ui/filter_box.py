"""A box to choose filters in: "field:value", suggested from what the documents say of themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from app.errors import NotFoundError, UsageError
from app.ui import shell

if TYPE_CHECKING:
    from app.chat.retrieve.query import Where
    from app.ui.texts import Texts
    from ingest.collection import Collection

# Values that are suggested of each field, the most frequent first; fields that are suggested at all.
_VALUES, _FIELDS = 8, 30


def choose(current: Sequence[str], collection: str, key: str, say: Texts) -> tuple[str, ...]:
    """Draw the box; what is no filter of this collection is named below it and left out."""
    fields, suggested = _known(collection)
    chosen = st.multiselect(
        say("filter.label"),
        list(dict.fromkeys([*current, *suggested])),
        list(current),
        accept_new_options=True,
        placeholder=say("filter.placeholder"),
        help=say("filter.help"),
        select_all=False,
        key=key,
    )
    good = tuple(one for one in chosen if _read([one], fields) is not None)
    if wrong := [one for one in chosen if one not in good]:
        named = ", ".join(sorted(fields)) or "–"
        st.caption(shell.plain(say("filter.wrong", filters=", ".join(wrong), fields=named)))
    return good


def where(chosen: Sequence[str], collection: str) -> Where:
    """The chosen filters as a search takes them; several of one field let any of them fit."""
    return (_read(chosen, _known(collection)[0]) or {}) if chosen else {}


def _read(chosen: Sequence[str], fields: Mapping[str, object]) -> Where | None:
    from app.chat.retrieve.query import parse_filters

    try:
        return parse_filters([one.replace(":", "=", 1) for one in chosen], lambda: fields)
    except UsageError:
        return None


def _known(collection: str) -> tuple[Mapping[str, Mapping[str, int]], list[str]]:
    try:
        held = shell.runtime().collection(collection)
    except NotFoundError:
        return {}, []
    return held.fields(), list(_suggested(held))


def _suggested(held: Collection) -> Iterator[str]:
    from app.chat.retrieve.query import FIELDS, file_type
    from ingest.changes import DATES

    sources = [record.source for record in held.records()]
    kinds = Counter(map(file_type, sources))
    folders = Counter(source.partition("/")[0] for source in sources if "/" in source)
    for name, counts in (("type", kinds), ("folder", folders)):
        if len(counts) > 1:
            yield from (f"{name}:{value}" for value, _ in counts.most_common(_VALUES))
    own = [name for name in held.fields() if name not in {*FIELDS, *DATES}]
    for name in own[:_FIELDS]:
        yield from (f"{name}:{value}" for value in list(held.fields()[name])[:_VALUES])
