"""Prompts that people wrote themselves: every save is a version, and nothing that was saved is lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    Integer,
    RowMapping,
    Select,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    insert,
    literal,
    select,
    update,
)

from app.errors import NotFoundError
from app.history.database import Database
from app.history.records import metadata
from app.schemas import Frozen

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


class OwnPrompt(Frozen):
    """One version of a prompt.

    Attributes:
        kind: role, style, examples or task.
        version: from 1; they are only added, never changed.
        content: the text of its Markdown file.
        deleted: since when the prompt is put away, with all its versions; None for one that is there.
    """

    kind: str
    name: str
    version: int
    content: str
    created: datetime
    deleted: datetime | None = None


class OwnPrompts:
    """The prompts of one database. Safe to use from many threads."""

    def __init__(self, database: Database) -> None:
        self._transaction = database.transaction

    def save(self, kind: str, name: str, content: str) -> OwnPrompt:
        """Add a version, which is the one that is used from now on; the same content again adds none.

        A prompt that was deleted is there again, with its earlier versions.
        """
        content = content.replace("\x00", "")
        known = self.versions(kind, name)
        if known and known[0].content == content:
            self._mark(kind, name, None)
            return self.get(kind, name)
        table = prompts.c
        latest = (
            select(func.coalesce(func.max(table.version), 0) + 1).where(_is(kind, name)).scalar_subquery()
        )
        row = select(literal(kind), literal(name), latest, literal(content), literal(_iso(datetime.now(UTC))))
        columns = ["kind", "name", "version", "content", "created"]
        with self._transaction() as connection:
            connection.execute(insert(prompts).from_select(columns, row))
        self._mark(kind, name, None)
        return self.get(kind, name)

    def latest(self, kind: str | None = None) -> list[OwnPrompt]:
        """The newest version of each prompt that is there, by kind and name."""
        return self._newest(select(prompts).where(prompts.c.deleted.is_(None)), kind)

    def deleted(self) -> list[OwnPrompt]:
        """The newest version of each that can be brought back."""
        return self._newest(select(prompts).where(prompts.c.deleted.is_not(None)), None)

    def _newest(self, query: Select[Any], kind: str | None) -> list[OwnPrompt]:
        table = prompts.c
        if kind is not None:
            query = query.where(table.kind == kind)
        found = self._read(query.order_by(table.kind, table.name, table.version))
        return list({(one.kind, one.name): one for one in found}.values())

    def versions(self, kind: str, name: str) -> list[OwnPrompt]:
        """All versions of a prompt, the newest first, also of one that was deleted."""
        return self._read(select(prompts).where(_is(kind, name)).order_by(prompts.c.version.desc()))

    def get(self, kind: str, name: str, version: int | None = None) -> OwnPrompt:
        """One version, the newest unless another is named, also of a prompt that was deleted.

        Raises:
            NotFoundError: there is no such prompt, or no such version of it.
        """
        known = self.versions(kind, name)
        found = [one for one in known if version in (None, one.version)]
        if not found:
            there = f" It has the versions 1 to {known[0].version}." if known else ""
            asked = f"{name!r}, version {version}" if version is not None else repr(name)
            raise NotFoundError(f"There is no {kind} {asked} among your own prompts.{there}")
        return found[0]

    def delete(self, kind: str, name: str) -> None:
        """Put a prompt away with all its versions; answers that it made still name it."""
        self._mark(kind, name, _iso(datetime.now(UTC)))

    def restore(self, kind: str, name: str) -> None:
        """Undo `delete`."""
        self._mark(kind, name, None)

    def _mark(self, kind: str, name: str, deleted: str | None) -> None:
        with self._transaction() as connection:
            connection.execute(update(prompts).where(_is(kind, name)).values(deleted=deleted))

    def _read(self, query: Select[Any]) -> list[OwnPrompt]:
        with self._transaction() as connection:
            rows: Sequence[RowMapping] = connection.execute(query).mappings().all()
        return [OwnPrompt.model_validate({key: row[key] for key in OwnPrompt.model_fields}) for row in rows]


def _is(kind: str, name: str) -> Any:
    return (prompts.c.kind == kind) & (prompts.c.name == name)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")
