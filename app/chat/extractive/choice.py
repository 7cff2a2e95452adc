"""Which sentences make the answer: the best one, one of each further passage, and what adds to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from app.chat.extractive.candidates import Sentence

_MOST = 4
_PASSAGES = 3
# A passage adds a sentence if the search found it nearly as good, and the sentence is nearly as good; what is
# about something else shares words with the question, too.
_NEARLY, _ALSO = 0.8, 0.7
# Where all stands on one page, so does a sentence of another page of its document: answers run over a page's
# end, and what is asked is often told in two places.
_ELSEWHERE = 0.6
# A further sentence of a passage that has one must be nearly as good as the best, or tell something new, or
# stand in a list beside an item that was chosen.
_AS_GOOD, _NEW, _LISTED = 0.95, 0.8, 0.85
_SAME = 0.75

# "This handbook" and "these costs" name what they are about.
_LEANS_BACK = re.compile(
    r"(?:It|They|He|She|However|Otherwise|In this case|In that case)\b"
    r"|(?:This|That|These|Those) (?:is|are|was|were|will|can|may|must|should|includes?|appl(?:y|ies))\b"
    r"|(?:이는|이를|이것|그것|또한|다만|그러나|이 경우|이때|그 경우|해당)\b"
)


def choose(asked: frozenset[str], sentences: Sequence[Sentence], scores: Sequence[float]) -> list[Sentence]:
    """One to four sentences, the best first; a fifth where one of them is not understood without it."""
    if not sentences:
        return []
    return _Choice(asked, sentences, scores).made()


class _Choice:
    def __init__(self, asked: frozenset[str], sentences: Sequence[Sentence], scores: Sequence[float]) -> None:
        order = sorted(range(len(sentences)), key=lambda i: (-scores[i], i))
        self._asked = asked
        self._sentences = sentences
        self._ranked = [(sentences[i], scores[i] / (scores[order[0]] or 1.0)) for i in order]
        self._chosen: list[Sentence] = []

    def made(self) -> list[Sentence]:
        self._take(self._ranked[0][0])
        self._from_other_passages()
        self._from_another_page()
        self._more_of_the_same()
        return [*self._chosen, *self._antecedents()][: _MOST + 1]

    def _take(self, one: Sentence) -> None:
        self._chosen.append(one)

    def _from_other_passages(self) -> None:
        enough = _NEARLY * max(one.hit_score for one in self._sentences)
        best_of: dict[int, Sentence] = {}
        for one, score in self._ranked:
            if score >= _ALSO and one.hit_score >= enough and self._is_new(one):
                best_of.setdefault(one.n, one)
        for n in sorted(best_of):
            if len(self._chosen) == _PASSAGES:
                break
            if n not in self._numbers() and self._is_new(best_of[n]):
                self._take(best_of[n])

    def _from_another_page(self) -> None:
        pages = {(one.document_id, one.page) for one in self._chosen}
        documents = {one.document_id for one in self._chosen}
        if len(pages) > 1:
            return
        for one, score in self._ranked:
            further = one.page is not None and one.document_id in documents
            if (
                further
                and (one.document_id, one.page) not in pages
                and score >= _ELSEWHERE
                and self._is_new(one)
            ):
                self._take(one)
                return

    def _more_of_the_same(self) -> None:
        numbers = self._numbers()
        told = frozenset[str]().union(*(self._asked & one.tokens for one in self._chosen))
        for one, score in self._ranked:
            if len(self._chosen) >= _MOST:
                break
            tells = (self._asked & one.tokens) - told
            enough = _NEW if tells else _LISTED if self._is_beside(one) else _AS_GOOD
            if one.n in numbers and score >= enough and self._is_new(one):
                self._take(one)
                told |= tells

    def _antecedents(self) -> Iterable[Sentence]:
        """The sentence before one that leans on it, so that `It …` is understood."""
        for before, one in pairwise(self._sentences):
            near = before.n == one.n and before.document_id == one.document_id
            if near and one in self._chosen and before not in self._chosen and _LEANS_BACK.match(one.text):
                yield before

    def _is_beside(self, one: Sentence) -> bool:
        """Whether it is an item next to a chosen one."""
        return one.item and any(
            other.item
            and (other.n, other.place[0]) == (one.n, one.place[0])
            and abs(other.order - one.order) == 1
            for other in self._chosen
        )

    def _numbers(self) -> set[int]:
        return {one.n for one in self._chosen}

    def _is_new(self, one: Sentence) -> bool:
        return not any(_same(one, other) for other in self._chosen)


def _same(one: Sentence, other: Sentence) -> bool:
    together = len(one.tokens | other.tokens) or 1
    return len(one.tokens & other.tokens) / together >= _SAME
