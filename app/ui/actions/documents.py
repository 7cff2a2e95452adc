"""What can be done with documents in the chat: ask a suggested question, lift a limit, hide a line."""

from __future__ import annotations

import streamlit as st

from app.ui import asking, shell
from app.ui.options import Options


def ask(question: str) -> None:
    """Ask a suggested question in the conversation of the address, or in a new one."""
    runtime = shell.runtime()
    wanted = st.query_params.get("c")
    if wanted:
        conversation = runtime.history.conversation(wanted)
        options = Options.of(conversation, runtime.settings)
    else:
        conversation, options = None, st.session_state.get("options") or Options.initial(runtime.settings)
        st.session_state["options"] = options.model_copy(update={"only": ()})
    asked = asking.keep(question[: asking.LONGEST_QUESTION], conversation, options)
    asking.answer(asked, options)
    st.query_params["c"] = asked.conversation_id
    st.query_params.pop("m", None)


def lift(conversation_id: str) -> None:
    """Ask all documents again."""
    if not conversation_id:
        options = st.session_state.get("options") or Options.initial(shell.runtime().settings)
        st.session_state["options"] = options.model_copy(update={"only": ()})
        return
    history = shell.runtime().history
    conversation = history.conversation(conversation_id)
    history.configure(conversation_id, settings={**conversation.settings, "only": []})


def indexing_seen(collection: str) -> None:
    """Hide what came of the last run."""
    shell.indexing().forget(collection)


def indexed(_: str) -> None:
    """The browser has seen the end of a run; the page that is drawn now knows the new documents."""
