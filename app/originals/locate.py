"""From a citation to the file that it is from, by the catalogue alone: no path ever comes from outside."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from app.schemas import Chunk, Citation, SentChunk
from ingest.changes import has_changed, on_disk

if TYPE_CHECKING:
    from ingest.collection import Collection

_PDF_MARK, _PDF_HEAD = b"%PDF-", 1024
_WEB = ("http://", "https://")


class State(StrEnum):
    """What became of a file since it was indexed."""

    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"
    WEB = "web"


@dataclass(frozen=True, slots=True)
class Original:
    """What a citation is from.

    Attributes:
        chunk: the passage in the catalogue, or the one that now stands in its place; None without.
        path: the file on this disk; None where it is gone or a page of the web.
        is_pdf: its pages can be shown.
    """

    citation: Citation
    state: State
    chunk: Chunk | None = None
    path: Path | None = None
    is_pdf: bool = False

    @property
    def name(self) -> str:
        """Of the file that lies on the disk."""
        return PurePosixPath(self.citation.source).name or self.citation.source

    @property
    def is_part(self) -> bool:
        """Whether the document is a part of that file: a member of an archive, an attachment, a record."""
        return self.citation.record_id is not None


def as_citation(sent: SentChunk) -> Citation:
    """A passage of a prompt as a citation, as far as the record of the answer knows it."""
    return Citation(
        n=sent.n,
        source=sent.source,
        page=sent.page,
        quote="",
        score=sent.score,
        chunk_id=sent.chunk_id,
        title=sent.title,
    )


def whole(citation: Citation, chunk: Chunk) -> Citation:
    """The citation with all of its passage as the quote."""
    update = {
        "quote": chunk.text,
        "context": chunk.text,
        "headings": chunk.headings,
        "record_id": chunk.record_id,
        "page_end": chunk.page_end,
        "page_label": chunk.page_label,
        "lines": chunk.lines,
        "suspicions": chunk.suspicions,
    }
    return citation.model_copy(update=update)


def original(citation: Citation, collection: Collection | None, held: Chunk | None) -> Original:
    """What a citation is from, as far as this collection knows; without one it is gone.

    Args:
        held: the cited passage, if the collection still has it.
    """
    chunk = held or (_successor(citation, collection) if collection else None)
    if chunk is None or chunk.origin is None:
        return Original(citation, State.WEB if citation.source.startswith(_WEB) else State.GONE, chunk)
    if chunk.origin.path.startswith(_WEB):
        return Original(citation, State.WEB, chunk)
    path = on_disk(chunk.origin)
    if path is None:
        return Original(citation, State.GONE, chunk)
    state = State.SAME if held and not has_changed(chunk.origin) else State.CHANGED
    is_pdf = citation.record_id is None and citation.page is not None and _is_pdf(path)
    return Original(citation, state, chunk, path, is_pdf)


def _successor(citation: Citation, collection: Collection) -> Chunk | None:
    """A passage of the same document after it was indexed anew: the one with the quote, else the first."""
    files = [info.id for info in collection.files() if info.source == citation.source]
    documents = [
        name.id
        for name in collection.document_names()
        if name.file_id in files and name.record_id == citation.record_id
    ]
    if len(documents) != 1:
        return None
    chunks = collection.catalog.chunks.between(documents[0], 0, _ALL)
    return next((chunk for chunk in chunks if citation.quote in chunk.text), next(iter(chunks), None))


_ALL = 2**31


def _is_pdf(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return _PDF_MARK in file.read(_PDF_HEAD)
    except OSError:
        return False
