"""From a plan to what files hold: jobs, each for one file."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from app.errors import DocumentError
from app.schemas import FileStatus
from ingest.catalog import FileContent, FileRecord
from ingest.chunking.passage import TokenCounter
from ingest.collection import Writer
from ingest.pipeline.workers import Workers
from ingest.plan import RECHUNK, Plan, Todo, digest, recipe
from ingest.prepare import prepare, rechunk

if TYPE_CHECKING:
    from app.config import Settings
    from ingest.pipeline.engine import Engine
    from vectorstore.embeddings.base import EmbeddingModel


@dataclass(frozen=True, slots=True)
class Job:
    """A file to bring in: its row meanwhile, and what makes its content, or its row if that fails."""

    pending: FileRecord
    outcome: Callable[[], FileContent | FileRecord]
    is_new: bool = False


def content_of(
    todo: Todo, workers: Workers, model: TokenCounter, chunk_tokens: int
) -> FileContent | FileRecord:
    """What a file holds, cut into chunks; or its row, where it cannot be read."""
    # The digest comes first: what changes while it is read is then read again by the next run.
    record = replace(todo.record, sha256=digest(todo.location))
    began, seconds = time.monotonic(), None
    try:
        try:
            read = list(workers.read(todo.location))
        finally:
            seconds = round(time.monotonic() - began, 3)
        documents = [replace(one, metadata={**todo.metadata, **one.metadata}) for one in read]
        record = replace(record, read_seconds=seconds)
        return prepare(todo.location, record, documents, model, chunk_tokens)
    except DocumentError as error:
        return replace(todo.failed(str(error)), read_seconds=seconds)


class Jobs:
    """Makes a plan's jobs."""

    def __init__(
        self, writer: Writer, settings: Settings, model: Callable[[], EmbeddingModel], engine: Engine
    ) -> None:
        self._writer = writer
        self._settings = settings
        self._model = model
        self._engine = engine

    def of(self, plan: Plan) -> list[Job]:
        return [*map(self.read, plan.todo), *map(self.rechunk, plan.stored)]

    def read(self, todo: Todo) -> Job:
        return Job(todo.pending, partial(self._engine.read, todo), todo.is_new)

    def rechunk(self, record: FileRecord) -> Job:
        def outcome() -> FileContent | FileRecord:
            content = self._writer.catalog.documents.content(record.id)
            content = replace(content, file=replace(record, recipe=recipe(self._settings)))
            try:
                return rechunk(content, self._model(), self._settings.chunk_tokens)
            except DocumentError as error:
                return replace(record, status=FileStatus.FAILED, error=str(error))

        return Job(replace(record, status=FileStatus.PENDING, recipe=RECHUNK), outcome)
