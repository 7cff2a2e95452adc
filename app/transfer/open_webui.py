"""The chats that Open WebUI exports: a list of objects with a `chat`, whose `history` is a tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.history import Whole
from app.transfer.building import ROLES, Around, Node, moment_of, text_of, tree


def fits(found: Any) -> bool:
    return isinstance(found, dict) and bool(_messages(found)) and "chat" in found


def conversation(found: dict[str, Any], number: int) -> Whole | None:
    """One of them; None where nobody says anything."""
    chat, history = found["chat"], found["chat"]["history"]
    around = Around(
        title=text_of(found.get("title")) or text_of(chat.get("title")),
        shown=text_of(history.get("currentId")) or None,
        created=moment_of(found.get("created_at")),
        updated=moment_of(found.get("updated_at")),
        pinned=found.get("pinned") is True,
    )
    return tree(list(_nodes(_messages(found))), around, number)


def _messages(found: dict[str, Any]) -> dict[str, Any]:
    chat = found.get("chat")
    history = chat.get("history") if isinstance(chat, dict) else None
    messages = history.get("messages") if isinstance(history, dict) else None
    return messages if isinstance(messages, dict) else {}


def _nodes(messages: dict[str, Any]) -> Iterator[Node]:
    for id, message in messages.items():
        if isinstance(message, dict):
            yield Node(
                id,
                text_of(message.get("parentId")) or None,
                ROLES.get(text_of(message.get("role"))),
                text_of(message.get("content")),
                moment_of(message.get("timestamp")),
            )
