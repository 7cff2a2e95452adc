"""Docent's indexes and embedding models for LangChain: a `VectorStore` and an `Embeddings`."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import numpy as np
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import VectorStore

from vectorstore.base import Filter, Metadata, VectorIndex, Vectors
from vectorstore.embeddings.base import EmbeddingModel
from vectorstore.embeddings.windows import unit


class DocentEmbeddings(Embeddings):
    """An `EmbeddingModel` as LangChain's `Embeddings`."""

    def __init__(self, model: EmbeddingModel) -> None:
        self.model = model

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        vectors: list[list[float]] = self.model.embed_documents(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        vector: list[float] = self.model.embed_query(text).tolist()
        return vector


class TextStore(Protocol):
    """Documents by id: what a vector index does not hold."""

    def put(self, documents: Sequence[Document]) -> None:
        """Add, or replace what has the same id. Durable when it returns."""
        ...

    def get(self, ids: Sequence[str]) -> dict[str, Document]:
        """Those of the documents that are there, by id."""
        ...

    def delete(self, ids: Sequence[str]) -> None:
        """Remove these; ids that are not there are ignored."""
        ...


class SqliteTextStore:
    """A `TextStore` in one SQLite file, or in memory when no path is given."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path or ":memory:", check_same_thread=False)
        self._db.execute("CREATE TABLE IF NOT EXISTS texts (id TEXT PRIMARY KEY, text TEXT, metadata TEXT)")

    def put(self, documents: Sequence[Document]) -> None:
        rows = [(each.id, each.page_content, json.dumps(each.metadata)) for each in documents]
        with self._lock, self._db:
            self._db.executemany("INSERT OR REPLACE INTO texts VALUES (?, ?, ?)", rows)

    def get(self, ids: Sequence[str]) -> dict[str, Document]:
        found = "SELECT * FROM texts WHERE id IN (SELECT value FROM json_each(?))"
        with self._lock:
            rows = self._db.execute(found, [json.dumps(list(ids))]).fetchall()
        return {
            id: Document(id=id, page_content=text, metadata=json.loads(metadata))
            for id, text, metadata in rows
        }

    def delete(self, ids: Sequence[str]) -> None:
        with self._lock, self._db:
            self._db.executemany("DELETE FROM texts WHERE id = ?", [(id,) for id in ids])

    def close(self) -> None:
        self._db.close()


class DocentVectorStore(VectorStore):
    """A `VectorIndex` and a `TextStore` as one LangChain vector store.

    Scores are cosines in [-1, 1] with every backend; relevance scores are the same, with 0 for what
    points away. `filter` takes a `Filter` over the scalar fields of the metadata.

    Example:
        index = open_index("faiss", Place(Path("index")), model.dimension)
        store = DocentVectorStore(index, DocentEmbeddings(model), SqliteTextStore(Path("texts.sqlite")))
        store.add_texts(["Annual leave is 20 days."], [{"page": 3}])
        store.similarity_search("How much leave do I get?", k=1, filter={"page": [3, 4]})
    """

    def __init__(self, index: VectorIndex, embedding: Embeddings, texts: TextStore) -> None:
        self._index = index
        self._embedding = embedding
        self._texts = texts

    @property
    def embeddings(self) -> Embeddings:
        return self._embedding

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        index: VectorIndex | None = None,
        store: TextStore | None = None,
        **kwargs: Any,
    ) -> DocentVectorStore:
        """Args: index (required): where the vectors go; store: where the texts go, memory by default."""
        if index is None:
            raise ValueError("from_texts needs an index: index=open_index(backend, place, dimension)")
        made = cls(index, embedding, store or SqliteTextStore())
        made.add_texts(texts, metadatas, ids=ids)
        return made

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """Add texts, or replace those with the same ids; ids that are missing are made. Returns the ids."""
        texts = list(texts)
        metadatas = metadatas or [{} for _ in texts]
        names = [id or str(uuid4()) for id in ids or [""] * len(texts)]
        # Of an id that comes twice in one call, the last one stays.
        documents = {
            id: Document(id=id, page_content=text, metadata=metadata)
            for id, text, metadata in zip(names, texts, metadatas, strict=True)
        }
        if documents:
            vectors = self._embedding.embed_documents([each.page_content for each in documents.values()])
            self._texts.put(list(documents.values()))
            fields = [_scalars(each.metadata) for each in documents.values()]
            self._index.upsert(list(documents), unit(np.array(vectors, dtype=np.float32)), fields)
        return names

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool:
        """Remove these documents; all of them when no ids are given."""
        gone = list(self._index.ids()) if ids is None else ids
        self._index.delete(gone)
        self._texts.delete(gone)
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        found = self._texts.get(ids)
        return [found[id] for id in ids if id in found]

    def similarity_search(
        self, query: str, k: int = 4, *, filter: Filter | None = None, **kwargs: Any
    ) -> list[Document]:
        return [document for document, _ in self.similarity_search_with_score(query, k, filter=filter)]

    def similarity_search_with_score(
        self, query: str, k: int = 4, *, filter: Filter | None = None, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        """The k nearest documents with their cosines, best first."""
        return self._search(self._embedding.embed_query(query), k, filter)

    def similarity_search_by_vector(
        self, embedding: list[float], k: int = 4, *, filter: Filter | None = None, **kwargs: Any
    ) -> list[Document]:
        return [document for document, _ in self._search(embedding, k, filter)]

    def _search(self, vector: list[float], k: int, where: Filter | None) -> list[tuple[Document, float]]:
        asked: Vectors = unit(np.array(vector, dtype=np.float32))
        scored = self._index.search(asked, k, where)
        found = self._texts.get([each.id for each in scored])
        return [(found[each.id], each.score) for each in scored if each.id in found]

    def _select_relevance_score_fn(self) -> Callable[[float], float]:
        return lambda cosine: max(0.0, cosine)


def _scalars(metadata: dict[str, Any]) -> Metadata:
    return {key: value for key, value in metadata.items() if isinstance(value, str | int | float)}
