"""What is to do: which documents are new or changed, and which are gone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection as Among
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.tables.model import Document, DocumentStatus

if TYPE_CHECKING:
    from app.schemas import Chunk
    from app.tables.model import Plan
    from app.tables.table import Table
    from ingest.catalog import DocumentState
    from ingest.collection import Collection
    from vectorstore.base import Filter

# Documents whose passages are read at once.
_BATCH = 64


@dataclass(frozen=True, slots=True)
class Work:
    """What a run has before it.

    Attributes:
        todo: documents to ask, in the order of the collection.
        unchanged: how many need not be asked again.
        waiting: how many are to be asked, beyond the limit.
        removed: ids of documents that the table has, and the collection or its filters no longer.
        basis: a hash of schema and filler, kept with each document.
        within: what the passages of a document must be, where filters name pages or headings.
    """

    todo: Sequence[DocumentState]
    unchanged: int
    waiting: int
    removed: Sequence[str]
    basis: str
    within: Filter


def work_of(
    plan: Plan,
    collection: Collection,
    table: Table | None,
    identity: str,
    *,
    limit: int | None = None,
) -> Work:
    """Hold a collection against a table.

    Args:
        table: what was done before; None where there is none.
        identity: of the filler; another one is asked again.
        limit: ask so many at most.

    Raises:
        UsageError: the filters name a field that is not there, or a file that is not.
    """
    wanted, within = _wanted(plan, collection)
    basis = hashlib.sha256(f"{plan.schema_hash}\n{plan.many}\n{identity}".encode()).hexdigest()
    known = {one.id: one for one in table.documents()} if table else {}
    todo = [one for one in wanted if not _is_done(one, known.get(one.id), basis)]
    gone = known.keys() - {one.id for one in wanted}
    removed = sorted(id_ for id_ in gone if known[id_].status is not DocumentStatus.REMOVED)
    taken = todo[:limit]
    return Work(taken, len(wanted) - len(todo), len(todo) - len(taken), removed, basis, within)


def chunks_of(collection: Collection, work: Work) -> Iterator[tuple[DocumentState, list[Chunk]]]:
    """The documents to ask with their passages, read as they are needed; of a document that is gone, none."""
    for start in range(0, len(work.todo), _BATCH):
        batch = work.todo[start : start + _BATCH]
        found = collection.document_chunks([one.id for one in batch])
        for one in batch:
            yield one, [chunk for chunk in found.get(one.id, []) if _fits(chunk, work.within)]


def done(state: DocumentState, basis: str, seconds: float, error: str = "") -> Document:
    """The row of a document that was asked."""
    status = DocumentStatus.FAILED if error else DocumentStatus.DONE
    return Document(
        state.id, state.source, state.record_id, state.title, state.place, state.state, basis, status, error,
        seconds,
    )  # fmt: skip


def _is_done(state: DocumentState, known: Document | None, basis: str) -> bool:
    return (
        known is not None
        and known.status is DocumentStatus.DONE
        and (known.state, known.basis) == (state.state, basis)
    )


def _wanted(plan: Plan, collection: Collection) -> tuple[list[DocumentState], Filter]:
    from app.chat.retrieve.filters import resolve
    from app.chat.retrieve.query import checked

    states = collection.document_states()
    if not plan.where:
        return states, {}
    resolved = resolve(checked(plan.where, collection.fields), collection)
    if resolved is None:
        return [], {}
    files, ids = _values(resolved, "file_id"), _values(resolved, "document_id")
    wanted = [
        one for one in states if (files is None or one.file_id in files) and (ids is None or one.id in ids)
    ]
    return wanted, {name: resolved[name] for name in ("page", "heading") if name in resolved}


def _values(where: Filter, name: str) -> Among[object] | None:
    given = where.get(name)
    return None if given is None else set(given if isinstance(given, list | tuple) else [given])


def _fits(chunk: Chunk, within: Filter) -> bool:
    pages, headings = _values(within, "page"), _values(within, "heading")
    return (pages is None or chunk.page in pages or chunk.page_end in pages) and (
        headings is None or json.dumps(chunk.headings, ensure_ascii=False) in headings
    )
