"""Texts that people wrote themselves, by name: every save is a version, and nothing that was is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import RowMapping, Table, and_, func, insert, literal, select, update

from app.errors import NotFoundError
from app.history.cleaning import iso as _iso
from app.history.database import Database
from app.schemas import Frozen


class Version(Frozen):
    """One version.

    Attributes:
        version: from 1; they are only added, never changed.
        content: as it is written into a file.
        deleted: since when it is put away, with all its versions; None for one that is there.
    """

    version: int
    content: str
    created: datetime
    deleted: datetime | None = None


V = TypeVar("V", bound=Version)
Key = tuple[str, ...]


class Versions(Generic[V]):
    """What one table keeps. Safe to use from many threads.

    Args:
        table: has a column for each field of `record`, and `seq`.
        record: what a row is read as.
        keys: the columns that name a text, such as kind and name.
    """

    def __init__(self, database: Database, table: Table, record: type[V], keys: Key) -> None:
        self._transaction = database.transaction
        self._table, self._record, self._keys = table, record, keys

    def save(self, key: Key, content: str) -> V:
        """Add a version, which is the one that is used from now on; the same content again adds none.

        One that was deleted is there again, with its earlier versions.
        """
        content = content.replace("\x00", "")
        known = self.versions(key)
        if not known or known[0].content != content:
            self._add(key, content)
        self.mark(key, deleted=False)
        return self.versions(key)[0]

    def _add(self, key: Key, content: str) -> None:
        column = self._table.c
        latest = select(func.coalesce(func.max(column.version), 0) + 1).where(self._is(key)).scalar_subquery()
        named = [literal(part) for part in key]
        row = select(*named, latest, literal(content), literal(_iso(datetime.now(UTC))))
        columns = [*self._keys, "version", "content", "created"]
        with self._transaction() as connection:
            connection.execute(insert(self._table).from_select(columns, row))

    def latest(self, where: Mapping[str, str], *, deleted: bool = False) -> list[V]:
        """The newest version of each that is there, or of each that was deleted, by its key."""
        column = self._table.c
        query = select(self._table).where(
            column.deleted.is_not(None) if deleted else column.deleted.is_(None),
            *(column[name] == value for name, value in where.items()),
        )
        found = self._read(query.order_by(*(column[name] for name in self._keys), column.version))
        return list({tuple(getattr(one, name) for name in self._keys): one for one in found}.values())

    def versions(self, key: Key) -> list[V]:
        """All versions, the newest first, also of one that was deleted."""
        return self._read(select(self._table).where(self._is(key)).order_by(self._table.c.version.desc()))

    def get(self, key: Key, version: int | None, noun: str) -> V:
        """One version, the newest unless another is named, also of one that was deleted.

        Args:
            noun: what it is called in the message.

        Raises:
            NotFoundError: there is none of this key, or no such version of it.
        """
        known = self.versions(key)
        found = [one for one in known if version in (None, one.version)]
        if found:
            return found[0]
        there = f" It has the versions 1 to {known[0].version}." if known else ""
        asked = repr(key[-1]) + (f", version {version}" if version is not None else "")
        raise NotFoundError(f"There is no {noun} {asked} among your own {noun}s.{there}")

    def mark(self, key: Key, *, deleted: bool) -> None:
        """Put all versions away, or bring them back."""
        since = _iso(datetime.now(UTC)) if deleted else None
        with self._transaction() as connection:
            connection.execute(update(self._table).where(self._is(key)).values(deleted=since))

    def _is(self, key: Key) -> Any:
        return and_(*(self._table.c[name] == part for name, part in zip(self._keys, key, strict=True)))

    def _read(self, query: Any) -> list[V]:
        with self._transaction() as connection:
            rows: Sequence[RowMapping] = connection.execute(query).mappings().all()
        fields = self._record.model_fields
        return [self._record.model_validate({key: row[key] for key in fields}) for row in rows]
