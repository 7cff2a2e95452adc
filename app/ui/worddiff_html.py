"""How two texts differ, as HTML: struck through, underlined, and told to screen readers."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from app.worddiff import Part, word_diff

if TYPE_CHECKING:
    from app.ui.texts import Texts

_TAGS = {"removed": "del", "added": "ins"}


def diff_html(before: str, after: str, say: Texts) -> str:
    """Both texts as one, with what differs marked; line breaks are kept by the style."""
    body = "".join(_part(part, say) for part in word_diff(before, after))
    return f'<div class="d-diff">{body}</div>'


def _part(part: Part, say: Texts) -> str:
    if part.kind == "same":
        return escape(part.text)
    tag = _TAGS[part.kind]
    said = f'<span class="d-unseen">{say.html(f"worddiff.{part.kind}")} </span>'
    return f"<{tag}>{said}{escape(part.text)}</{tag}>"
