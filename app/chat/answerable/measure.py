"""The threshold of one collection: drawn and foreign questions are searched, and told apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np

from app.chat.answerable.questions import draw
from app.chat.relevance import ENOUGH
from app.language import detect_language
from app.schemas import Calibration
from prompts import calibration_texts

if TYPE_CHECKING:
    from app.chat.retrieve import Searcher
    from ingest.collection import Collection

_DRAWN = 60
# Drawn questions are harder than people's: of these, fewer are refused than of them. See `fitted`.
_MOST_REFUSED = 0.05
# How many drawn questions the threshold of all counts for.
_PRIOR_QUESTIONS = 8
# Whatever is measured, a threshold stays where thresholds are.
_LOWEST, _HIGHEST = 0.05, 0.35
_STEP = 0.002
# Where each search asks a server, what was asked until then must do.
_MOST_SECONDS = 8.0


def fits(measured: Calibration | None, collection: Collection, dense_weight: float | None) -> bool:
    """Whether a collection need not be measured again."""
    return (
        measured is not None
        and measured.generation == collection.generation
        and measured.dense_weight == dense_weight
    )


def calibrate(
    collection: Collection, searcher: Searcher, dense_weight: float | None = None
) -> Calibration | None:
    """Measure it: a second or two, whatever its size; None for one without a sentence to ask about.

    Args:
        searcher: of this collection, without a reranker and without rewording.
        dense_weight: the setting that the searcher has, to be kept with the outcome.

    Raises:
        DocentError: what a search raises.
    """
    generation = collection.generation
    drawn = draw(collection.sample(_DRAWN), _DRAWN)
    if not drawn:
        return None
    languages = sorted({detect_language(one.text) for one in drawn})
    foreign = [text for language in languages for text in calibration_texts(language)["foreign"]]
    until = monotonic() + _MOST_SECONDS
    known, strange = scores_of(searcher, [one.text for one in drawn], foreign, lambda: monotonic() < until)
    threshold = fitted(known, strange)
    return Calibration(
        threshold=threshold,
        own=len(known),
        answered=round(_share(score >= threshold for score in known), 4),
        foreign=len(strange),
        refused=round(_share(score < threshold for score in strange), 4),
        generation=generation,
        dense_weight=dense_weight,
    )


def scores_of(
    searcher: Searcher, known: Sequence[str], foreign: Sequence[str], go_on: Callable[[], bool] = lambda: True
) -> tuple[list[float], list[float]]:
    """The best hit's score of each question, of both kinds in turn for as long as `go_on` says so."""
    found: tuple[list[float], list[float]] = ([], [])
    for number in range(max(len(known), len(foreign))):
        if not go_on():
            break
        for texts, scores in zip((known, foreign), found, strict=True):
            if number < len(texts):
                hits = searcher.search(texts[number], 1)
                scores.append(hits[0].score if hits else 0.0)
    return found


def fitted(known: Sequence[float], foreign: Sequence[float]) -> float:
    """The threshold that tells the questions that have an answer from those that have none.

    Of all thresholds that refuse 5 % of the known questions at most, those are taken with the fewest
    mistakes, in shares of both kinds, and of these the middle. A topic that the collection does cover, by
    chance, counts as one mistake of many. The fewer questions there are, the nearer it stays to `ENOUGH`.
    """
    own, strange = np.array(known), np.array(foreign)
    grid = np.arange(_LOWEST, _HIGHEST + _STEP, _STEP)
    refused = (own[None, :] < grid[:, None]).mean(axis=1)
    accepted = (strange[None, :] >= grid[:, None]).mean(axis=1) if len(strange) else np.zeros(len(grid))
    mistakes = np.where(refused <= _MOST_REFUSED, refused + accepted, np.inf)
    if not np.isfinite(mistakes).any():
        best = _LOWEST
    else:
        best = float(grid[mistakes <= mistakes.min() + 1e-9].mean())
    weight = len(own) / (len(own) + _PRIOR_QUESTIONS)
    return round(ENOUGH + (best - ENOUGH) * weight, 4)


def _share(outcomes: Iterable[bool]) -> float:
    found = list(outcomes)
    return sum(found) / len(found) if found else 1.0
