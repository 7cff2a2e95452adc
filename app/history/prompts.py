"""Prompts that people wrote themselves, in versions."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text, UniqueConstraint

from app.history.database import Database
from app.history.records import metadata
from app.history.versions import Version, Versions

prompts = Table(
    "prompts",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),
    Column("name", String(100), nullable=False),
    Column("version", Integer, nullable=False),
    Column("content", Text, nullable=False),
    Column("created", String(32), nullable=False),
    Column("deleted", String(32)),
    UniqueConstraint("kind", "name", "version"),
)


class OwnPrompt(Version):
    """One version of a prompt; its content is the text of its Markdown file.

    Attributes:
        kind: role, style, examples or task.
    """

    kind: str
    name: str


class OwnPrompts:
    """The prompts of one database. Safe to use from many threads; see `Versions`."""

    def __init__(self, database: Database) -> None:
        self._kept = Versions(database, prompts, OwnPrompt, ("kind", "name"))

    def save(self, kind: str, name: str, content: str) -> OwnPrompt:
        return self._kept.save((kind, name), content)

    def latest(self, kind: str | None = None) -> list[OwnPrompt]:
        """The newest version of each prompt that is there, by kind and name."""
        return self._kept.latest({} if kind is None else {"kind": kind})

    def deleted(self) -> list[OwnPrompt]:
        """The newest version of each that can be brought back."""
        return self._kept.latest({}, deleted=True)

    def versions(self, kind: str, name: str) -> list[OwnPrompt]:
        """All versions of a prompt, the newest first, also of one that was deleted."""
        return self._kept.versions((kind, name))

    def get(self, kind: str, name: str, version: int | None = None) -> OwnPrompt:
        """One version, the newest unless another is named, also of a prompt that was deleted.

        Raises:
            NotFoundError: there is no such prompt, or no such version of it.
        """
        return self._kept.get((kind, name), version, kind)

    def delete(self, kind: str, name: str) -> None:
        """Put a prompt away with all its versions; answers that it made still name it."""
        self._kept.mark((kind, name), deleted=True)

    def restore(self, kind: str, name: str) -> None:
        """Undo `delete`."""
        self._kept.mark((kind, name), deleted=False)
