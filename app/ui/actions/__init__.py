"""What the buttons of the page's own HTML do: a table from names to functions, found when they are needed."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING

import streamlit as st

from app.ui import shell

if TYPE_CHECKING:
    from app.ui.bridge import Action

log = logging.getLogger(__name__)

# Name -> module:function, which takes the value. A dialog is opened by a function that shows it.
TABLE = {
    "asked": "app.ui.actions.answers:asked",
    "finished": "app.ui.actions.answers:finished",
    "stop": "app.ui.actions.answers:stop",
    "regenerate": "app.ui.actions.answers:regenerate",
    "retry": "app.ui.actions.answers:retry",
    "without-model": "app.ui.actions.answers:without_model",
    "version": "app.ui.actions.branches:version",
    "edit": "app.ui.actions.branches:edit",
    "earlier": "app.ui.actions.branches:earlier",
    "later": "app.ui.actions.branches:later",
    "prompt-open": "app.ui.actions.prompts:open_",
    "prompt-use": "app.ui.actions.prompts:use",
    "prompt-edit": "app.ui.actions.prompts:edit",
    "prompt-delete": "app.ui.actions.prompts:delete",
    "prompt-restore": "app.ui.actions.prompts:restore",
    "table-open": "app.ui.actions.tables:open_",
    "table-all": "app.ui.actions.tables:all_",
    "table-cell": "app.ui.actions.tables:cell",
    "table-stop": "app.ui.actions.tables:stop",
    "table-update": "app.ui.actions.tables:update",
    "table-delete": "app.ui.actions.tables:delete",
    "table-seen": "app.ui.actions.tables:seen",
    "schema-open": "app.ui.actions.schemas:open_",
    "schema-use": "app.ui.actions.schemas:use",
    "schema-edit": "app.ui.actions.schemas:edit",
    "schema-delete": "app.ui.actions.schemas:delete",
    "schema-restore": "app.ui.actions.schemas:restore",
    "field-open": "app.ui.actions.schemas:field",
    "field-add": "app.ui.actions.schemas:add",
    "field-up": "app.ui.actions.schemas:up",
    "field-down": "app.ui.actions.schemas:down",
    "field-remove": "app.ui.actions.schemas:remove",
    "details": "app.ui.actions.record:details",
    "repeat": "app.ui.actions.record:repeat",
    "changes": "app.ui.actions.record:changes",
    "continue": "app.ui.actions.record:go_on",
    "variations": "app.ui.actions.variants:variations",
    "several": "app.ui.actions.variants:several",
    "one-answer": "app.ui.actions.variants:one_answer",
    "compare": "app.ui.actions.variants:compare",
    "keep": "app.ui.actions.variants:keep",
    "close-compare": "app.ui.actions.variants:close",
    "export": "app.ui.actions.answers:export",
    "ask": "app.ui.actions.documents:ask",
    "lift": "app.ui.actions.documents:lift",
    "indexed": "app.ui.actions.documents:indexed",
    "indexing-seen": "app.ui.actions.documents:indexing_seen",
    "summary": "app.ui.actions.memory:summary",
    "good": "app.ui.actions.ratings:good",
    "bad": "app.ui.actions.ratings:bad",
    "explain": "app.ui.actions.ratings:explain",
    "branch": "app.ui.actions.copies:branch",
    "share": "app.ui.actions.copies:share",
    "adopt": "app.ui.actions.copies:adopt",
    "import": "app.ui.actions.transfer:import_",
    "imported": "app.ui.actions.transfer:imported",
    "ratings": "app.ui.actions.transfer:ratings",
    "new": "app.ui.actions.conversations:new",
    "open": "app.ui.actions.conversations:open_",
    "page": "app.ui.actions.conversations:page",
    "rename": "app.ui.actions.conversations:rename",
    "pin": "app.ui.actions.conversations:pin",
    "move": "app.ui.actions.conversations:move",
    "export-conversation": "app.ui.actions.conversations:export",
    "delete": "app.ui.actions.conversations:delete",
    "restore": "app.ui.actions.conversations:restore",
    "deleted": "app.ui.actions.conversations:deleted",
    "language": "app.ui.actions.conversations:language",
}


def perform(action: Action) -> None:
    """Do what was clicked; what goes wrong is told on the page."""
    place = TABLE.get(action.name)
    if place is None:
        log.warning("the page asked for an unknown action: %r", action.name[:40])
        return
    module, _, function = place.partition(":")
    try:
        if action.early:
            settle(action.early)
        getattr(import_module(module), function)(action.value)
    except Exception as error:
        log.warning("a click failed", exc_info=True)
        shell.error_card(error)


def settle(conversation_id: str) -> None:
    """Let the page be that of a conversation in which the browser asked past the page's script."""
    from app.ui.actions.answers import options_of

    options = options_of(conversation_id)
    st.query_params["c"] = conversation_id
    st.query_params.pop("m", None)
    st.session_state["options"] = options.for_another()
    st.session_state.pop("dropped", None)
