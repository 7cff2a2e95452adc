"""The collections of a PostgreSQL database: a row each in the schema `docent`, and what is noted of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Float,
    Integer,
    MetaData,
    Row,
    Select,
    Table,
    extract,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateSchema

from app.database import Postgres, address, alone, check_server
from app.errors import BackendRefusedError, CollectionError
from ingest.catalog.dialects import Words
from ingest.catalog.postgres import UNKNOWN
from ingest.collection.work_tables import SCHEMA
from ingest.collection.work_tables import metadata as work

FIRST = "generation-1"

_metadata = MetaData(schema=SCHEMA)
_steps = Table("schema_versions", _metadata, Column("version", Integer, primary_key=True))

collections = Table(
    "collections",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Words, nullable=False, unique=True),
    Column("current", Words, nullable=False, default=FIRST),
    Column("previous", Words),
    Column("next", Words),
    Column("behind", Boolean, nullable=False, default=False),
    Column("made", Integer, nullable=False, default=1),
    Column("noted_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
_NOTED = ("current", "previous", "next", "behind", "made")


def _m001_collections(connection: Connection) -> None:
    _metadata.create_all(connection)


def _m002_shared_work(connection: Connection) -> None:
    work.create_all(connection)


# Forward only, and never changed once released: a later change is a further step.
STEPS: tuple[Callable[[Connection], None], ...] = (_m001_collections, _m002_shared_work)


class Registry:
    """The rows of one database; nothing stays open.

    Raises (every method):
        BackendError: the server cannot be reached, or refuses.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    @contextmanager
    def opened(self) -> Iterator[Postgres]:
        postgres = Postgres(self._url)
        try:
            yield postgres
        finally:
            postgres.close()

    def names(self) -> list[str]:
        """Of all collections, sorted."""
        return [row.name for row in self._read(select(collections.c.name).order_by(collections.c.name))]

    def number(self, name: str) -> int | None:
        """What the database knows a collection by; None where there is none."""
        found = self._read(select(collections.c.id).where(collections.c.name == name))
        return found[0].id if found else None

    def noted(self, name: str) -> tuple[dict[str, Any], float] | None:
        """What was noted last, and how many seconds ago."""
        age = extract("epoch", func.now() - collections.c.noted_at).cast(Float).label("age")
        query = select(*(collections.c[column] for column in _NOTED), age)
        found = self._read(query.where(collections.c.name == name))
        return ({column: found[0]._mapping[column] for column in _NOTED}, found[0].age) if found else None

    def note(self, name: str, values: dict[str, Any]) -> None:
        change = update(collections).where(collections.c.name == name)
        with self.opened() as postgres, postgres.transaction() as connection:
            connection.execute(change.values(**values, noted_at=func.now()))

    def begin(self, name: str) -> int:
        """Make the row of a collection if it is not there; returns its number.

        Raises:
            ConfigurationError: the server is too old, or its texts are not in Unicode.
            CollectionError: the database was made by a later version of this program.
        """
        row = postgresql.insert(collections).values(name=name).on_conflict_do_nothing()
        with self.opened() as postgres, postgres.transaction() as connection:
            _migrate(connection)
            query = select(collections.c.id).where(collections.c.name == name)
            found = connection.execute(query).scalar()
            if found is None:
                connection.execute(row)
                found = connection.execute(query).scalar_one()
            return int(found)

    def schemas(self, number: int) -> list[str]:
        """The schemas of a collection's generations."""
        query = text("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, :start)")
        with self.opened() as postgres, postgres.transaction() as connection:
            rows = connection.execute(query, {"start": f"{SCHEMA}_{number}_"})
            return list(rows.scalars())

    def _read(self, query: Select[Any]) -> list[Row[Any]]:
        """Rows; none where nothing was ever written."""
        try:
            with self.opened() as postgres, postgres.transaction() as connection:
                return list(connection.execute(query))
        except BackendRefusedError as error:
            if error.values.get("sqlstate") in UNKNOWN:
                return []
            raise


def _migrate(connection: Connection) -> None:
    if _version(connection) == len(STEPS):
        return
    check_server(connection)
    alone(connection, SCHEMA)
    connection.execute(CreateSchema(SCHEMA, if_not_exists=True))
    done = _version(connection)
    if done > len(STEPS):
        raise CollectionError(
            f"The collections in {address(connection.engine.url)} were made by a later version of Docent "
            f"(tables {done}, this one knows {len(STEPS)}): update Docent."
        )
    for number, step in enumerate(STEPS[done:], done + 1):
        step(connection)
        connection.execute(insert(_steps).values(version=number))


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table(_steps.name, schema=SCHEMA):
        return 0
    return connection.execute(select(func.max(_steps.c.version))).scalar() or 0
