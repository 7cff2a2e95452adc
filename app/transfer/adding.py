"""Puts imported conversations into the history; those that are there already are known by their content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from app.history import Conversation, History, Whole
from app.history.cleaning import one_line
from app.transfer.archive import talk


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the conversations of a file.

    Attributes:
        added: with their new ids, in the order of the file.
        known: those that were there already, equal but for their times; they were not added again.
    """

    added: tuple[Conversation, ...]
    known: tuple[Conversation, ...]


def add(history: History, wholes: Sequence[Whole], collection: str = "") -> Imported:
    """Add those that are not there yet; all of them, or none where something goes wrong.

    Args:
        collection: for conversations that name none.
    """
    wholes = [_asking(whole, whole.conversation.collection or collection) for whole in wholes]
    there = _there(history, {one_line(whole.conversation.title) for whole in wholes})
    known = [there[content] for whole in wholes if (content := _content(whole)) in there]
    fresh = [whole for whole in wholes if _content(whole) not in there]
    return Imported(tuple(history.wholes.add(fresh)), tuple(known))


def _asking(whole: Whole, collection: str) -> Whole:
    return replace(whole, conversation=whole.conversation.model_copy(update={"collection": collection}))


def _there(history: History, titles: Container[str]) -> dict[str, Conversation]:
    """The conversations with these titles, by what they hold."""
    alike = [held for held in history.conversations() if held.title in titles]
    return {_content(history.wholes.get(held.id)): held for held in alike}


def _content(whole: Whole) -> str:
    """What two conversations must share to be the same; where they are put in the list is no part of it."""
    made = talk(whole).model_dump(mode="json", exclude={"created", "updated", "pinned", "folder"})
    made["title"] = one_line(made["title"])
    for said in made["messages"]:
        del said["created"]
        if said["feedback"]:
            del said["feedback"]["changed"]
    return hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()
