"""The keyword index in PostgreSQL, which any number of processes may read and write."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.errors import CollectionDamagedError, CollectionError, DocentError
from vectorstore.base import Filter, Metadata, Place, Scored
from vectorstore.checks import members, rebuild
from vectorstore.keywords.fields import fields_of
from vectorstore.keywords.postgres import tables
from vectorstore.keywords.postgres.arrays import takes_arrays
from vectorstore.keywords.postgres.batch import Averages, Batch
from vectorstore.keywords.postgres.merging import merge
from vectorstore.keywords.postgres.question import Question
from vectorstore.keywords.postgres.searching import count, search
from vectorstore.postgres import Server, original, sorted_ids, stored, table
from vectorstore.tags import tags

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.sql import Composed

Numbers = NDArray[np.int64]

_IDS_AT_ONCE = 20_000
# Questions are short: compiling them and starting workers takes longer than it saves. Postings are read by
# their index.
_PLAN: dict[str, str | int] = {"jit": "off", "max_parallel_workers_per_gather": 0, "random_page_cost": "1.1"}
_TAKE_IN = """
INSERT INTO {chunks} SELECT * FROM incoming ORDER BY id ON CONFLICT (id) DO UPDATE SET
    row = excluded.row, tags = excluded.tags, lengths = excluded.lengths
"""

_logger = logging.getLogger(__name__)


class PostgresIndex:
    """A `KeywordIndex` in three tables; see `tables`.

    A pair of words weighs about what its words let expect, see `question`; all else is exact BM25.

    Raises:
        CollectionDamagedError: the index is missing (`read_only`), or made of other tokens.
        ConfigurationError, MissingExtraError, BackendUnavailableError, BackendRefusedError: see `Server`.
    """

    @staticmethod
    def many_writers(place: Place) -> bool:
        return True

    @staticmethod
    def exists(place: Place) -> bool:
        server = Server(place)
        try:
            return server.run(lambda connection: tables.begun(connection, place))
        finally:
            server.close()

    @staticmethod
    def drop(place: Place) -> None:
        server = Server(place)
        try:
            server.run(lambda connection: tables.drop(connection, place))
        finally:
            server.close()

    def __init__(self, place: Place, read_only: bool = False) -> None:
        self._place, self._read_only = place, read_only
        self._server = Server(place)
        self._grown = False
        try:
            self._server.run(self._begin)
        except BaseException:
            self._server.close()
            raise

    def upsert(
        self,
        ids: Sequence[str],
        texts: Sequence[str],
        metadata: Sequence[Metadata],
        beside: Sequence[Sequence[str]] | None = None,
    ) -> None:
        self._check_writing()
        if not ids:
            return
        batch = Batch(fields_of(texts, beside))
        rows = list(zip(map(stored, ids), map(tags, metadata), strict=True))
        self._server.run(lambda connection: self._write(connection, rows, batch))
        self._grown = True

    def delete(self, ids: Sequence[str]) -> None:
        self._check_writing()
        self._server.run(lambda connection: self._forget(connection, sorted_ids(ids)))

    def search(self, text: str, k: int, where: Filter | None = None) -> list[Scored]:
        if k < 1 or any(not members(wanted) for wanted in (where or {}).values()):
            return []
        asked = Question(text)
        if not asked.terms:
            return []
        found = self._server.run(
            lambda connection: search(connection, self._place, asked, k, where or {}), **_PLAN
        )
        return sorted(
            (Scored(original(id), score) for id, score in found), key=lambda hit: (-hit.score, hit.id)
        )

    def weights(self, text: str) -> dict[str, float]:
        asked = Question(text)
        self._server.run(lambda connection: count(connection, self._place, asked))
        return {term: times * asked.weight(term) for term, times in asked.terms.items()}

    def ids(self) -> set[str]:
        return self._server.run(self._ids)

    def count(self) -> int:
        row = self._server.run(
            lambda connection: connection.execute(self._sql("SELECT count(*) FROM {chunks}")).fetchone()
        )
        return int(row[0]) if row else 0

    def close(self) -> None:
        """Merge small batches where some were written. May be called twice."""
        if self._grown:
            self._grown = False
            try:
                self._server.run_long(lambda connection: merge(connection, self._place))
            except DocentError as error:
                _logger.warning("Batches of words were not merged; searches are slower: %s", error)
        self._server.close()

    def _begin(self, connection: Connection[Any]) -> None:
        if not self._read_only:
            tables.begin(connection, self._place)
        if not tables.begun(connection, self._place):
            raise self._server.remote.gone(self._place.folder)
        if (found := tables.comment(connection, self._place)) != tables.COMMENT:
            raise CollectionDamagedError(
                f"{self._server.remote.named}: the keyword index {self._place.name!r} ({found}) was made by "
                f"another version of Docent. Mend it with: {rebuild(self._place.folder / '_')}"
            )

    def _write(self, connection: Connection[Any], rows: list[tuple[str, list[str]]], batch: Batch) -> None:
        gone = self._leave(connection, sorted(id for id, _ in rows))
        number = self._note(connection, len(rows), [len(rows), *batch.lengths.sum(axis=0)] - gone)
        chunks, *tokens = connection.execute(self._sql(tables.TOTALS)).fetchone() or (0, 0, 0, 0)
        batch.impacts(Averages(*(int(each) / max(1, int(chunks)) for each in tokens)))
        names = self._reserve(connection, len(rows))
        self._copy_chunks(connection, rows, batch, names)
        self._copy_postings(connection, batch, number, names)

    def _forget(self, connection: Connection[Any], ids: list[str]) -> None:
        gone = self._leave(connection, ids)
        if gone.any():
            connection.execute(self._sql("DELETE FROM {chunks} WHERE id = ANY(%s)"), [ids])
            self._note(connection, 0, -gone)

    def _leave(self, connection: Connection[Any], ids: list[str]) -> Numbers:
        """Lock those that are there, in order, and forget their terms; their number and tokens."""
        found = connection.execute(
            self._sql("SELECT row, lengths FROM {chunks} WHERE id = ANY(%s) ORDER BY id FOR UPDATE"), [ids]
        ).fetchall()
        connection.execute(self._sql("DELETE FROM {terms} WHERE row = ANY(%s)"), [[row for row, _ in found]])
        lengths = np.array([each for _, each in found], dtype=np.int64).reshape(-1, 3)
        return np.array([len(lengths), *lengths.sum(axis=0)], dtype=np.int64)

    def _note(self, connection: Connection[Any], size: int, change: Numbers) -> int:
        """The number of a batch that changes the count of chunks and of each field's tokens so."""
        row = connection.execute(
            self._sql(
                "INSERT INTO {batches} (size, chunks, text, around, pairs) VALUES (%s, %s, %s, %s, %s) "
                "RETURNING batch"
            ),
            [size, *change.tolist()],
        ).fetchone()
        return int(row[0]) if row else 0

    def _reserve(self, connection: Connection[Any], count: int) -> NDArray[np.int32]:
        """Numbers for as many chunks, which nobody else gets."""
        name = table(self._place, "words_chunks").as_string(connection)
        rows = connection.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'row')) FROM generate_series(1, %s)", [name, count]
        ).fetchall()
        return np.array(rows, dtype=np.int32)[:, 0]

    def _copy_chunks(
        self,
        connection: Connection[Any],
        rows: list[tuple[str, list[str]]],
        batch: Batch,
        names: NDArray[np.int32],
    ) -> None:
        connection.execute(self._sql("CREATE TEMPORARY TABLE incoming (LIKE {chunks}) ON COMMIT DROP"))
        lengths = batch.lengths.astype(np.int32)
        self._copy(
            connection,
            "COPY incoming FROM STDIN (FORMAT binary)",
            ["int4", "text", "text[]", "int4[]"],
            ((name, *row, length) for name, row, length in zip(names.tolist(), rows, lengths, strict=True)),
        )
        connection.execute(self._sql(_TAKE_IN))
        self._copy(
            connection,
            "COPY {terms} FROM STDIN (FORMAT binary)",
            ["int4", "int4[]", "int2[]", "int2[]"],
            ((name, *chunk) for name, chunk in zip(names.tolist(), batch.chunks(), strict=True)),
        )

    def _copy_postings(
        self, connection: Connection[Any], batch: Batch, number: int, names: NDArray[np.int32]
    ) -> None:
        self._copy(
            connection,
            "COPY {postings} FROM STDIN (FORMAT binary)",
            ["text", "int4", "int4", "int4", "int4[]", "int2[]", "int2[]"],
            (
                (
                    each.term,
                    number,
                    len(each.places),
                    each.in_text,
                    names[each.places],
                    each.texts,
                    each.arounds,
                )
                for each in batch.postings()
            ),
        )

    def _copy(
        self, connection: Connection[Any], text: str, types: list[str], rows: Iterable[tuple[Any, ...]]
    ) -> None:
        cursor = connection.cursor()
        takes_arrays(cursor)
        with cursor.copy(self._sql(text)) as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)

    def _ids(self, connection: Connection[Any]) -> set[str]:
        with connection.cursor(name="ids") as cursor:
            cursor.itersize = _IDS_AT_ONCE
            return {original(id) for (id,) in cursor.execute(self._sql("SELECT id FROM {chunks}"))}

    def _check_writing(self) -> None:
        if self._read_only:
            raise CollectionError(f"The keyword index {self._place.name!r} is not open for writing.")

    def _sql(self, text: str) -> Composed:
        return tables.statement(self._place, text)
