"""Schemas that people made themselves, in versions."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text, UniqueConstraint

from app.history.database import Database
from app.history.records import metadata
from app.history.versions import Version, Versions

schemas = Table(
    "schemas",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("name", String(100), nullable=False),
    Column("version", Integer, nullable=False),
    Column("content", Text, nullable=False),
    Column("created", String(32), nullable=False),
    Column("deleted", String(32)),
    UniqueConstraint("name", "version"),
)


class OwnSchema(Version):
    """One version of a schema; its content is the text of its YAML file."""

    name: str


class OwnSchemas:
    """The schemas of one database. Safe to use from many threads; see `Versions`."""

    def __init__(self, database: Database) -> None:
        self._kept = Versions(database, schemas, OwnSchema, ("name",))

    def save(self, name: str, content: str) -> OwnSchema:
        return self._kept.save((name,), content)

    def latest(self) -> list[OwnSchema]:
        """The newest version of each schema that is there, by name."""
        return self._kept.latest({})

    def deleted(self) -> list[OwnSchema]:
        """The newest version of each that can be brought back."""
        return self._kept.latest({}, deleted=True)

    def versions(self, name: str) -> list[OwnSchema]:
        """All versions of a schema, the newest first, also of one that was deleted."""
        return self._kept.versions((name,))

    def get(self, name: str, version: int | None = None) -> OwnSchema:
        """One version, the newest unless another is named, also of a schema that was deleted.

        Raises:
            NotFoundError: there is no such schema, or no such version of it.
        """
        return self._kept.get((name,), version, "schema")

    def delete(self, name: str) -> None:
        """Put a schema away with all its versions; answers that it formed still name it."""
        self._kept.mark((name,), deleted=True)

    def restore(self, name: str) -> None:
        """Undo `delete`."""
        self._kept.mark((name,), deleted=False)
