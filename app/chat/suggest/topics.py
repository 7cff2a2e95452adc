"""What a passage can be asked about: its heading, or the words that it is about where it has none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from app.chat.headings import sentences
from app.chat.retrieve.query import parse
from app.chat.suggest.wording import asked, is_question, topic_of
from app.schemas import Chunk
from vectorstore.words import Word, content_words


@dataclass(frozen=True, slots=True)
class Topic:
    """A question and the chunk that it was made of.

    Attributes:
        worth: 0 for a heading that asks it itself, as in a list of frequent questions, 1 for one made
            into a question, 2 for words of the passage.
    """

    question: str
    chunk: Chunk
    worth: int


def topics(chunks: Iterable[Chunk]) -> Iterator[Topic]:
    """Questions on these chunks, in their order, one of each heading.

    Passages that address a model are asked about by nobody, and no question holds a filter.
    """
    seen: set[str] = set()
    for chunk in chunks:
        headings = [] if chunk.suspicions else _headings(chunk)
        names = headings or ([] if chunk.suspicions or chunk.headings else [_phrase(chunk)])
        for name in filter(None, names):
            question = asked(name, chunk.text)
            if question not in seen and not parse(question).where and "@" not in question:
                seen.add(question)
                yield Topic(question, chunk, 0 if is_question(name) else 1 if headings else 2)


def _headings(chunk: Chunk) -> list[str]:
    """What the passage stands under, and within it what stands above a sentence or asks; not the title."""
    inside = (chunk.text[: span[0]].rstrip().rpartition("\n")[2] for span, above in sentences(chunk) if above)
    asking = (line for line in chunk.text.split("\n")[:-1] if is_question(line.strip()))
    found = dict.fromkeys(topic_of(heading) for heading in [*chunk.headings[-1:], *inside, *asking])
    title = topic_of(chunk.title).casefold()
    return [topic for topic in found if topic and topic.casefold() != title]


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
