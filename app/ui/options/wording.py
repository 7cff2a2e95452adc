"""How an answer is worded: role, style, examples, and what their variables are filled with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.errors import ConfigurationError
from app.prompting.chosen import CHOSEN
from app.schemas import PromptChoice
from app.ui import shell
from app.ui.options.labels import without_model
from app.ui.prompting.fill import fill_in

if TYPE_CHECKING:
    from app.ui.options.values import Options
    from app.ui.texts import Texts
    from prompts.library import Kind, Part


def section(current: Options, key: str, say: Texts) -> Options:
    """Nothing to choose where no model writes, or where it talks freely."""
    if current.free or without_model(current.model):
        return current
    with st.expander(_title(current.prompt, say), key=f"wording-{key}"):
        chosen = [_choose(kind, current.prompt, key, say) for kind in CHOSEN]
        values: dict[str, str] = {}
        for part in chosen:
            values |= fill_in(part, current.prompt.values, key, say)
        if missing := [
            part.variables[name].title[say.language] for part in chosen for name in part.missing(values)
        ]:
            st.caption(shell.plain(say("wording.missing", names=", ".join(missing))))
    names = {part.kind.value: part.name for part in chosen}
    known = {name: getattr(current.prompt, name) for name in names}
    default = {name: getattr(shell.runtime().settings, name) for name in names}
    same = {
        name: known[name] if names[name] == (known[name] or default[name]) else names[name] for name in names
    }
    return current.model_copy(update={"prompt": PromptChoice(values=values, **same)})


def _title(choice: PromptChoice, say: Texts) -> str:
    named = [_found(kind, choice) for kind in CHOSEN]
    titles = [part.title[say.language] for part in named if part.name not in ("default", "plain", "none")]
    return shell.plain(" · ".join([say("wording.title"), *titles]))


def _found(kind: Kind, choice: PromptChoice) -> Part:
    """What is chosen; the plain one where that is gone by now."""
    shelf = shell.runtime().prompts
    wanted = getattr(choice, kind) or getattr(shell.runtime().settings, kind)
    try:
        return shelf.find(kind, wanted)
    except ConfigurationError:
        return shelf.all(kind)[0]


def _choose(kind: Kind, choice: PromptChoice, key: str, say: Texts) -> Part:
    parts = {part.name: part for part in shell.runtime().prompts.all(kind)}
    names = list(parts)
    here = _found(kind, choice).name
    name = st.selectbox(
        say(f"prompts.one_{kind}"),
        names,
        names.index(here) if here in names else 0,
        format_func=lambda one: parts[one].title[say.language],
        key=f"{kind}-{key}-{here}",
    )
    st.caption(shell.plain(parts[name].description[say.language]))
    return parts[name]
