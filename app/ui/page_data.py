"""What the browser's side of the pages is told at each run; see `scripts/docent.js`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.ui import task_box
from app.ui.actions import TABLE
from app.ui.conversations import commands

if TYPE_CHECKING:
    from collections.abc import Container

    from app.ui.texts import Texts


def page_data(say: Texts, pages: Container[str]) -> dict[str, Any]:
    """Language, words and commands; JSON.

    Args:
        pages: the names of those that there are.
    """
    return {
        "language": say.language,
        "commands": commands.as_data(commands.available(TABLE, pages), say),
        "keys": commands.keys_as_data(say),
        "tasks": task_box.as_data(say),
        "words": commands.words(say)
        | {
            "copied": say("bar.copied"),
            "busy": say("chat.busy"),
            "searching": say("chat.searching"),
            "unreachable": say("chat.unreachable"),
            "drop": say("dropped.here"),
            "names": say("dropped.names"),
            "folder": say("dropped.folder"),
            "viewer": {"panel": say("viewer.panel"), "close": say("viewer.close")},
        },
    }
