"""Reading and embedding by actors of a Ray cluster, each with the limits that hold on this machine."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from queue import SimpleQueue
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

from ingest.catalog import FileContent, FileRecord
from ingest.pipeline.ray_crew import Crew
from ingest.plan import Todo

if TYPE_CHECKING:
    from app.config import Settings
    from vectorstore.base import Vectors
    from vectorstore.embeddings.base import EmbeddingModel

# Parts that wait at each actor that embeds, so that it is never without work.
_AT_EACH = 2
_SECONDS_BETWEEN_LOOKS = 0.5


class RayEngine:
    """See `Engine`. Actors that die are started anew by Ray, and what they did is done again.

    Raises (every method but `stop_reading` and `close`):
        ConfigurationError: the cluster of DOCENT_RAY_ADDRESS cannot be reached or used, or is gone.
    """

    def __init__(self, settings: Settings, model: Callable[[], EmbeddingModel]) -> None:
        self._settings = settings
        self._model = model
        self._started: Crew | None = None
        self._starting = Lock()
        self._idle: SimpleQueue[Any] = SimpleQueue()
        self._stopped = Event()

    @property
    def readers(self) -> int:
        return len(self._crew().readers)

    @property
    def embedders(self) -> int:
        return len(self._crew().embedders)

    def read(self, todo: Todo) -> FileContent | FileRecord:
        crew = self._crew()
        reader = self._idle.get()
        try:
            outcome = reader.read.remote(todo)
            while not crew.is_there(outcome, _SECONDS_BETWEEN_LOOKS):
                if self._stopped.is_set():
                    return todo.failed(f"{todo.location.name} was not read: the run has ended.")
            if (found := crew.outcome(outcome)) is None:
                return todo.failed(crew.lost_by(todo.location.name))
            read: FileContent | FileRecord = found
            return read
        finally:
            self._idle.put(reader)

    def vectors(self, parts: Iterable[Sequence[str]]) -> Iterator[Vectors]:
        crew = self._crew()
        under_way: deque[Any] = deque()
        for number, part in enumerate(parts):
            embedder = crew.embedders[number % len(crew.embedders)]
            under_way.append(embedder.vectors.remote(list(part)))
            if len(under_way) >= _AT_EACH * len(crew.embedders):
                yield crew.vectors(under_way.popleft())
        while under_way:
            yield crew.vectors(under_way.popleft())

    def stop_reading(self) -> None:
        self._stopped.set()

    def close(self) -> None:
        self._stopped.set()
        with self._starting:
            if self._started is not None:
                self._started.close()
                self._started = None

    def _crew(self) -> Crew:
        with self._starting:
            if self._started is None:
                self._started = Crew(self._settings, self._model())
                for reader in self._started.readers:
                    self._idle.put(reader)
            return self._started
