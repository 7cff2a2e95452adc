"""`DatabaseHome`: a collection in PostgreSQL, a schema for each generation; embedded indexes in files."""

from __future__ import annotations

import logging
import shutil
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from app.database import address, url_of
from app.errors import CollectionDamagedError, DocentError, NotFoundError
from app.schemas import Calibration
from ingest.catalog import Catalog
from ingest.catalog.postgres import PostgresSchema
from ingest.collection.advisory import AdvisoryLock, holder
from ingest.collection.folder import collection_dir, size_of
from ingest.collection.generations import NAME, Generations
from ingest.collection.registry import FIRST, Registry
from ingest.collection.work_tables import SCHEMA

if TYPE_CHECKING:
    from app.config import Settings

_CALIBRATION = "calibration"

_log = logging.getLogger(__name__)


def names_in_database(settings: Settings) -> list[str]:
    """The names of all collections, sorted."""
    return Registry(_url(settings)).names()


class DatabaseHome:
    """See `Home`."""

    def __init__(self, name: str, settings: Settings) -> None:
        self.name = name
        self.settings = settings
        self._url = _url(settings)
        self._registry = Registry(self._url)
        self.where = address(url_of(self._url))
        # Apart from a collection of the same name that is in files.
        self.root = collection_dir(settings.data_dir, name) / "database"

    def exists(self) -> bool:
        return self._registry.number(self.name) is not None

    def lock(self) -> AdvisoryLock:
        return AdvisoryLock(self.name, self._registry.begin(self.name), self._url)

    def writer(self) -> str | None:
        number = self._registry.number(self.name)
        if number is None:
            return None
        with self._registry.opened() as postgres:
            return holder(postgres, number)

    def generations(self) -> Generations:
        noted = self._registry.noted(self.name)
        if noted is None:
            return Generations(current=FIRST)
        try:
            return Generations.of(noted[0])
        except (ValueError, TypeError) as error:
            raise CollectionDamagedError(
                f"The row of the collection {self.name!r} in {self.where}, {SCHEMA}.collections, is damaged: "
                f"{error}."
            ) from error

    def note(self, state: Generations) -> Generations:
        values = state.values()
        self._registry.note(self.name, values)
        return Generations.of(values)

    def seconds_since_note(self) -> float:
        noted = self._registry.noted(self.name)
        return noted[1] if noted else float("inf")

    def names(self) -> set[str]:
        if self._number is None:
            return set()
        schemas = self._registry.schemas(self._number)
        in_database = {f"generation-{schema.rpartition('_')[2]}" for schema in schemas}
        in_files = {path.name for path in self.root.glob("*") if NAME.fullmatch(path.name)}
        return in_database | in_files

    def folder(self, generation: str) -> Path:
        return self.root / generation

    def has(self, generation: str) -> bool:
        number = self._number
        return number is not None and self._schema(generation) in self._registry.schemas(number)

    def catalog(self, generation: str, *, write: bool = False) -> Catalog:
        return Catalog(self._open(generation), write=write)

    def copy(self, source: Catalog, generation: str) -> None:
        database = source.database
        if not isinstance(database, PostgresSchema):
            raise TypeError(f"{database.where} is no catalogue in {self.where}")
        database.copy_to(self._schema(generation))
        with closing(self.catalog(generation, write=True)) as made:
            made.set_meta(**{_CALIBRATION: ""})

    def remove(self, generation: str) -> None:
        shutil.rmtree(self.folder(generation), ignore_errors=True)
        if self._number is not None:
            with closing(self._open(generation)) as database:
                database.drop()

    def size(self, generation: str) -> int:
        with closing(self._open(generation)) as database:
            return database.size() + size_of([self.folder(generation)])

    def calibration(self, generation: str) -> Calibration | None:
        try:
            with closing(self.catalog(generation)) as catalog:
                kept = catalog.meta().get(_CALIBRATION)
            return Calibration.model_validate_json(kept) if kept else None
        except (DocentError, ValidationError) as error:
            _log.warning("The calibration of %r is left out: %s", self.name, error)
            return None

    def calibrate(self, generation: str, measured: Calibration) -> None:
        try:
            with closing(self.catalog(generation)) as catalog:
                catalog.set_meta(**{_CALIBRATION: measured.model_dump_json()})
        except DocentError as error:
            _log.warning("The calibration of %r cannot be kept: %s", self.name, error)

    @cached_property
    def _known_number(self) -> int:
        number = self._registry.number(self.name)
        if number is None:
            raise NotFoundError(f"There is no collection {self.name!r} in {self.where}.")
        return number

    @property
    def _number(self) -> int | None:
        try:
            return self._known_number
        except NotFoundError:
            return None

    def _open(self, generation: str) -> PostgresSchema:
        return PostgresSchema(self._url, self._schema(generation))

    def _schema(self, generation: str) -> str:
        """Such as `docent_7_2`: names of collections may be in any script and longer than 63 bytes."""
        return f"{SCHEMA}_{self._known_number}_{generation.rpartition('-')[2]}"


def _url(settings: Settings) -> str:
    return settings.database_url.get_secret_value() if settings.database_url else ""
