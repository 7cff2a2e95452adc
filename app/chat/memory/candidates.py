"""Of each answer of a conversation the sentences that answer best, scored as those of documents are."""

from __future__ import annotations

from collections.abc import Sequence

from app.chat.context import Passage
from app.chat.extractive.candidates import Sentence, quotable
from app.chat.extractive.scoring import Asked, scores
from app.chat.marks import without_marks
from app.schemas import Chunk, Hit
from vectorstore.tokens import tokenize_many

_MOST = 2
# A second sentence that is nearly as good, or holds a number that the first one lacks, stays too.
_ALSO = 0.85


def best_sentences(exchanges: Sequence[tuple[str, str]]) -> list[list[str]]:
    """For each question and its answer the one or two sentences that answer best, in reading order."""
    answers = [without_marks(answer) for _, answer in exchanges]
    found = quotable([_passage(n, answer) for n, answer in enumerate(answers)])
    asked = tokenize_many([question for question, _ in exchanges])
    of_each: list[list[Sentence]] = [[] for _ in exchanges]
    for sentence in found:
        of_each[sentence.n].append(sentence)
    return [
        _best(Asked(question, frozenset(tokens)), sentences) or _beginning(answer)
        for (question, _), tokens, sentences, answer in zip(exchanges, asked, of_each, answers, strict=True)
    ]


def _best(asked: Asked, sentences: Sequence[Sentence]) -> list[str]:
    if not sentences:
        return []
    scored = scores(asked, sentences)
    ranked = sorted(range(len(sentences)), key=lambda n: (-scored[n], n))
    told = _figures(sentences[ranked[0]])
    chosen = [ranked[0]]
    others = (n for n in ranked[1:] if sentences[n].text != sentences[ranked[0]].text)
    for n in others:
        if scored[n] >= _ALSO * scored[ranked[0]] or _figures(sentences[n]) - told:
            chosen.append(n)
            break
    return [sentences[n].text for n in sorted(chosen[:_MOST])]


def _figures(sentence: Sentence) -> set[str]:
    return {token for token in sentence.tokens if any(map(str.isdigit, token))}


def _beginning(answer: str) -> list[str]:
    """Of an answer without a whole sentence: `25 days`."""
    line = " ".join(answer.split())
    return [line] if line else []


def _passage(n: int, text: str) -> Passage:
    chunk = Chunk(f"answer-{n}", f"answer-{n}", text, 0, None, (), "", "")
    return Passage(n, Hit(1, 1.0, None, None, chunk), (chunk,))
