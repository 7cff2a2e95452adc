"""A conversation as a tree: each message follows another one, and one branch of them is shown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from app.history.records import Status
from app.schemas import Role


@dataclass(frozen=True, slots=True)
class Node:
    """A message without its content.

    Attributes:
        seq: the order in which messages came, over all conversations.
    """

    id: str
    parent_id: str | None
    role: Role
    status: Status
    seq: int


@dataclass(frozen=True)
class Tree:
    """All messages of a conversation, oldest first, and the last one of the branch that is shown."""

    nodes: tuple[Node, ...]
    leaf: str | None

    @cached_property
    def by_id(self) -> dict[str, Node]:
        return {node.id: node for node in self.nodes}

    @cached_property
    def children(self) -> dict[str | None, list[Node]]:
        """What follows each message, oldest first; what follows None begins the conversation."""
        found: dict[str | None, list[Node]] = {}
        for node in self.nodes:
            parent = node.parent_id if node.parent_id in self.by_id else None
            found.setdefault(parent, []).append(node)
        return found

    def branch(self, leaf: str | None = None) -> tuple[Node, ...]:
        """From the first message to `leaf`, or to the end of the branch that is shown."""
        path: list[Node] = []
        node = self.by_id.get(leaf or self._shown)
        while node is not None and node not in path[-1:]:
            path.append(node)
            node = self.by_id.get(node.parent_id or "")
        return tuple(reversed(path))

    @cached_property
    def _shown(self) -> str:
        last = self.nodes[-1].id if self.nodes else ""
        return self.leaf if self.leaf in self.by_id else last

    def siblings(self, message_id: str) -> tuple[Node, ...]:
        """The message and its alternatives: other answers to its question, other versions of it."""
        node = self.by_id[message_id]
        parent = node.parent_id if node.parent_id in self.by_id else None
        return tuple(self.children[parent])

    def end_of(self, message_id: str) -> str:
        """The end of the branch through this message that was gone on with last."""
        newest, frontier = self.by_id[message_id], [self.by_id[message_id]]
        while frontier:
            node = frontier.pop()
            newest = max(newest, node, key=lambda one: one.seq)
            frontier += self.children.get(node.id, [])
        return newest.id
