"""What a passage can be asked about: its heading, or the words that it is about where it has none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from app.chat.retrieve.query import parse
from app.chat.suggest.wording import asked, topic_of
from app.schemas import Chunk
from vectorstore.words import Word, content_words


@dataclass(frozen=True, slots=True)
class Topic:
    """A question, the chunk that it was made of, and whether that was by its heading."""

    question: str
    chunk: Chunk
    named: bool


def topics(chunks: Iterable[Chunk]) -> Iterator[Topic]:
    """Questions on these chunks, in their order, one of each heading.

    Passages that address a model are asked about by nobody, and no question holds a filter.
    """
    seen: set[str] = set()
    for chunk in chunks:
        if chunk.suspicions:
            continue
        for question in _questions(chunk):
            if question not in seen and not parse(question).where and "@" not in question:
                seen.add(question)
                yield Topic(question, chunk, named=bool(chunk.headings))


def _questions(chunk: Chunk) -> Iterator[str]:
    named = topic_of(chunk.headings[-1]) if chunk.headings else _phrase(chunk)
    if named and named.casefold() != topic_of(chunk.title).casefold():
        yield asked(named, chunk.text)


def _phrase(chunk: Chunk) -> str:
    """Two words that stand beside each other and are what the passage says most of."""
    words = content_words(chunk.text)
    often = Counter(token for word in words for token in word.tokens)
    near = [
        (one, other)
        for one, other in pairwise(words)
        if other.start - one.end == 1 and not one.tokens & other.tokens
    ]
    if not near:
        return ""
    best = max(near, key=lambda pair: (_weight(pair, often), -pair[0].start))
    return topic_of(" ".join(word.text for word in best))


def _weight(pair: tuple[Word, Word], often: Counter[str]) -> int:
    if any(any(letter.isdigit() for letter in word.text) for word in pair):
        return 0
    return sum(max(often[token] for token in word.tokens) for word in pair)
