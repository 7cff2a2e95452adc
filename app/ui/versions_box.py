"""The versions of something of one's own: compared, and one of them brought back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.ui import shell

if TYPE_CHECKING:
    from app.history import Version
    from app.ui.texts import Texts


def chosen(
    kept: Sequence[Version], difference: Callable[[str, str], str], key: str, say: Texts
) -> int | None:
    """Folded away; the number of the version that is to be the newest one again.

    Args:
        kept: all of them, the newest first.
        difference: of two contents, as HTML.
        key: of the button.
    """
    if len(kept) < 2:
        return None
    with st.expander(say.plural("prompts.versions", len(kept)), icon=":material/history:"):
        left, right = st.columns(2)
        older = _choose(kept, 1, "older", left, say)
        newer = _choose(kept, 0, "newer", right, say)
        st.html(difference(older.content, newer.content))
        again = st.button(
            say("prompts.bring_back", version=older.version),
            icon=":material/restore:",
            disabled=older.content == kept[0].content,
            key=key,
        )
    return older.version if again else None


def _choose(kept: Sequence[Version], at: int, which: str, column: Any, say: Texts) -> Version:
    zone = shell.timezone()
    with column:
        number = st.selectbox(
            say(f"prompts.{which}"),
            range(len(kept)),
            at,
            format_func=lambda i: say(
                "prompts.version_of",
                version=kept[i].version,
                time=kept[i].created.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
            ),
            key=f"version-{which}-{kept[0].version}",
        )
    return kept[number]
