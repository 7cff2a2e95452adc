"""The actors of a run on the machines of a Ray cluster: who reads, who embeds, and what goes wrong there."""

from __future__ import annotations

import logging
import os
import platform
import re
import socket
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from app.errors import ConfigurationError, DocentError
from ingest.catalog import FileContent, FileRecord
from ingest.pipeline.engine import LocalEngine
from ingest.plan import Todo

if TYPE_CHECKING:
    from app.config import Settings
    from vectorstore.base import Vectors
    from vectorstore.embeddings.base import EmbeddingModel

_log = logging.getLogger(__name__)

# Until a cluster answers at all, and until its actors have loaded the model.
_SECONDS_TO_CONNECT = 10.0
_SECONDS_TO_START = 180.0
# How often what an actor was doing when it died is done again; a file that ends its reader twice is left out.
_MORE_TRIES = 1
# Ray's store of a local cluster holds texts and vectors on their way, not whole collections.
_STORE_BYTES = 256 << 20


class Hand:
    """One actor: the engine of a single machine in a process of its own.

    Args:
        settings: with paths that mean the same on every machine.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loaded: EmbeddingModel | None = None
        self._engine = LocalEngine(settings, self._model)

    def key(self) -> str:
        """Of the embedding model's identity."""
        return self._model().identity.key

    def read(self, todo: Todo) -> FileContent | FileRecord:
        if not todo.location.exists():
            return todo.failed(
                f"{todo.location} is not on {platform.node()}: let every machine of DOCENT_RAY_ADDRESS see "
                "the documents, and DOCENT_DATA_DIR, under the same path."
            )
        return self._engine.read(todo)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        [made] = self._engine.vectors([texts])
        return made

    def _model(self) -> EmbeddingModel:
        if self._loaded is None:
            from vectorstore.embeddings import load_embedding_model

            self._loaded = load_embedding_model(self._settings)
        return self._loaded


class _Share(NamedTuple):
    """What actors of a kind on one machine take of it."""

    node: str
    actors: int
    cpus: float
    gpus: float = 0


class Crew:
    """Actors that are ready; on each machine some read and some embed.

    Args:
        model: this process's own; the actors' must make the same vectors.

    Attributes:
        readers, embedders: handles of `Hand` actors.

    Raises:
        ConfigurationError: the cluster cannot be reached, has no room, or cannot run Docent.
    """

    def __init__(self, settings: Settings, model: EmbeddingModel) -> None:
        ray = self._ray = import_module("ray")
        self._setting = f"DOCENT_RAY_ADDRESS={settings.ray_address!r}"
        self._own = not ray.is_initialized()
        if self._own:
            self._connect(settings.ray_address)
        try:
            reading, embedding = self._shares(settings, uses_gpu=getattr(model, "uses_gpu", False))
            sent = _everywhere(settings)
            readers, embedders = list(self._actors(reading, sent)), list(self._actors(embedding, sent))
            ready = self._ready([*readers, *embedders], model)
            self.readers = [actor for actor in readers if actor in ready]
            self.embedders = [actor for actor in embedders if actor in ready]
            if not (self.readers and self.embedders):
                raise self._unusable("it has no free processor for this: wait until others are done")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let the actors go, and a cluster of one's own with them."""
        if self._own:
            self._ray.shutdown()
            return
        for actor in [*getattr(self, "readers", ()), *getattr(self, "embedders", ())]:
            self._ray.kill(actor)

    # -- what comes back ------------------------------------------------------------------------------

    def is_there(self, outcome: Any, seconds: float) -> bool:
        """Whether an outcome has come within this time, be it an error."""
        return bool(self._ray.wait([outcome], timeout=seconds)[0])

    def outcome(self, outcome: Any) -> Any:
        """What an actor made; None where the actor ended over it more than once.

        Raises:
            DocentError: what the actor raised.
            ConfigurationError: the cluster is gone, or an actor failed in a way that is not ours.
        """
        errors = self._ray.exceptions
        try:
            return self._ray.get(outcome)
        except errors.RayTaskError as error:
            if isinstance(error.cause, DocentError):
                raise error.cause from None
            raise self._unusable(f"an actor failed: {_last_line(error)}") from error
        except (errors.ActorDiedError, errors.ActorUnavailableError, errors.WorkerCrashedError):
            return None
        except (errors.RayError, ConnectionError) as error:
            raise self._unusable(f"it does not answer any more: {_last_line(error)}") from error

    def vectors(self, outcome: Any) -> Vectors:
        made: Vectors | None = self.outcome(outcome)
        if made is None:
            raise self._unusable("actors that embed end again and again: give its machines more memory")
        return made

    def lost_by(self, name: str) -> str:
        """What is told of a file over which actors end."""
        return (
            f"{name} ended the process of Ray that read it, twice: lower DOCENT_READ_MEMORY_MB, so that the "
            "file is stopped before the machine is out of memory, or look there why processes end."
        )

    # -- the cluster ----------------------------------------------------------------------------------

    def _connect(self, address: str) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to anybody
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
        try:
            if address:
                _check_reachable(address)
                self._ray.init(address, **quiet)
            else:
                local: dict[str, Any] = {"include_dashboard": False, "object_store_memory": _STORE_BYTES}
                self._ray.init("local", **local, **quiet)
        except (OSError, ValueError, RuntimeError, UserWarning, self._ray.exceptions.RayError) as error:
            raise self._unusable(f"it cannot be reached: {_last_line(error)}") from error

    def _shares(self, settings: Settings, *, uses_gpu: bool) -> tuple[list[_Share], list[_Share]]:
        """Half of each machine's processors read, one each; the others, or its GPUs, embed."""
        reading, embedding = [], []
        for node in self._ray.nodes():
            has = node["Resources"]
            cpus, gpus = has.get("CPU", 0), int(has.get("GPU", 0)) if uses_gpu else 0
            if not node["Alive"] or not (cpus or gpus):
                continue
            readers = max(1, int(cpus) // 2)
            of_reader = min(1.0, cpus / 2)
            count = min(readers, settings.read_workers or readers)
            reading.append(_Share(node["NodeID"], count, of_reader))
            if gpus:
                embedding.append(_Share(node["NodeID"], gpus, 0, gpus=1))
            else:  # its model takes all processors that are free
                embedding.append(_Share(node["NodeID"], 1, cpus - readers * of_reader))
        if any(share.gpus for share in embedding):
            embedding = [share for share in embedding if share.gpus]
        return reading, embedding

    def _actors(self, shares: Sequence[_Share], settings: Settings) -> Iterator[Any]:
        there = import_module("ray.util.scheduling_strategies").NodeAffinitySchedulingStrategy
        kind = self._ray.remote(Hand)
        for share in shares:
            options = {
                "num_cpus": share.cpus,
                "num_gpus": share.gpus,
                "max_restarts": -1,
                "max_task_retries": _MORE_TRIES,
                "scheduling_strategy": there(share.node, soft=True),
            }
            for _ in range(share.actors):
                yield kind.options(**options).remote(settings)

    def _ready(self, actors: Sequence[Any], model: EmbeddingModel) -> set[Any]:
        """Those that have loaded the model in time; others are let go."""
        asked = {actor.key.remote(): actor for actor in actors}
        came, late = self._ray.wait(list(asked), num_returns=len(asked), timeout=_SECONDS_TO_START)
        for answer in late:
            _log.warning("%s: an actor did not start in time and is left out.", self._setting)
            self._ray.kill(asked[answer])
        for answer in came:
            if (key := self.outcome(answer)) is None:
                raise self._unusable("its machines cannot start Docent: install it there, the same version")
            if key != model.identity.key:
                raise self._unusable(
                    f"the embedding model there is another one than {model.identity} here: install the same "
                    "model on every machine"
                )
        return {asked[answer] for answer in came}

    def _unusable(self, why: str) -> ConfigurationError:
        return ConfigurationError(
            f"The Ray cluster of {self._setting} cannot be used: {why}. Or read and embed on this machine "
            "alone: set DOCENT_INGEST_ENGINE=local. What was written is kept."
        )


def _everywhere(settings: Settings) -> Settings:
    """Settings whose paths mean the same in another folder; each actor reads one file at a time."""
    changed: dict[str, object] = {"data_dir": settings.data_dir.resolve(), "read_workers": 1}
    model = Path(settings.embedding_model).expanduser()
    if model.is_dir():
        changed["embedding_model"] = str(model.resolve())
    return settings.model_copy(update=changed)


def _check_reachable(address: str) -> None:
    """Ray itself tries for minutes.

    Raises:
        OSError: nobody listens there.
        ValueError: it is no address.
    """
    if address == "auto":
        return
    place = urlsplit(address if "//" in address else f"//{address}")
    if not place.hostname or not place.port:
        raise ValueError("it is neither HOST:PORT, nor ray://HOST:PORT, nor auto")
    socket.create_connection((place.hostname, place.port), timeout=_SECONDS_TO_CONNECT).close()


def _last_line(error: BaseException) -> str:
    """What an error of Ray says, without its colours and stack traces."""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip().splitlines()
    return lines[-1].strip().rstrip(".") if lines else type(error).__name__
