"""What goes into the catalogue and comes out of it: a file, its documents, their chunks, index entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.schemas import FileStatus
from ingest.chunking import embedding_text


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file as the catalogue knows it.

    Attributes:
        path: absolute, in NFC; with `id`, the file's name in the collection.
        root: the folder or file that was named when it was indexed.
        source: its path below the root, for showing.
        checked_ns: when `size` and `mtime_ns` were taken, in nanoseconds since 1970.
        recipe: what shaped its chunks apart from its content.
    """

    id: str
    path: str
    root: str
    source: str
    size: int
    mtime_ns: int
    checked_ns: int
    recipe: str
    sha256: str = ""
    status: FileStatus = FileStatus.PENDING
    error: str | None = None

    def values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class ChunkRecord:
    id: str
    text: str
    page: int | None
    headings: tuple[str, ...]
    context: str
    content_hash: str

    @property
    def embedding_text(self) -> str:
        return embedding_text(self.context, self.text)


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    id: str
    record_id: str | None
    title: str
    chunks: Sequence[ChunkRecord]


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file with all that was read from it."""

    file: FileRecord
    title: str
    pages: int | None
    documents: Sequence[DocumentRecord]

    def chunks(self) -> Iterator[ChunkRecord]:
        return (chunk for document in self.documents for chunk in document.chunks)

    def entries(self) -> Iterator[Entry]:
        for document in self.documents:
            texts = [chunk.embedding_text for chunk in document.chunks]
            for n, chunk in enumerate(document.chunks):
                metadata = index_metadata(self.file.id, self.file.source, document.id, chunk.page)
                beside = (*texts[max(0, n - 1) : n], *texts[n + 1 : n + 2])
                yield Entry(chunk.id, chunk.content_hash, texts[n], metadata, beside)


@dataclass(frozen=True, slots=True)
class Entry:
    """What an index needs of a chunk.

    Attributes:
        beside: the texts of the chunks before and after it in its document.
    """

    id: str
    content_hash: str
    text: str
    metadata: dict[str, str | int]
    beside: tuple[str, ...]


# Raised when the fields below change: indexes that lack one are made anew by the next run.
INDEX_FIELDS = "3"


def index_metadata(file_id: str, source: str, document_id: str, page: int | None) -> dict[str, str | int]:
    """The fields that both indexes can filter by; page 0 for what has no pages."""
    return {"file_id": file_id, "source": source, "document_id": document_id, "page": page or 0}
