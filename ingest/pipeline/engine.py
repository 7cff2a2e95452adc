"""Who reads and embeds for a run: this machine, or a Ray cluster. The run itself plans and writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from app.errors import MissingExtraError
from ingest.catalog import FileContent, FileRecord
from ingest.pipeline.produce import content_of
from ingest.pipeline.workers import Workers
from ingest.plan import Todo

if TYPE_CHECKING:
    from app.config import Settings
    from vectorstore.base import Vectors
    from vectorstore.embeddings.base import EmbeddingModel


class Engine(Protocol):
    """Safe among threads; nothing is started before it is needed.

    Attributes:
        readers: how many files may be read at once.
        embedders: how many parts may be embedded at once.
    """

    @property
    def readers(self) -> int: ...

    @property
    def embedders(self) -> int: ...

    def read(self, todo: Todo) -> FileContent | FileRecord:
        """What a file holds, cut into chunks; or its row, where it cannot be read within the limits."""
        ...

    def vectors(self, parts: Iterable[Sequence[str]]) -> Iterator[Vectors]:
        """The vectors of passages, part by part, in their order."""
        ...

    def stop_reading(self) -> None:
        """End what is being read; `read` fails from now on."""
        ...

    def close(self) -> None:
        """End everything. May be called twice."""
        ...


class LocalEngine:
    """Files are read in processes of this machine and embedded in this one; see `Engine`."""

    embedders = 1

    def __init__(self, settings: Settings, model: Callable[[], EmbeddingModel]) -> None:
        self._model = model
        self._chunk_tokens = settings.chunk_tokens
        self._workers = Workers(settings)

    @property
    def readers(self) -> int:
        return self._workers.count

    def read(self, todo: Todo) -> FileContent | FileRecord:
        return content_of(todo, self._workers, self._model(), self._chunk_tokens)

    def vectors(self, parts: Iterable[Sequence[str]]) -> Iterator[Vectors]:
        return (self._model().embed_documents(part) for part in parts)

    def stop_reading(self) -> None:
        self._workers.close()

    def close(self) -> None:
        self._workers.close()


def engine_for(settings: Settings, model: Callable[[], EmbeddingModel]) -> Engine:
    """The engine that `DOCENT_INGEST_ENGINE` names.

    Raises:
        MissingExtraError: its package is not installed.
    """
    if settings.ingest_engine == "local":
        return LocalEngine(settings, model)
    from importlib.util import find_spec

    if find_spec("ray") is None:
        raise MissingExtraError(
            "DOCENT_INGEST_ENGINE=ray needs the package ray: pip install 'docent[ray]'. Or set "
            "DOCENT_INGEST_ENGINE=local."
        )
    from ingest.pipeline.ray_engine import RayEngine

    return RayEngine(settings, model)
