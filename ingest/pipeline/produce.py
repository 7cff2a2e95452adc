"""From a plan to what files hold: jobs, each for one file."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.errors import DocumentError
from app.schemas import FileStatus
from ingest.catalog import Catalog, FileContent, FileRecord
from ingest.pipeline.workers import Workers
from ingest.plan import RECHUNK, Plan, Todo, digest, recipe
from ingest.prepare import prepare, rechunk

if TYPE_CHECKING:
    from app.config import Settings
    from vectorstore.embeddings.base import EmbeddingModel


@dataclass(frozen=True, slots=True)
class Job:
    """A file to bring in: its row meanwhile, what makes its content, and its row if that fails."""

    pending: FileRecord
    make: Callable[[], FileContent]
    failed: Callable[[str], FileRecord]
    is_new: bool = False

    def outcome(self) -> FileContent | str:
        """The content, or why there is none."""
        try:
            return self.make()
        except DocumentError as error:
            return str(error)


class _Clock:
    """Attributes: the `seconds` that its `with` took; None before."""

    def __init__(self) -> None:
        self.seconds: float | None = None
        self._began = 0.0

    def __enter__(self) -> None:
        self._began = time.monotonic()

    def __exit__(self, *error: object) -> None:
        self.seconds = round(time.monotonic() - self._began, 3)


class Jobs:
    """Makes a plan's jobs."""

    def __init__(
        self, catalog: Catalog, settings: Settings, model: Callable[[], EmbeddingModel], workers: Workers
    ) -> None:
        self._catalog = catalog
        self._settings = settings
        self._model = model
        self._workers = workers

    def of(self, plan: Plan) -> list[Job]:
        return [*map(self._read, plan.todo), *map(self._rechunk, plan.stored)]

    def _read(self, todo: Todo) -> Job:
        clock = _Clock()

        def make() -> FileContent:
            # The digest comes first: what changes while it is read is then read again by the next run.
            record = replace(todo.record, sha256=digest(todo.location))
            with clock:
                read = list(self._workers.read(todo.location))
            record = replace(record, read_seconds=clock.seconds)
            documents = [replace(one, metadata={**todo.metadata, **one.metadata}) for one in read]
            return prepare(todo.location, record, documents, self._model(), self._settings.chunk_tokens)

        def failed(error: str) -> FileRecord:
            return replace(todo.failed(error), read_seconds=clock.seconds)

        return Job(todo.pending, make, failed, is_new=todo.known is None or not todo.known.sha256)

    def _rechunk(self, record: FileRecord) -> Job:
        def make() -> FileContent:
            content = self._catalog.documents.content(record.id)
            content = replace(content, file=replace(record, recipe=recipe(self._settings)))
            return rechunk(content, self._model(), self._settings.chunk_tokens)

        def failed(error: str) -> FileRecord:
            return replace(record, status=FileStatus.FAILED, error=error)

        return Job(replace(record, status=FileStatus.PENDING, recipe=RECHUNK), make, failed)
