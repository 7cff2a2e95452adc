"""Going on in a conversation of one's own, and links to a conversation as it is now."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import streamlit as st

from app.errors import NotFoundError, UsageError
from app.history import Status
from app.schemas import Role
from app.ui import shell
from app.ui.rating_html import lead

if TYPE_CHECKING:
    from app.history import Share
    from app.ui.texts import Texts


def branch(message_id: str) -> None:
    """Go on from this message in a new conversation."""
    title = shell.texts()("share.branch_title", title="{title}")
    made = shell.runtime().history.wholes.branch(message_id, title)
    open_conversation(made.id)


def adopt(token: str) -> None:
    """Go on from what was shared, in a conversation of one's own."""
    history = shell.runtime().history
    made = history.wholes.branch(history.shares.find(token).leaf)
    open_conversation(made.id)


def open_conversation(conversation_id: str) -> None:
    """Show a conversation, in this very run where the chat is open: what a switch leaves behind is seen."""
    path = urlsplit(st.context.url or "").path.rstrip("/")
    others = [page.url_path for page in st.session_state["pages"].values() if page.url_path]
    if any(path.endswith(f"/{other}") for other in others):
        shell.go("chat", c=conversation_id)
    kept = {"lang": st.query_params["lang"]} if "lang" in st.query_params else {}
    st.query_params.from_dict({"c": conversation_id, **kept})


def share(id: str) -> None:
    """Offer a link to what led to this message, or to the branch of this conversation that is shown."""
    conversation, leaf = _place(id)
    say = shell.texts()

    @st.dialog(say("share.title"), width="medium")
    def dialog() -> None:
        st.html(lead(say("share.about")))
        held = next((one for one in _all(conversation) if one.leaf == leaf), None)
        if held is not None:
            st.code(address(held), language=None, wrap_lines=True)
        elif st.button(say("share.make"), type="primary", icon=":material/add_link:"):
            shell.runtime().history.shares.open(conversation, leaf)
            st.rerun(scope="fragment")
        _list(say)

    dialog()


def _place(id: str) -> tuple[str, str]:
    """The conversation, and the last message to be shown: what is being written is not."""
    history = shell.runtime().history
    try:
        message = history.message(id)
        conversation, path = message.conversation_id, history.messages(message.conversation_id, id)
    except NotFoundError:
        conversation, path = id, history.messages(id)
    while path and (path[-1].status is Status.STREAMING or path[-1].role is Role.USER):
        path.pop()
    if not path:
        raise UsageError("There is no answer yet that could be shared.")
    return conversation, path[-1].id


def _all(conversation_id: str | None = None) -> list[Share]:
    return shell.runtime().history.shares.all(conversation_id)


def _list(say: Texts) -> None:
    """What is shared, each with a button that takes it back."""
    shared = _all()
    if not shared:
        return
    st.html(f'<h3 class="d-shared-title">{say.html("share.list")}</h3>')
    for one in shared:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            day = f"{one.created.astimezone(shell.timezone()):%Y-%m-%d %H:%M}"
            title = escape(one.title or say("chat.untitled"))
            link = f'<a href="{escape(address(one))}" target="_blank" rel="noopener">{title}</a>'
            st.html(f'<p class="d-shared-one">{link}<small>{day}</small></p>', width="stretch")
            told = say("share.revoke_named", title=shell.plain(one.title))
            if st.button(say("share.revoke"), key=f"revoke-{one.token}", help=told):
                shell.runtime().history.shares.revoke(one.token)
                st.rerun(scope="fragment")


def address(share: Share) -> str:
    """Where what was shared can be read, as this browser reaches this server."""
    query = urlencode({"share": share.token})
    here = urlsplit(st.context.url or "")
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    root = f"{here.scheme}://{here.netloc}/" if here.netloc else "/"
    return f"{root}{base + '/' if base else ''}?{query}"
