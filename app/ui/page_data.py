"""What the browser's side of the pages is told at each run; see `scripts/docent.js`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.ui.texts import Texts


def page_data(say: Texts) -> dict[str, Any]:
    """Language and words; JSON."""
    return {
        "language": say.language,
        "words": {
            "copied": say("bar.copied"),
            "busy": say("chat.busy"),
            "drop": say("dropped.here"),
            "names": say("dropped.names"),
            "folder": say("dropped.folder"),
            "viewer": {"panel": say("viewer.panel"), "close": say("viewer.close")},
        },
    }
