"""Rules in processes of their own: they compute, and threads of one process would only wait for each other.

The processes are those that read files: what takes too long or too much memory costs its document alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import TypeAdapter

from app.answers.schemas.fields import Field, fields_of
from app.schemas import Chunk
from app.tables.model import Ready

if TYPE_CHECKING:
    from types import TracebackType

    from app.answers.filling import Filler
    from app.answers.schemas.schema import Schema
    from app.config import Settings
    from app.tables.model import Plan

_TASK = "app.tables.processes:fill"
_CHUNKS = TypeAdapter(list[Chunk])
_READY = TypeAdapter(Ready)


class RuleProcesses:
    """A filler; use it by `with`, and from as many threads as `count`."""

    def __init__(self, plan: Plan, settings: Settings) -> None:
        from ingest.pipeline.workers import Workers

        self._wanted = {"schema": plan.schema_hash, "json_schema": plan.json_schema, "many": plan.many}
        self._workers = Workers(settings, _TASK)
        self.count = self._workers.count

    def __enter__(self) -> RuleProcesses:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._workers.close()

    def fill(self, chunks: Sequence[Chunk]) -> Sequence[Ready]:
        """See `Filler`; raises DocumentError where the limits of reading are reached."""
        request = {**self._wanted, "chunks": _CHUNKS.dump_python(list(chunks), mode="json")}
        return list(self._workers.ask(request, Path(chunks[0].source), _READY))


# -- in the process ------------------------------------------------------------------------------------


def fill(request: dict[str, Any]) -> Iterator[Ready]:
    """The task of these processes; see `ingest.worker`."""
    filler = _filler(_Wanted(request["schema"], request["many"], request["json_schema"]))
    return map(Ready.of, filler.fill(_CHUNKS.validate_python(request["chunks"])))


@dataclass(frozen=True)
class _Wanted:
    """What rules need of a schema; its class stays where it was defined."""

    name: str
    many: bool
    json_schema: dict[str, Any]

    def __hash__(self) -> int:
        return hash((self.name, self.many))

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        return fields_of(self.json_schema)


@lru_cache(maxsize=4)
def _filler(wanted: _Wanted) -> Filler:
    from app.answers.rules import RuleFiller

    return RuleFiller(cast("Schema", wanted))
