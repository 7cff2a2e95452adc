"""`PineconeIndex`: vectors in a namespace of a serverless index."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

import numpy as np

from vectorstore.base import Filter, Metadata, Place, Scored, Vectors
from vectorstore.checks import check_batch, check_vector, members
from vectorstore.pinecone.filters import condition
from vectorstore.pinecone.ids import FIELD, MARK, encoded
from vectorstore.pinecone.service import Service

# What one request takes; a number takes up to 22 bytes of it.
REQUEST_ROWS, REQUEST_BYTES, NUMBER_BYTES, ROW_BYTES = 1000, 2_000_000, 22, 100
# It takes 1000 at once, too, but they stand in the address of the request, which servers limit.
FETCHED_ROWS = 100
MOST_FOUND = 10_000

_logger = logging.getLogger(__name__)


class PineconeIndex:
    """A `VectorIndex` in Pinecone. Writes are durable at once and wait until searches see them.

    Args:
        place: its settings name account, index, cloud and region; its name is the namespace.
        dimension: length of the vectors.

    Raises:
        ConfigurationError: there is no key, or the index measures by another metric.
        EmbeddingMismatchError, BackendError, StorageError: see `open_index`.
    """

    filters_fast: ClassVar[bool] = True

    @staticmethod
    def many_writers(place: Place) -> bool:
        return True

    @staticmethod
    def exists(place: Place) -> bool:
        service = Service(place)
        try:
            return service.exists()
        finally:
            service.close()

    @staticmethod
    def drop(place: Place) -> None:
        service = Service(place)
        try:
            service.drop()
        finally:
            service.close()

    def __init__(self, place: Place, dimension: int) -> None:
        self._dimension = dimension
        self._namespace = place.name
        self._service = Service(place)
        try:
            self._index = self._service.open(dimension)
        except BaseException:
            self._service.close()
            raise

    def upsert(self, ids: Sequence[str], vectors: Vectors, metadata: Sequence[Metadata]) -> None:
        vectors = check_batch(ids, vectors, metadata, self._dimension)
        written = None
        for part in self._batches(ids, vectors, metadata):
            written = self._call(self._index.upsert, vectors=part, namespace=self._namespace)
        if written is not None:
            landed = written.response_info.lsn_committed if written.response_info else None
            self._wait(lambda: self._sees(landed, encoded(ids[-1])))

    def delete(self, ids: Sequence[str]) -> None:
        names = [encoded(id) for id in ids]
        for start in range(0, len(names), REQUEST_ROWS):
            part = names[start : start + REQUEST_ROWS]
            self._call(self._index.delete, ids=part, namespace=self._namespace, missing=None)
        if names:
            self._wait(lambda: not self._fetched(names[-FETCHED_ROWS:]))

    def search(self, vector: Vectors, k: int, where: Filter | None = None) -> list[Scored]:
        vector = check_vector(vector, self._dimension)
        if k < 1 or any(not members(wanted) for wanted in (where or {}).values()):
            return []
        found = self._call(
            self._index.query,
            vector=vector.tolist(),
            top_k=min(k, MOST_FOUND),
            namespace=self._namespace,
            filter=condition(where),
        )
        names = self._originals([each.id for each in found.matches])
        return [Scored(names[each.id], min(1.0, max(-1.0, each.score))) for each in found.matches]

    def get(self, ids: Sequence[str]) -> dict[str, Vectors]:
        by_name = {encoded(id): id for id in ids}
        found = self._fetched(list(by_name))
        return {by_name[name]: np.asarray(one.values, dtype=np.float32) for name, one in found.items()}

    def ids(self) -> set[str]:
        """A hundred a request: Pinecone lists no more at once."""
        held: list[str] = []
        token = None
        while True:
            page = self._call(
                self._index.list_paginated, namespace=self._namespace, limit=100, pagination_token=token
            )
            held += [item.id for item in page.vectors]
            token = page.pagination.next if page.pagination else None
            if not token:
                return set(self._originals(held).values())

    def count(self) -> int:
        found = self._call(self._index.describe_namespace, name=self._namespace, missing=None)
        return int(found.record_count) if found else 0

    def close(self) -> None:
        self._service.close()

    # -- rows ----------------------------------------------------------------------------------------

    def _batches(
        self, ids: Sequence[str], vectors: Vectors, metadata: Sequence[Metadata]
    ) -> Iterator[list[dict[str, Any]]]:
        batch: list[dict[str, Any]] = []
        size = 0
        for id, values, fields in zip(ids, vectors, metadata, strict=True):
            row = _row(id, values, fields)
            added = len(json.dumps(row["metadata"])) + self._dimension * NUMBER_BYTES + ROW_BYTES
            if batch and (size + added > REQUEST_BYTES or len(batch) == REQUEST_ROWS):
                yield batch
                batch, size = [], 0
            batch.append(row)
            size += added
        if batch:
            yield batch

    def _fetched(self, names: Sequence[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for start in range(0, len(names), FETCHED_ROWS):
            part = list(names[start : start + FETCHED_ROWS])
            found |= self._call(self._index.fetch, ids=part, namespace=self._namespace).vectors
        return found

    def _originals(self, names: Sequence[str]) -> dict[str, str]:
        """Name at Pinecone -> our id."""
        hashed = [name for name in names if name.startswith(MARK)]
        kept = {name: str(one.metadata[FIELD]) for name, one in self._fetched(hashed).items()}
        return {name: kept.get(name, name) for name in names}

    # -- freshness -----------------------------------------------------------------------------------

    def _sees(self, landed: int | None, name: str) -> bool:
        """Whether searches have come as far in the log as our write; else, whether the row can be fetched."""
        if landed is not None:
            anything = [1.0] + [0.0] * (self._dimension - 1)
            found = self._call(self._index.query, vector=anything, top_k=1, namespace=self._namespace)
            reached = found.response_info.lsn_reconciled if found.response_info else None
            if reached is not None:
                return bool(reached >= landed)
        return bool(self._fetched([name]))

    def _wait(self, seen: Callable[[], bool]) -> None:
        """Until what was written is seen; what is safe there, but not seen yet, is no error."""
        end, pause = time.monotonic() + self._service.remote.seconds, 0.02
        while not seen():
            if time.monotonic() + pause > end:
                _logger.warning("Pinecone holds what was written, but does not show it in searches yet.")
                return
            time.sleep(pause)
            pause = min(1.0, 1.5 * pause)

    def _call(self, request: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self._service.call(request, *args, **kwargs)


def _row(id: str, values: Vectors, fields: Metadata) -> dict[str, Any]:
    name = encoded(id)
    kept = dict(fields) if name == id else {**fields, FIELD: id}
    return {"id": name, "values": values.tolist(), "metadata": kept}
