"""`conversations.json` of ChatGPT's data export: a list of conversations, each a mapping of nodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.history import Whole
from app.transfer.building import ROLES, Around, Node, moment_of, text_of, tree


def fits(found: Any) -> bool:
    return isinstance(found, dict) and isinstance(found.get("mapping"), dict)


def conversation(found: dict[str, Any], number: int) -> Whole | None:
    """One of them; None where nobody says anything."""
    around = Around(
        title=text_of(found.get("title")),
        shown=text_of(found.get("current_node")) or None,
        created=moment_of(found.get("create_time")),
        updated=moment_of(found.get("update_time")),
    )
    return tree(list(_nodes(found["mapping"])), around, number)


def _nodes(mapping: dict[str, Any]) -> Iterator[Node]:
    for id, node in mapping.items():
        if isinstance(node, dict):
            message = node.get("message")
            message = message if isinstance(message, dict) else {}
            role = ROLES.get(text_of(_part(message, "author").get("role"))) if _is_said(message) else None
            yield Node(
                id,
                text_of(node.get("parent")) or None,
                role,
                _text(_part(message, "content")),
                moment_of(message.get("create_time")),
            )


def _is_said(message: dict[str, Any]) -> bool:
    """Whether it is meant for the reader, and not for a tool or for nobody."""
    hidden = _part(message, "metadata").get("is_visually_hidden_from_conversation")
    return message.get("recipient", "all") == "all" and not hidden


def _text(content: dict[str, Any]) -> str:
    """Of texts, and of the texts among pictures; thoughts and what tools put out are left out."""
    if content.get("content_type") not in ("text", "multimodal_text"):
        return ""
    parts = content.get("parts")
    said = [text_of(part) for part in parts] if isinstance(parts, list) else []
    return "\n\n".join(filter(None, said))


def _part(whole: dict[str, Any], name: str) -> dict[str, Any]:
    part = whole.get(name)
    return part if isinstance(part, dict) else {}
