"""From a file to what the catalogue will hold of it: read, chunk, name."""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from app.errors import DocumentError
from ingest.catalog import ChunkRecord, DocumentRecord, FileContent, FileRecord
from ingest.chunking import Passage, TokenCounter, chunk
from ingest.loaders import Block, SourceDocument
from ingest.plan import digest


def prepare(
    location: Path,
    record: FileRecord,
    documents: Iterable[SourceDocument],
    model: TokenCounter,
    chunk_tokens: int,
) -> FileContent:
    """Cut the documents of a file into chunks with stable ids.

    Raises:
        DocumentError: there is no text in any of them.
    """
    content = _content(replace(record, sha256=digest(location)), list(documents), model, chunk_tokens)
    if not any(document.chunks for document in content.documents):
        raise DocumentError(f"{location.name} holds no text: fill it, or remove it.")
    return content


def rechunk(content: FileContent, model: TokenCounter, chunk_tokens: int) -> FileContent:
    """The same file cut for another model, from its stored chunks alone."""
    documents = [
        SourceDocument(document.title, _blocks(document.chunks), content.pages, document.record_id)
        for document in content.documents
    ]
    made = _content(content.file, documents, model, chunk_tokens)
    return replace(made, title=content.title)


def _content(
    record: FileRecord, documents: list[SourceDocument], model: TokenCounter, chunk_tokens: int
) -> FileContent:
    file_id = uuid.UUID(record.id)
    made = []
    for number, document in enumerate(documents):
        name = f"#{number}" if document.record_id is None else f"id:{document.record_id}"
        document_id = uuid.uuid5(file_id, name)
        chunks = _chunks(document_id, chunk(document, model, chunk_tokens))
        made.append(DocumentRecord(str(document_id), document.record_id, document.title, chunks))
    title = documents[0].title if len(documents) == 1 else record.source
    return FileContent(record, title, documents[0].pages if documents else None, made)


def _chunks(document_id: uuid.UUID, passages: Iterable[Passage]) -> list[ChunkRecord]:
    """A passage that occurs twice in a document is told apart by its number."""
    seen: Counter[str] = Counter()
    chunks = []
    for passage in passages:
        content_hash = hashlib.sha256(passage.embedding_text.encode()).hexdigest()[:32]
        seen[content_hash] += 1
        identifier = str(uuid.uuid5(document_id, f"{content_hash}:{seen[content_hash]}"))
        chunks.append(
            ChunkRecord(
                identifier, passage.text, passage.page, passage.headings, passage.context, content_hash
            )
        )
    return chunks


def _blocks(chunks: Iterable[ChunkRecord]) -> list[Block]:
    """Chunks as blocks again; the headings come back where the path changes."""
    blocks: list[Block] = []
    path: tuple[str, ...] = ()
    for part in chunks:
        if part.headings != path:
            shared = sum(1 for one, other in zip(path, part.headings, strict=False) if one == other)
            for level, heading in enumerate(part.headings[shared:], shared + 1):
                blocks.append(Block(heading, "heading", level, part.page))
            path = part.headings
        for text in part.text.split("\n\n"):
            blocks.append(Block(text, "table" if text.startswith("|") else "text", page=part.page))
    return blocks
