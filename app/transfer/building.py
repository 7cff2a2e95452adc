"""Puts conversations together from what other programs wrote: messages with parents, or in a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.errors import ImportFileError
from app.history import Whole
from app.schemas import Role
from app.transfer.archive import Said, Talk, whole
from app.transfer.limits import LONGEST_TEXT, MOST_MESSAGES, within

ROLES = {"user": Role.USER, "assistant": Role.ASSISTANT}


@dataclass(frozen=True, slots=True)
class Node:
    """A message of another program.

    Attributes:
        role: None for what nobody said to anybody: system prompts, tools, empty roots.
    """

    id: str
    parent: str | None
    role: Role | None
    text: str
    created: datetime | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """What is known of a conversation beside its messages; `shown` is the id of the last one shown."""

    title: str = ""
    shown: str | None = None
    created: datetime | None = None
    updated: datetime | None = None
    pinned: bool = False


def tree(nodes: Sequence[Node], around: Around, number: int) -> Whole | None:
    """The conversation; None if nobody says anything in it. What nobody said gives way to what it follows.

    Raises:
        ImportFileError: there are too many messages, or one is too long.
    """
    within(len(nodes), MOST_MESSAGES, f"messages in conversation {number}")
    # For each node the number of the message that it is, or else of the nearest one above it.
    numbers: dict[str | None, int | None] = {None: None}
    said: list[Said] = []
    for node in _in_order(nodes):
        parent = numbers.get(node.parent)
        if node.role is None or not node.text.strip():
            numbers[node.id] = parent
            continue
        if len(node.text) > LONGEST_TEXT:
            raise ImportFileError(
                f"Conversation {number}: a message has {len(node.text):,} characters; "
                f"the limit is {LONGEST_TEXT:,}."
            )
        number_here = numbers[node.id] = len(said) + 1
        said.append(
            Said(
                id=number_here,
                parent=parent,
                role=node.role,
                content=node.text.strip(),
                created=node.created,
            )
        )
    made = Talk(
        title=around.title or next((one.content for one in said), ""),
        shown=numbers.get(around.shown),
        created=around.created,
        updated=around.updated or around.created,
        pinned=around.pinned,
        messages=tuple(said),
    )
    return whole(made, number) if said else None


def row(said: Iterable[tuple[Role, str]], title: str) -> Whole | None:
    """A conversation whose messages follow one another."""
    nodes = [Node(str(n), str(n - 1), role, text) for n, (role, text) in enumerate(said, 1)]
    return tree(nodes, Around(title), 1)


def _in_order(nodes: Sequence[Node]) -> Iterator[Node]:
    """Each after the one that it follows; those that go round in a circle are left out."""
    ids = {node.id for node in nodes}
    below: dict[str | None, list[Node]] = {}
    for node in nodes:
        below.setdefault(node.parent if node.parent in ids else None, []).append(node)
    waiting = below.get(None, [])[::-1]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += below.get(node.id, [])[::-1]


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else ""


def moment_of(seconds: Any) -> datetime | None:
    """Seconds since 1970, as these programs tell time."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None
