"""Keyword indexes: the same tokens, kept where the configuration says."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from vectorstore.base import KeywordIndex, Place

if TYPE_CHECKING:
    from app.config import Settings

# A new one is a line here and a file; the class takes (place, read_only).
KEYWORDS = {
    "milvus": "vectorstore.keywords.milvus:MilvusKeywords",
    "postgres": "vectorstore.keywords.postgres.index:PostgresIndex",
    "qdrant": "vectorstore.keywords.qdrant:QdrantKeywords",
    "tantivy": "vectorstore.keywords.tantivy:TantivyIndex",
}
EMBEDDED = "tantivy"
# What keeps vectors on a server keeps the words beside them: under this name, where that setting says which.
BESIDE = {
    "milvus": ("milvus", "milvus_uri"),
    "pgvector": ("postgres", ""),
    "qdrant": ("qdrant", "qdrant_url"),
}


def keywords_for(settings: Settings) -> str:
    """The name of the keyword index that new indexes are made with."""
    if settings.keyword_backend != "auto":
        return settings.keyword_backend
    beside, address = BESIDE.get(settings.vector_backend, ("", ""))
    if beside and (not address or getattr(settings, address)):
        return beside
    return "postgres" if settings.database_url else EMBEDDED


def open_keywords(backend: str, place: Place, *, read_only: bool = False) -> KeywordIndex:
    """Open the keyword index of a place, or begin one, unless `read_only`.

    Raises:
        CollectionBusyError: it takes one writer, and there is one.
        CollectionDamagedError: the index is missing (`read_only`), broken, or made by another version.
    """
    index: KeywordIndex = keyword_class(backend)(place, read_only)
    return index


def keyword_class(backend: str) -> Any:
    """The class behind a name, for what asks without opening; its library is imported only now."""
    module, _, name = KEYWORDS[backend].partition(":")
    return getattr(import_module(module), name)
