"""From a plan to what files hold: jobs, done one after the other ahead of the one who takes them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.errors import DocumentError
from app.schemas import FileStatus
from ingest.catalog import Catalog, FileContent, FileRecord
from ingest.loaders import read
from ingest.plan import RECHUNK, Plan, Todo, recipe
from ingest.prepare import prepare, rechunk

if TYPE_CHECKING:
    from app.config import Settings
    from vectorstore.embeddings.base import EmbeddingModel

# Files that are read ahead of the embedding model; what bounds the memory.
_READ_AHEAD = 16


@dataclass(frozen=True, slots=True)
class Job:
    """A file to bring in: the row while it is worked on, and what makes its content."""

    pending: FileRecord
    make: Callable[[], FileContent]
    is_new: bool = False

    def outcome(self) -> FileContent | str:
        """The content, or why there is none."""
        try:
            return self.make()
        except DocumentError as error:
            return str(error)


class Jobs:
    """Makes a plan's jobs."""

    def __init__(self, catalog: Catalog, settings: Settings, model: Callable[[], EmbeddingModel]) -> None:
        self._catalog = catalog
        self._settings = settings
        self._model = model

    def of(self, plan: Plan) -> list[Job]:
        return [*map(self._read, plan.todo), *map(self._rechunk, plan.stored)]

    def _read(self, todo: Todo) -> Job:
        def make() -> FileContent:
            documents = list(read(todo.location))
            return prepare(todo.location, todo.record, documents, self._model(), self._settings.chunk_tokens)

        return Job(todo.pending, make, is_new=todo.known is None or not todo.known.sha256)

    def _rechunk(self, record: FileRecord) -> Job:
        def make() -> FileContent:
            content = self._catalog.documents.content(record.id)
            content = replace(content, file=replace(record, recipe=recipe(self._settings)))
            return rechunk(content, self._model(), self._settings.chunk_tokens)

        return Job(replace(record, status=FileStatus.PENDING, recipe=RECHUNK), make)


def read_ahead(reader: ThreadPoolExecutor, jobs: Sequence[Job]) -> Iterator[tuple[Job, FileContent | str]]:
    """Outcomes in the order of the jobs, never more than `_READ_AHEAD` of them waiting."""
    waiting: deque[tuple[Job, Future[FileContent | str]]] = deque()
    for job in jobs:
        waiting.append((job, reader.submit(job.outcome)))
        if len(waiting) >= _READ_AHEAD:
            first, future = waiting.popleft()
            yield first, future.result()
    while waiting:
        first, future = waiting.popleft()
        yield first, future.result()
