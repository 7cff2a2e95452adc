"""`Extraction`: one schema, one collection and who fills it, ready to be estimated and run."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from app.tables.engine import Report, Source, Tell, extract
from app.tables.estimate import Estimate, estimate
from app.tables.model import Plan
from app.tables.processes import RuleProcesses
from app.tables.work import work_of

if TYPE_CHECKING:
    from app.answers.filling import Filler
    from app.answers.schemas.schema import Schema
    from app.chat.retrieve.query import Where
    from app.config import Settings
    from app.tables.shelf import Tables
    from ingest.collection import Collection


RULES = "rules"


def plan_of(schema: Schema, collection: str, where: Where) -> Plan:
    """What a table of this schema is asked to be."""
    return Plan(
        schema=schema.name,
        schema_hash=schema.hash,
        json_schema=schema.json_schema,
        collection=collection,
        titles=schema.titles,
        many=schema.many,
        where=where,
    )


def source_of(
    plan: Plan, filler: Filler, model: str | None, settings: Settings, *, keep_unsupported: bool
) -> Source:
    """Who fills a table, with what tells one from another."""
    if model is None:
        identity = f"{RULES} {version('docent')}"
        return Source(filler, identity, RULES, processes=partial(RuleProcesses, plan, settings))
    identity = f"{model} {keep_unsupported} {getattr(filler, 'identity', '')}"
    return Source(filler, identity, model, settings.extract_parallel, keep_unsupported)


@dataclass(frozen=True)
class Extraction:
    """What `docent extract` and the page of tables do.

    Attributes:
        model: "provider:model"; None where rules fill the table.
    """

    tables: Tables
    plan: Plan
    collection: Collection
    source: Source
    settings: Settings
    model: str | None = None

    @property
    def name(self) -> str:
        """Of the table."""
        return self.tables.place(self.plan).stem

    def estimate(self, *, rebuild: bool = False, limit: int | None = None) -> Estimate:
        """What `run` with the same arguments would take; errors as there."""
        table = None
        if self.name in self.tables.names() and not rebuild:
            table = self.tables.open(self.name)
        try:
            work = work_of(self.plan, self.collection, table, self.source.identity, limit=limit)
        finally:
            if table is not None:
                table.close()
        return estimate(self.tables, self.plan, self.collection, work, self.source, self.settings, self.model)

    def run(
        self,
        *,
        rebuild: bool = False,
        limit: int | None = None,
        tell: Tell | None = None,
        cancelled: threading.Event | None = None,
    ) -> Report:
        """Bring the table in step with the collection; see `app.tables.engine.extract`."""
        return extract(
            self.tables,
            self.plan,
            self.collection,
            self.source,
            rebuild=rebuild,
            limit=limit,
            tell=tell,
            cancelled=cancelled,
        )
