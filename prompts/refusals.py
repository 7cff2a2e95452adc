"""A refusal in words: the sentence that says why, and what may help."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from app.language import Language
from app.schemas import Reason, Refusal

# What may stand between two missing words that are quoted as one: `capital of France`, `프랑스의 수도`.
_BETWEEN = re.compile(r"\s*(?:(?:of|the|in|for|to|a|an)\s+){0,2}|[의과와]?\s+", re.IGNORECASE)
_MOST_QUOTED = 3


@dataclass(frozen=True, slots=True)
class RefusalText:
    """What is shown of a refusal beside its passages.

    Attributes:
        why: a sentence.
        closest: what stands before the passages.
        measured: the best score, and from which on this collection answers; "" where that is not the reason.
        suggestions: a sentence each.
    """

    why: str
    closest: str
    measured: str
    suggestions: tuple[str, ...]


def refusal_lines(refusal: Refusal, question: str, language: Language) -> RefusalText:
    """A refusal in words.

    Args:
        question: stand-alone; words of it that follow each other are quoted together.
    """
    phrases = _phrases(refusal.missing, question)
    values = {"documents": _documents(refusal, language), "missing": _quoted(phrases)}
    code = (
        refusal.reason if phrases or f"{refusal.reason}_plain" not in _texts() else f"{refusal.reason}_plain"
    )
    measured = refusal.reason == "off_topic" and bool(refusal.closest)
    score, enough = int(refusal.score * 100), -int(-refusal.enough * 100 // 1)
    return RefusalText(
        why=_say(code, language, **values),
        closest=_say("closest", language),
        measured=_say("measured", language, score=str(score), enough=str(enough)) if measured else "",
        suggestions=tuple(_suggestion(one, language) for one in refusal.suggestions),
    )


def _suggestion(suggestion: Reason, language: Language) -> str:
    known = suggestion.code in _texts()
    return _say(suggestion.code, language, **suggestion.values) if known else suggestion.code


def _documents(refusal: Refusal, language: Language) -> str:
    key = {0: "documents_none", 1: "documents_one"}.get(refusal.documents, "documents")
    told = _say(key, language, count=f"{refusal.documents:,}")
    filtered = any(one.code == "lift_filter" for one in refusal.suggestions)
    return _say("documents_filtered", language, documents=told) if filtered else told


def _phrases(words: Sequence[str], question: str) -> list[str]:
    """The missing words, those that stand together as one."""
    phrases: list[str] = []
    position = 0
    for word in words:
        start = question.find(word, position)
        if phrases and start >= 0 and _BETWEEN.fullmatch(question[position:start]):
            phrases[-1] += question[position:start] + word
        else:
            phrases.append(word)
        position = start + len(word) if start >= 0 else position
    return phrases


def _quoted(phrases: Sequence[str]) -> str:
    shown = ", ".join(f"“{phrase}”" for phrase in phrases[:_MOST_QUOTED])
    return shown + (", …" if len(phrases) > _MOST_QUOTED else "")


def _say(key: str, language: Language, **values: str) -> str:
    return str(_texts()[key][language]).format(**values)


@cache
def _texts() -> dict[str, Any]:
    path = Path(__file__).with_name("refusals.yaml")
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))
