"""The searcher as a retriever of LangChain; apart from it, so that a search need not import LangChain."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field, InstanceOf

from app.chat.retrieve import Searcher
from app.schemas import Hit
from vectorstore.base import Filter


class DocentRetriever(BaseRetriever):
    """Hybrid search over a collection.

    Attributes:
        k: how many documents to return.
        where: only chunks whose metadata match.

    Example:
        >>> retriever = DocentRetriever(searcher=build(settings).searcher(), k=4)
        >>> retriever.invoke("How many days of leave do I have?")[0].metadata["source"]
        'handbook.pdf'
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    searcher: InstanceOf[Searcher]
    k: int = Field(6, ge=1)
    where: Filter | None = None

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        return [as_document(hit) for hit in self.searcher.search(query, self.k, self.where)]


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
        "rank": hit.rank,
        "score": hit.score,
        "dense": hit.dense,
        "keyword": hit.keyword,
    }
    return Document(id=chunk.id, page_content=chunk.text, metadata=metadata)
