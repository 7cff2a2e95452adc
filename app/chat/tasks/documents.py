"""The documents that a task is about: found by their names, and read evenly where they are too long."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from app.chat.context import PASSAGE_TOKENS, Passage, passage_text
from app.chat.retrieve.filters import files_named
from app.chat.retrieve.query import Where
from app.chat.tokens import count_tokens
from app.errors import NotFoundError, UsageError
from app.schemas import Chunk, FileStatus, Hit

if TYPE_CHECKING:
    from ingest.catalog import FileRecord
    from ingest.collection import Collection

T = TypeVar("T")

MOST_DOCUMENTS = 10
_MOST_NAMED = 12
# More are not read of one document, so that one of a million passages costs no more than others.
_MOST_CHUNKS = 600


@dataclass(frozen=True, slots=True)
class Whole:
    """A document as far as it is read.

    Attributes:
        source: the file's path, for showing.
        hits: its passages in their order.
        total: how many it has.
    """

    source: str
    hits: tuple[Hit, ...]
    total: int


Documents = Callable[[Sequence[str], Where, int], list[Whole]]
"""(names, filters, how many at least) -> the documents; see `whole_documents`."""


def whole_documents(held: Collection, names: Sequence[str], where: Where, least: int = 1) -> list[Whole]:
    """The documents of these names, each with passages from its whole length, in the order of the names.

    Args:
        where: filters of the question; `source`, `folder` and `type` choose documents like names do.
        least: how many there have to be; a collection that has no more needs no names.

    Raises:
        NotFoundError: a name is that of no document; the message names close ones.
        UsageError: too few or too many are named; the message says which there are.
    """
    records = [record for record in held.records() if record.status is FileStatus.INDEXED]
    chosen = _chosen(records, names, where, least)
    budget = PASSAGE_TOKENS // len(chosen)
    return [_read(held, record, budget) for record in chosen]


def _chosen(
    records: Sequence[FileRecord],
    names: Sequence[str],
    where: Where,
    least: int,
) -> list[FileRecord]:
    asked = [*names, *map(str, where.get("source", ()))]
    narrowed = files_named(records, {key: where[key] for key in ("folder", "type") if key in where})
    if asked:
        found = [record for name in asked for record in _named(name, narrowed)]
    else:
        found = list(narrowed) if len(narrowed) <= least or len(narrowed) < len(records) else []
    chosen = list({record.id: record for record in found}.values())
    if not least <= len(chosen) <= MOST_DOCUMENTS:
        raise _wrong_number(len(chosen), least, records)
    return chosen


def _named(name: str, records: Sequence[FileRecord]) -> list[FileRecord]:
    exact = [record for record in records if record.source.casefold() == name.casefold()]
    found = exact or files_named(records, {"source": (name,)})
    if not found:
        near = difflib.get_close_matches(name, [record.source for record in records], n=3, cutoff=0.4)
        there = near or [record.source for record in records[:_MOST_NAMED]]
        raise NotFoundError(
            f"There is no document {name!r} in this collection. Closest: {', '.join(there) or 'none'}. Name "
            "one of these, or index the document first.",
            document=name,
        )
    return found


def _wrong_number(count: int, least: int, records: Sequence[FileRecord]) -> UsageError:
    there = ", ".join(record.source for record in records[:_MOST_NAMED])
    there += ", …" if len(records) > _MOST_NAMED else ""
    wanted = "one document" if least == 1 else f"{least} documents"
    most = f", at most {MOST_DOCUMENTS}" if count > MOST_DOCUMENTS else ""
    return UsageError(
        f"This task needs at least {wanted}{most}, and {count} are named. Name them as @NAME, or choose them "
        f"in the list. There are: {there or 'no documents yet'}.",
        named=count,
        needed=least,
    )


def _read(held: Collection, record: FileRecord, budget: int) -> Whole:
    ids = held.catalog.chunks.ids_of_file(record.id)
    some = evenly(ids, _MOST_CHUNKS)
    known = held.chunks(some)
    chunks = within([known[id_] for id_ in some if id_ in known], budget)
    hits = (Hit(rank, 1.0, None, None, chunk) for rank, chunk in enumerate(chunks, 1))
    return Whole(record.source, tuple(hits), len(ids))


def within(chunks: Sequence[Chunk], budget: int) -> list[Chunk]:
    """As many chunks as the budget of tokens holds, evenly over all, with the first and the last."""
    costs = {chunk.id: _cost(chunk) for chunk in chunks}
    count = len(chunks)
    while count > 1 and sum(costs[chunk.id] for chunk in evenly(chunks, count)) > budget:
        count -= max(1, count // 20)
    return list(evenly(chunks, max(1, count)))


def _cost(chunk: Chunk) -> int:
    return count_tokens(passage_text(Passage(100, Hit(1, 1.0, None, None, chunk), (chunk,))))


def evenly(items: Sequence[T], count: int) -> Sequence[T]:
    """So many of the items, as far apart as possible; the first and the last are among them."""
    if len(items) <= count:
        return items
    if count == 1:
        return items[:1]
    return [items[round(i * (len(items) - 1) / (count - 1))] for i in range(count)]
