"""Questions to begin with: spread over the documents, and each one answered by the document it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING, Any

from app.chat.suggest.topics import Topic, topics
from app.chat.suggest.verify import answering, distinct
from app.language import Language, detect_language

if TYPE_CHECKING:
    from app.chat.pipeline import Pipeline
    from app.schemas import Chunk

# Documents that are looked at, passages of each, and questions that are asked in all.
DOCUMENTS, PASSAGES, _MOST_TRIED = 40, 12, 24


def starters(
    pipeline: Pipeline,
    chunks: Sequence[Chunk],
    language: Language,
    count: int = 4,
    where: Mapping[str, Any] | None = None,
) -> list[str]:
    """Up to `count` questions; those in the reader's language first. The same ones for the same collection.

    Args:
        pipeline: without a model.
        chunks: beginnings of some documents.
        where: only about what these filters let through.
    """
    found = {topic.question: topic for topic in islice(_spread(chunks, language), _MOST_TRIED)}

    def fits(question: str) -> bool:
        about, answer = found[question].chunk.document_id, answering(pipeline, question, where)
        return bool(answer) and any(one.hit.chunk.document_id == about for one in answer.passages[:2])

    return distinct(found, (), count, fits)


def _spread(chunks: Sequence[Chunk], language: Language) -> Iterator[Topic]:
    """One of each document, then another one of each; those of an FAQ before what headings were made into."""
    of_documents: dict[str, list[Topic]] = {}
    for topic in topics(chunks):
        of_documents.setdefault(topic.chunk.document_id, []).append(topic)
    for own in of_documents.values():
        own.sort(key=lambda topic: topic.worth)
    rounds = list(chain.from_iterable(zip_longest(*of_documents.values())))
    spread = [topic for topic in rounds if topic is not None]
    return iter(sorted(spread, key=lambda it: (detect_language(it.question) != language, it.worth == 2)))
