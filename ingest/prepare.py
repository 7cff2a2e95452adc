"""From a file to what the catalogue will hold of it: read, chunk, name."""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from app.errors import DocumentError
from ingest.catalog import ChunkRecord, DocumentRecord, FileContent, FileRecord
from ingest.chunking import Passage, TokenCounter, chunk, passage_tokens
from ingest.loaders import Block, Kind, SourceDocument
from ingest.suspicion import QUESTION, Finding, code_of, examine, way_of


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
    content = _content(record, list(documents), model, chunk_tokens)
    if not any(document.chunks for document in content.documents):
        raise DocumentError(f"{location.name} holds no text: fill it, or remove it.")
    return content


def rechunk(content: FileContent, model: TokenCounter, chunk_tokens: int) -> FileContent:
    """The same file cut for another model, from its stored chunks alone."""
    documents = [
        SourceDocument(
            document.title,
            _blocks(part for part in document.chunks if not part.is_hidden),
            content.pages,
            document.record_id,
            _page_labels(document.chunks),
            document.metadata,
            hidden=[_hidden(part) for part in document.chunks if part.is_hidden],
        )
        for document in content.documents
    ]
    made = _content(content.file, documents, model, chunk_tokens)
    return replace(made, title=content.title, textless_pages=content.textless_pages)


def _content(
    record: FileRecord, documents: list[SourceDocument], model: TokenCounter, chunk_tokens: int
) -> FileContent:
    file_id = uuid.UUID(record.id)
    made = []
    for number, document in enumerate(documents):
        name = f"#{number}" if document.record_id is None else f"id:{document.record_id}"
        document_id = uuid.uuid5(file_id, name)
        chunks = _chunks(document_id, _passages(document, model, chunk_tokens))
        metadata = {name: tuple(values) for name, values in document.metadata.items() if values}
        made.append(DocumentRecord(str(document_id), document.record_id, document.title, chunks, metadata))
    title = documents[0].title if len(documents) == 1 else record.source
    pages = documents[0].pages if documents else None
    textless = sorted({page for document in documents for page in document.textless_pages})
    return FileContent(record, title, pages, made, textless)


Examined = tuple[Passage, tuple[Finding, ...]]


def _passages(document: SourceDocument, model: TokenCounter, chunk_tokens: int) -> Iterator[Examined]:
    """Passages and what is suspicious in them; what no reader sees comes last, apart from the rest.

    What is in the title or a heading has no place in the text: it is found at 0, with no length.
    """
    passages = chunk(document, model, passage_tokens(document, model, chunk_tokens))
    around = " ".join([document.title, *{heading for one in passages for heading in one.headings}])
    above = {
        text: tuple(Finding(code, 0, 0) for code, *_ in examine([text])[0] if code != QUESTION)
        for text in {document.title, *(heading for one in passages for heading in one.headings)}
    }
    for one, found in zip(passages, examine([one.text for one in passages], around), strict=True):
        named = (finding for text in (document.title, *one.headings) for finding in above[text])
        yield one, (*dict.fromkeys(named), *found)
    for block in document.hidden:
        hidden = Finding(code_of(block), 0, len(block.text))
        yield Passage(block.text, block.page, (), ""), (hidden, *examine([block.text], around)[0])


def _chunks(document_id: uuid.UUID, passages: Iterable[Examined]) -> list[ChunkRecord]:
    """A passage that occurs twice in a document is told apart by its number."""
    seen: Counter[str] = Counter()
    chunks = []
    for passage, findings in passages:
        content_hash = hashlib.sha256(passage.embedding_text.encode()).hexdigest()[:32]
        seen[content_hash] += 1
        identifier = str(uuid.uuid5(document_id, f"{content_hash}:{seen[content_hash]}"))
        chunks.append(
            ChunkRecord(
                identifier,
                passage.text,
                passage.page,
                passage.headings,
                passage.context,
                content_hash,
                passage.page_turns,
                passage.page_label,
                passage.lines,
                findings,
            )
        )
    return chunks


def _page_labels(chunks: Iterable[ChunkRecord]) -> list[str]:
    """What is printed on the pages, as far as the chunks tell; "" for the number itself."""
    labels: dict[int, str] = {}
    for part in chunks:
        if part.page is None or part.page_label is None:
            continue
        first, _, last = part.page_label.partition("–") if part.page_end else (part.page_label, "", "")
        labels[part.page] = first
        if part.page_end:
            labels[part.page_end] = last or first
    return [labels.get(page, "") for page in range(1, max(labels, default=0) + 1)]


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
        blocks += _parts(part)
    return blocks


def _hidden(part: ChunkRecord) -> Block:
    return Block(part.text, page=part.page, hidden=way_of(part.suspicions[0].code))


def _parts(part: ChunkRecord) -> Iterator[Block]:
    line = part.lines and part.lines[0]
    turns = [(0, part.page), *part.page_turns, (len(part.text), None)]
    for (start, page), (end, _) in pairwise(turns):
        for text in filter(str.strip, part.text[start:end].split("\n\n")):
            kind: Kind = "table" if text.startswith("|") else "text"
            yield Block(text, kind, page=page, line=line)
        line = line and line + text.count("\n") + 2
