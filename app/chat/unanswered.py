"""Why a question was not answered: what is missing, what comes closest, and what may help."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.chat.cite import nearest
from app.chat.context import Passage
from app.chat.relevance import ENOUGH
from app.schemas import Citation, Hit, Reason, Refusal
from vectorstore.tokens import tokenize
from vectorstore.words import Word, content_words

if TYPE_CHECKING:
    from app.chat.retrieve.query import Where

# What is shown as closest: so many, and none that is much further than the first.
_CLOSEST, _AS_NEAR = 3, 0.5
_LONGEST_QUESTION = 2000
# A compound of which less than this stands in a passage does not stand there.
_PRESENT = 0.5
# From this part of the threshold on, the nearest passage is worth pointing to.
_NEAR = 0.8
_MOST_NAMES = 5


def _none() -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Grounds:
    """What is known about the collection that a question is asked of.

    Attributes:
        enough: from which score on a passage is worth an answer.
        documents: gives how many documents it holds.
        others: gives the names of the other collections.
        called: gives the name of the file with an id.
    """

    enough: float = ENOUGH
    collection: str = ""
    documents: Callable[[], int] = int
    others: Callable[[], Sequence[str]] = _none
    called: Callable[[str], str] = str


NOTHING_KNOWN = Grounds()


def explained(
    reason: str,
    question: str,
    hits: Sequence[Hit],
    grounds: Grounds = NOTHING_KNOWN,
    where: Where | Mapping[str, Any] | None = None,
) -> Refusal:
    """What a refusal can tell.

    Args:
        reason: see `Refusal`.
        question: stand-alone.
        hits: what the search found, best first, relevant or not.
        where: the filters that it was asked with.
    """
    asked = question[:_LONGEST_QUESTION]
    score = max((hit.score for hit in hits), default=0.0)
    missing = _missing(asked, hits)
    closest = _closest(asked, hits)
    return Refusal(
        reason=reason,
        missing=missing,
        documents=grounds.documents(),
        closest=closest,
        score=score,
        enough=grounds.enough,
        suggestions=tuple(_suggestions(reason, closest, grounds, where or {}, score)),
    )


def _missing(question: str, hits: Sequence[Hit]) -> tuple[str, ...]:
    """The content words that stand in none of the passages, nor in the headings and titles above them."""
    texts = (" ".join((hit.chunk.title, *hit.chunk.headings, hit.chunk.text)) for hit in hits)
    present = {token for text in texts for token in tokenize(text)}
    absent = (word.text for word in content_words(question) if not _stands_in(word, present))
    return tuple(dict.fromkeys(absent))


def _stands_in(word: Word, present: set[str]) -> bool:
    return len(word.tokens & present) >= _PRESENT * len(word.tokens)


def _closest(question: str, hits: Sequence[Hit]) -> tuple[Citation, ...]:
    """The nearest passages, each with the sentence that shares most with the question."""
    best = max((hit.score for hit in hits), default=0.0)
    near = [hit for hit in hits if hit.score > 0 and hit.score >= _AS_NEAR * best][:_CLOSEST]
    passages = [Passage(n, hit, (hit.chunk,)) for n, hit in enumerate(near, 1)]
    return nearest(question, passages)


def _suggestions(
    reason: str, closest: Sequence[Citation], grounds: Grounds, where: Mapping[str, Any], score: float
) -> Iterator[Reason]:
    if where:
        yield Reason(code="lift_filter", values={"filter": _shown(where, grounds)})
    if others := list(grounds.others())[:_MOST_NAMES]:
        yield Reason(code="other_collections", values={"names": ", ".join(others)})
    if closest and (reason != "off_topic" or score >= _NEAR * grounds.enough):
        best = closest[0]
        place = next(reversed(best.headings), "") or best.title or best.source
        yield Reason(code="own_words", values={"place": " ".join(place.split())})
    if reason == "off_topic" and not where:
        yield Reason(code="add_documents", values={"collection": grounds.collection or "default"})


def _shown(where: Mapping[str, Any], grounds: Grounds) -> str:
    """Filters as they are written in a query; files that were chosen by id by their names."""
    from app.chat.retrieve.query import shown

    chosen = [grounds.called(str(id_)) for id_ in where.get("file_id", ())]
    rest = {name: values for name, values in where.items() if name != "file_id"}
    return shown({**rest, "mention": [*rest.get("mention", ()), *chosen]})
