"""The page as it will be, for the time until the framework's script has loaded and drawn it.

The conversation of the address can be read at once, and a question be typed; `scripts/early.js` hands over
what was typed and takes all of it away. It looks as the pages do because it is made of the same parts.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.errors import DocentError
from app.ui import asking, sidebar, theme, window
from app.ui.branch_html import Branch
from app.ui.conversations import listing
from app.ui.first_page import LOGO
from app.ui.options import Options
from app.ui.texts import LANGUAGES, Texts, browser_language

if TYPE_CHECKING:
    from app.runtime import Runtime

# Their addresses are the chat's, but they are read only.
_OTHERS = {"share", "compare"}

log = logging.getLogger(__name__)


def early_html(runtime: Runtime, asked: Mapping[str, str], accepted: str | None) -> str:
    """HTML; "" for what is not a chat to write in.

    Args:
        asked: the query of the address.
        accepted: the languages that the browser asks for.
    """
    if asked.keys() & _OTHERS:
        return ""
    say = _texts(runtime, asked, accepted)
    conversation, invitation = asked.get("c", ""), say.html("chat.placeholder")
    return (
        f'<div id="d-early" aria-busy="true" style="--d-font: {theme.FONT}">'
        f"{_side(runtime, conversation, asked, say)}"
        f'<main><div class="d-early-turns">{_turns(runtime, conversation, asked, say)}</div>'
        f'<div class="d-early-composer"><textarea rows="1" maxlength="{asking.LONGEST_QUESTION}" '
        f'placeholder="{invitation}" aria-label="{invitation}"></textarea></div></main></div>'
    )


def _texts(runtime: Runtime, asked: Mapping[str, str], accepted: str | None) -> Texts:
    chosen = asked.get("lang", "")
    if chosen in LANGUAGES:
        return Texts(chosen)
    configured = runtime.settings.language
    return Texts(browser_language(accepted) if configured == "auto" else configured)


def _side(runtime: Runtime, conversation: str, asked: Mapping[str, str], say: Texts) -> str:
    mark = base64.b64encode(LOGO.read_bytes()).decode()
    acts = [("new", ""), *(("page", name) for name in sidebar.PAGES)]
    names = "".join(
        f'<li><button type="button" data-act="{act}" data-value="{value}">'
        f"{say.html(f'nav.{value or act}')}</button></li>"
        for act, value in acts
    )
    held = listing.now(runtime, say, conversation, asked.get("lang", ""), None)
    return (
        f'<aside><p class="d-early-mark"><img src="data:image/svg+xml;base64,{mark}" alt="">Docent</p>'
        f"<ul>{names}</ul>{held}</aside>"
    )


def _turns(runtime: Runtime, conversation: str, asked: Mapping[str, str], say: Texts) -> str:
    """Those of the conversation; "" where there is none."""
    if not conversation:
        return ""
    try:
        held = runtime.history.conversation(conversation)
        live = frozenset(job.message_id for job in runtime.jobs.running(conversation))
        tree = runtime.history.tree(conversation)
        ids = [node.id for node in tree.branch()]
        branch = Branch.of(runtime, tree, window.first(ids, asked.get("m")))
        return "".join(branch.html(runtime, live, Options.of(held, runtime.settings).mode, say))
    except DocentError as error:  # the page itself says it, with its cure
        log.debug("not shown early: %s", error)
        return ""
