"""How well the checks of an answer find what is wrong in it: sentences of a corpus, untouched and made wrong.

Each sentence is shown with the passages that a search for it brings, so that those beside its own are as
near to it as they get. It is cited as it stands, then with one thing changed, then under another number.
"""

from __future__ import annotations

import random
import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from app.chat.context import Passage, passages
from app.chat.headings import sentences
from app.chat.retrieve import Searcher
from app.chat.verify import Verified, verify
from app.schemas import Chunk, Support
from benchmarks.perturb import KINDS, names_of
from ingest.collection import Collection

UNTOUCHED, WRONG_CITATION = "untouched", "wrong mark"
_TIMED, _ANSWER = 60, 10
_SHORTEST, _LONGEST, _PASSAGES, _SEED = 30, 400, 6, 7
_ENDS = re.compile(r"[.!?다요]$")


@dataclass
class Tally:
    """Attributes: `found` of `asked` were said to be wrong; `misses` are those with the wrong verdict."""

    asked: int = 0
    found: int = 0
    misses: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        return self.found / self.asked if self.asked else 0.0


def measure(collection: Collection, searcher: Searcher, each: int) -> dict[str, Tally]:
    """For each kind of change, how many of `each` sentences were found."""
    chance = random.Random(_SEED)
    pool = list(_pool(collection))
    chance.shuffle(pool)
    names = names_of([text for _, text in pool])
    tallies = {kind: Tally() for kind in (UNTOUCHED, WRONG_CITATION, *KINDS)}
    for chunk, text in pool:
        wanted = [kind for kind, tally in tallies.items() if tally.asked < each]
        if not wanted:
            break
        changed = {
            kind: made.text
            for kind, perturb in KINDS.items()
            if kind in wanted and (made := perturb(text, names, chance))
        }
        if changed or UNTOUCHED in wanted or WRONG_CITATION in wanted:
            _ask(chunk, text, changed, wanted, tallies, _shown(collection, searcher, text), chance)
    return tallies


def accuracy(tallies: dict[str, Tally]) -> float:
    """The share of all sentences, untouched and made wrong, that were judged rightly."""
    right = sum(tally.found for kind, tally in tallies.items() if kind != UNTOUCHED)
    right += tallies[UNTOUCHED].asked - tallies[UNTOUCHED].found
    return right / sum(tally.asked for tally in tallies.values())


def seconds(collection: Collection, searcher: Searcher) -> float:
    """The median time that checking an answer of ten sentences takes, in this process, of each new texts."""
    chance = random.Random(_SEED)
    pool = list(_pool(collection))
    took = []
    for _ in range(_TIMED):
        shown = _shown(collection, searcher, chance.choice(pool)[1])
        said = [
            (passage.n, " ".join(part.text[slice(*span)].split()))
            for passage in shown
            for part in passage.chunks
            for span, _ in sentences(part)
        ]
        chosen = chance.sample(said, min(_ANSWER, len(said)))
        answer = " ".join(f"{text.rstrip('.')} [{n}]." for n, text in chosen)
        began = time.perf_counter()
        verify(answer, {passage.n: passage.n for passage in shown}, shown)
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def _pool(collection: Collection) -> Iterator[tuple[Chunk, str]]:
    """Sentences that stand by themselves, with their chunks."""
    ids = sorted(collection.catalog.chunks.ids())
    for chunk in collection.chunks(ids).values():
        for span, _ in sentences(chunk):
            text = " ".join(chunk.text[slice(*span)].split())
            whole = text[:1].isalnum() and _ENDS.search(text) and "|" not in text and "[" not in text
            if whole and _SHORTEST <= len(text) <= _LONGEST:
                yield chunk, text


def _shown(collection: Collection, searcher: Searcher, text: str) -> tuple[Passage, ...]:
    return passages(searcher.search(text, _PASSAGES), collection.neighbours)


def _ask(
    chunk: Chunk,
    text: str,
    changed: dict[str, str],
    wanted: Sequence[str],
    tallies: dict[str, Tally],
    shown: Sequence[Passage],
    chance: random.Random,
) -> None:
    own = [one.n for one in shown if any(part.id == chunk.id for part in one.chunks)]
    others = [one.n for one in shown if one.n not in own]
    if not own:
        return
    if UNTOUCHED in wanted:
        _count(tallies[UNTOUCHED], text, verify(_cited(text), {own[0]: 1}, shown), _doubted, good=False)
    for kind, wrong in changed.items():
        _count(tallies[kind], wrong, verify(_cited(wrong), {own[0]: 1}, shown), _doubted, good=True)
    if WRONG_CITATION in wanted and others:
        outcome = verify(_cited(text), {chance.choice(others): 1}, shown)
        _count(tallies[WRONG_CITATION], text, outcome, lambda one: _mended(one, text), good=True)


def _cited(text: str) -> str:
    return f"{text.rstrip('.')} [1]."


def _count(
    tally: Tally, text: str, outcome: Verified, found: Callable[[Verified], bool], *, good: bool
) -> None:
    tally.asked += 1
    tally.found += found(outcome)
    if found(outcome) is not good:
        tally.misses.append(text)


def _doubted(outcome: Verified) -> bool:
    return any(one.support is not Support.SUPPORTED for one in outcome.sentences)


def _mended(outcome: Verified, text: str) -> bool:
    """Whether the mark leads to these words now, wherever they stand, or the sentence is marked."""
    said = re.sub(r"\W", "", text)
    return _doubted(outcome) or any(said in re.sub(r"\W", "", one.quote) for one in outcome.citations)
