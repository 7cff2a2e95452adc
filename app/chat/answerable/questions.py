"""Questions as people would put them, made of a collection's own sentences: each has its answer there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import cycle, islice

from app.chat.headings import sentences
from app.language import detect_language
from app.schemas import Chunk
from prompts import calibration_texts
from vectorstore.words import Word, content_words

# How many content words people name, and how many of these are what the passage is about.
_SHAPES = ((2, 1), (3, 2), (3, 1), (4, 2))
_LEAST_WORDS = 4
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Drawn:
    """A question, and the chunk that it was drawn from."""

    text: str
    chunk: Chunk


def draw(chunks: Sequence[Chunk], count: int) -> list[Drawn]:
    """Up to `count` questions on these chunks, in their order; the same ones every time.

    Of a few chunks, several sentences each are taken.
    """
    drawn: list[Drawn] = []
    shapes = cycle(_SHAPES)
    for turn in range(_ROUNDS):
        for chunk in islice(chunks, count - len(drawn)):
            drawn += _question(chunk, turn, *next(shapes))
    return drawn


def _question(chunk: Chunk, turn: int, most: int, salient: int) -> Iterator[Drawn]:
    said = [words for words in map(content_words, _sentences(chunk)) if len(words) >= _LEAST_WORDS]
    if turn >= len(said):
        return
    words = said[_number(chunk.id, turn) % len(said)] if turn == 0 else said[turn]
    chosen = _chosen(words, chunk, most, salient)
    frames = calibration_texts(detect_language(chunk.text))["frames"]
    frame = frames[_number(chunk.id, turn, "frame") % len(frames)]
    yield Drawn(frame.format(words=" ".join(word.text for word in chosen)), chunk)


def _sentences(chunk: Chunk) -> list[str]:
    return [chunk.text[slice(*span)] for span, _ in sentences(chunk)]


def _chosen(words: Sequence[Word], chunk: Chunk, most: int, salient: int) -> list[Word]:
    """The words that the passage repeats, as a question names its topic, and some others of the sentence."""
    frequency = Counter(token for word in content_words(chunk.text) for token in word.tokens)
    weight = {word: max(frequency[token] for token in word.tokens) for word in words}
    topic = sorted(words, key=lambda word: (-weight[word], word.start))[:salient]
    rest = sorted(set(words) - set(topic), key=lambda word: _number(chunk.id, word.text))
    return sorted([*topic, *rest[: most - salient]], key=lambda word: word.start)


def _number(*parts: object) -> int:
    """A number that depends on nothing but its arguments."""
    return int.from_bytes(blake2b("|".join(map(str, parts)).encode(), digest_size=8).digest())
