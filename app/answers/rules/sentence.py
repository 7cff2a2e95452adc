"""The sentence about something: the best one of a document, by the words of a field's description."""

from __future__ import annotations

from collections.abc import Sequence

from app.answers.rules.choice import Candidate
from app.answers.rules.lexicon import lexicon
from app.answers.rules.targets import Target
from app.chat.context import Passage
from app.chat.extractive.candidates import Sentence, quotable
from app.chat.extractive.scoring import Asked, scores
from app.chat.headings import sentences
from app.schemas import Chunk, Hit
from vectorstore.tokens import tokenize_many

# The share of what is asked for that a sentence, and what it stands under, must name.
_ENOUGH = 0.5


def best_sentence(target: Target, chunks: Sequence[Chunk]) -> Candidate | None:
    """The sentence that says most about the field; None where none says enough."""
    asked = f"{target.name} {' '.join(target.field.labels)} {target.field.description}".replace("_", " ")
    passages = [
        Passage(number, Hit(number, 1.0, None, None, chunk), (chunk,)) for number, chunk in enumerate(chunks)
    ]
    found = quotable(passages)
    tokens = frozenset(tokenize_many([asked])[0])
    if not found or not tokens:
        return None
    rated = scores(Asked(asked, tokens, frozenset()), found)
    at = max(range(len(found)), key=lambda number: (rated[number], -number))
    one = found[at] if _says_enough(tokens, found[at]) else _by_notions(target, found)
    if one is None:
        return None
    chunk = chunks[one.n]
    span = next((span for span, _ in sentences(chunk) if span[0] == one.place[1]), None)
    if span is None:
        return None
    return Candidate(" ".join(chunk.text[slice(*span)].split()), "", one.n, *span, -1, 1.0)


def _says_enough(asked: frozenset[str], one: Sentence) -> bool:
    shared = asked & (one.tokens | one.around)
    return bool(asked & one.tokens or asked <= one.around) and len(shared) >= min(_ENOUGH * len(asked), 4)


def _by_notions(target: Target, found: Sequence[Sentence]) -> Sentence | None:
    """The first sentence that means what the field does, in whatever language."""
    wanted = {one for one in lexicon().read(target.name) if one[0] != "'" and lexicon().weight(one) == 1}
    return next((one for one in found if wanted and wanted <= set(lexicon().read(one.text))), None)
