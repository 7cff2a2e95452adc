"""A whole collection from files into PostgreSQL, or back: nothing is embedded again, and the source stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.errors import CollectionDamagedError, UsageError
from ingest.catalog import Catalog, Entry
from ingest.catalog.transfer import Tell, copy_rows_of, fingerprint
from ingest.collection.generations import Generations
from ingest.collection.home import Home, existing_home, home_of
from ingest.collection.removal import remove
from ingest.collection.store import Store
from ingest.collection.switching import of_new_indexes

if TYPE_CHECKING:
    from app.config import Settings

# What is noted of a generation while it is being copied: which state of which collection it is of.
_OF = "moved_from"
# Noted values that are of the source alone.
_OWN = frozenset({"schema", "calibration", _OF})


@dataclass(frozen=True, slots=True)
class Moved:
    """A collection that is in both places now.

    Attributes:
        was_there: it was, equal in everything, and nothing was done.
        complete: both indexes are made; else the next ingest makes them, for it has to embed something.
        rows: table -> how many rows.
    """

    collection: str
    was_there: bool
    complete: bool
    rows: dict[str, int]


def move(name: str, source: Settings, target: Settings, *, replacing: bool, tell: Tell) -> Moved:
    """Copy what serves of a collection, compare every row, make its indexes, and only then let it serve.

    Args:
        source, target: the same settings with and without `database_url`, or the other way round.
        replacing: where the target holds another collection of this name, that is kept to be restored.

    Raises:
        NotFoundError: there is no such collection.
        UsageError: the target holds another one of this name, and `replacing` is not wanted.
        CollectionBusyError: somebody writes to one of them.
        CollectionDamagedError: a row is another one after copying.
    """
    origin, home = existing_home(name, source), home_of(name, target)
    with _locked(origin), _locked(home), closing(_serving(origin)) as theirs:
        expected = fingerprint(theirs, tell)
        counts = {table: count for table, (count, _) in expected.items()}
        known = home.generations()
        there = home.has(known.current)
        if there and _equals(home, known.current, expected, tell):
            return Moved(name, was_there=True, complete=True, rows=counts)
        if there and not replacing:
            raise UsageError(
                f"There is another collection {name!r} in {home.where} already. To put the one of "
                f"{origin.where} in its place, and keep it to go back to with --restore, add --replace."
            )
        begun = _begun(home, known, repr(sorted(expected.items())))
        complete = _fill(home, str(begun.next), theirs, expected, tell)
        previous = known.current if there else None
        home.note(replace(begun, current=str(begun.next), previous=previous, next=None, behind=False))
        if known.previous is not None:
            remove(home, known.previous)
        return Moved(name, was_there=False, complete=complete, rows=counts)


def _fill(
    home: Home, generation: str, theirs: Catalog, expected: dict[str, tuple[int, str]], tell: Tell
) -> bool:
    with closing(home.catalog(generation, write=True)) as ours:
        copy_rows_of(theirs, ours, tell)
        found = fingerprint(ours, tell)
        if found != expected:
            wrong = ", ".join(table for table in expected if found[table] != expected[table])
            raise CollectionDamagedError(
                f"The copy of {home.name!r} in {home.where} is not equal to its source ({wrong}). What "
                "serves is untouched. Try again; if it stays so, report it.",
                collection=home.name,
            )
        values = {key: value for key, value in theirs.meta().items() if key not in _OWN}
        if "embedding" in values:
            values |= of_new_indexes(home.name, home.settings) | {"dirty": "1"}
        ours.set_meta(**values)
    return _make_indexes(home, generation, tell)


def _make_indexes(home: Home, generation: str, tell: Tell) -> bool:
    """From cached vectors alone; whether there were all."""
    with closing(Store(home, write=True, generation=generation)) as store:
        if store.indexes is None:
            return True
        key, filled = str((store.embedding or {})["key"]), [0]
        cut = [record.id for record in store.catalog.files.all() if record.recipe]
        wanted = store.catalog.chunks.ids(cut)

        def are_cached(entries: Sequence[Entry]) -> bool:
            hashes = {entry.content_hash for entry in entries}
            filled[0] += len(entries)
            tell("index", filled[0], len(wanted))
            return store.catalog.vectors.known(hashes, key) == hashes

        complete = all(are_cached(part) for part in _parts(store, wanted))
        if complete:
            store.indexes.heal(wanted, lambda _: True)
            store.note(dirty="0")
        return complete


def _parts(store: Store, ids: set[str]) -> Iterator[Sequence[Entry]]:
    from ingest.batches import batches

    return (store.catalog.chunks.entries(part) for part in batches(sorted(ids), 2_000))


def _begun(home: Home, known: Generations, state: str) -> Generations:
    """With `next` as the generation to copy into: one that was begun with the same state, or a new one."""
    if known.next is not None:
        if home.has(known.next) and _noted(home, known.next) == state:
            return known
        remove(home, known.next)
    begun = home.note(replace(known, next=known.new_name(home.names())))
    with closing(home.catalog(str(begun.next), write=True)) as catalog:
        catalog.set_meta(**{_OF: state})
    return begun


def _noted(home: Home, generation: str) -> str | None:
    with closing(home.catalog(generation, write=True)) as catalog:
        return catalog.meta().get(_OF)


def _equals(home: Home, generation: str, expected: dict[str, tuple[int, str]], tell: Tell) -> bool:
    with closing(home.catalog(generation)) as ours:
        return fingerprint(ours, tell) == expected


def _serving(home: Home) -> Catalog:
    return home.catalog(home.generations().current)


@contextmanager
def _locked(home: Home) -> Iterator[None]:
    lock = home.lock()
    try:
        yield
    finally:
        lock.release()
