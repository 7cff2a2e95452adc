"""What goes into the catalogue and comes out of it: a file, its documents, their chunks, index entries."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from app.schemas import FileStatus, PageTurns
from ingest.changes import DATES
from ingest.chunking import embedding_text
from ingest.suspicion import Finding, is_hidden

_DAY = re.compile(r"\d{4}-[01]\d-[0-3]\d(?!\d)")


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file as the catalogue knows it.

    Attributes:
        path: absolute, in NFC; with `id`, the file's name in the collection.
        root: the folder or file that was named when it was indexed.
        source: its path below the root, for showing.
        checked_ns: when `size` and `mtime_ns` were taken, in nanoseconds since 1970.
        recipe: what shaped its chunks apart from its content.
        read_seconds: how long its last reading took, even if that failed; None where that is not known.
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
    read_seconds: float | None = None

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
    page_turns: PageTurns = ()
    page_label: str | None = None
    lines: tuple[int, int] | None = None
    suspicions: tuple[Finding, ...] = ()

    @property
    def is_hidden(self) -> bool:
        """Whether no reader sees it: such a chunk is kept to be told of, and is in no index."""
        return any(is_hidden(finding.code) for finding in self.suspicions)

    @property
    def page_end(self) -> int | None:
        return self.page_turns[-1][1] if self.page_turns else None

    @property
    def embedding_text(self) -> str:
        return embedding_text(self.context, self.text)


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """Attributes: `metadata` is what the document says of itself, names in lower case."""

    id: str
    record_id: str | None
    title: str
    chunks: Sequence[ChunkRecord]
    metadata: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def dated(self) -> str | None:
        """The day of its last change (2024-03-02), where it names one."""
        named = (value for name in DATES for value in self.metadata.get(name, ()))
        return next((match[0] for value in named if (match := _DAY.match(value))), None)


class DocumentName(NamedTuple):
    """What a document is called, the day it names as that of its last change, and its file."""

    id: str
    title: str
    record_id: str | None
    dated: str | None
    file_id: str


class DocumentState(NamedTuple):
    """A document with what tells whether it is still the same.

    Attributes:
        source: of its file, for showing.
        place: among the documents of its file, from 0.
        state: a hash of its chunks and where they stand.
        characters: of its chunks together.
    """

    id: str
    file_id: str
    source: str
    record_id: str | None
    title: str
    place: int
    state: str
    characters: int


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file with all that was read from it.

    Attributes:
        textless_pages: numbers of the pages on which no text was found.
    """

    file: FileRecord
    title: str
    pages: int | None
    documents: Sequence[DocumentRecord]
    textless_pages: Sequence[int] = ()

    def chunks(self) -> Iterator[ChunkRecord]:
        return (chunk for document in self.documents for chunk in document.chunks)

    def entries(self) -> Iterator[Entry]:
        for document in self.documents:
            seen = [chunk for chunk in document.chunks if not chunk.is_hidden]
            cuts = [Cut(chunk.content_hash, chunk.embedding_text) for chunk in seen]
            for n, chunk in enumerate(seen):
                metadata = index_metadata(self.file.id, self.file.source, document.id, chunk.page)
                beside = (*cuts[max(0, n - 1) : n], *cuts[n + 1 : n + 2])
                yield Entry(chunk.id, chunk.content_hash, cuts[n].text, metadata, beside)


class Cut(NamedTuple):
    """What is indexed of a chunk: its text with title and headings, and the hash of that."""

    content_hash: str
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What an index needs of a chunk.

    Attributes:
        beside: the chunks before and after it in its document.
    """

    id: str
    content_hash: str
    text: str
    metadata: dict[str, str | int]
    beside: tuple[Cut, ...]


# Raised when what the indexes hold of a chunk changes: those of before are made anew by the next run.
INDEX_FIELDS = "4"


def index_metadata(file_id: str, source: str, document_id: str, page: int | None) -> dict[str, str | int]:
    """The fields that both indexes can filter by; page 0 for what has no pages."""
    return {"file_id": file_id, "source": source, "document_id": document_id, "page": page or 0}


def metadata_from(stored: str | None) -> dict[str, tuple[str, ...]]:
    """A document's metadata as it is kept in the catalogue: JSON, or nothing."""
    return {name: tuple(values) for name, values in json.loads(stored).items()} if stored else {}


def turns_from(stored: str | None) -> PageTurns:
    """Where pages begin in a chunk, as it is kept in the catalogue: JSON, or nothing."""
    return tuple((at, page) for at, page in json.loads(stored)) if stored else ()


def suspicions_from(stored: str | None) -> tuple[Finding, ...]:
    """What is suspicious in a chunk, as it is kept in the catalogue: JSON, or nothing."""
    return tuple(Finding(code, start, end) for code, start, end in json.loads(stored)) if stored else ()


def metadata_to(metadata: Mapping[str, tuple[str, ...]]) -> str | None:
    return json.dumps(metadata, ensure_ascii=False) if metadata else None
