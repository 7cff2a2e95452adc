"""The searcher as a retriever of LangChain; apart from it, so that a search need not import LangChain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field, PrivateAttr, SkipValidation

from app.schemas import Chunk, Hit, Notice
from vectorstore.base import Filter


class Search(Protocol):
    """What the retriever needs of a searcher."""

    def search(
        self,
        text: str,
        k: int,
        where: Filter | None = None,
        tell: Callable[[Notice], None] | None = None,
    ) -> list[Hit]: ...


class DocentRetriever(BaseRetriever):
    """Hybrid search over a collection.

    Attributes:
        k: how many documents to return.
        where: only chunks that match, such as {"source": "handbook.pdf", "page": 3}; filters may also stand
            in the query.
        tell: is told what the user should know about a search.

    Example:
        >>> retriever = DocentRetriever(searcher=build(settings).searcher(), k=4)
        >>> retriever.invoke("How many days of leave do I have?")[0].metadata["source"]
        'handbook.pdf'
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    searcher: SkipValidation[Search]
    k: int = Field(6, ge=1)
    where: Filter | None = None
    tell: Callable[[Notice], None] | None = Field(None, exclude=True, repr=False)

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        return [as_document(hit) for hit in self.searcher.search(query, self.k, self.where, self.tell)]


class FoundDocument(Document):
    """A document that knows the hit that it was made from."""

    _hit: Hit | None = PrivateAttr(None)


def as_document(hit: Hit) -> Document:
    """A hit as LangChain has it: the passage, and all that tells where it is from and why it was found."""
    chunk = hit.chunk
    metadata: dict[str, Any] = {
        "source": chunk.source,
        "page": chunk.page,
        "title": chunk.title,
        "headings": list(chunk.headings),
        "chunk_id": chunk.id,
        "document_id": chunk.document_id,
        "record_id": chunk.record_id,
        "ordinal": chunk.ordinal,
        "lines": chunk.lines,
        "page_label": chunk.page_label,
        "metadata": {name: list(values) for name, values in chunk.metadata.items()},
        "rank": hit.rank,
        "score": hit.score,
        "dense": hit.dense,
        "keyword": hit.keyword,
    }
    document = FoundDocument(id=chunk.id, page_content=chunk.text, metadata=metadata)
    document._hit = hit
    return document


def as_hit(document: Document, rank: int) -> Hit:
    """A document of any retriever as a hit; one that is not ours counts as fully relevant.

    Args:
        document: `source`, `title` and `page` are taken from its metadata, where they are there.
        rank: its place among the documents, from 1.
    """
    if isinstance(document, FoundDocument) and document._hit is not None:
        return document._hit
    about = document.metadata
    source = str(about.get("source") or document.id or f"document {rank}")
    page = about.get("page")
    chunk = Chunk(
        id=str(document.id or f"{source}#{rank}"),
        document_id=source,
        text=document.page_content,
        ordinal=rank,
        page=page if isinstance(page, int) else None,
        headings=(),
        title=str(about.get("title") or ""),
        source=source,
    )
    return Hit(rank, 1.0, None, None, chunk)
