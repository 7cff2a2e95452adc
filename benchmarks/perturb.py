"""Sentences made wrong in one known way: another number or date, another name, a negation more or less.

What is changed is found by plain patterns of this module's own, not by what is measured with them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

_NUMBER = re.compile(r"(?<![\w.,-])\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\w.,-])\d+(?:\.\d+)?(?![\w-]*[A-Za-z])")
_MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()  # noqa: SIM905
_COUNTS = "two three four five six seven eight nine ten twelve fifteen twenty thirty".split()  # noqa: SIM905
_DATE_WORD = re.compile(rf"\b(?:{'|'.join((*_MONTHS, *_DAYS, *_COUNTS))})\b")
_NAME = re.compile(r"(?<=[a-z,;] )(?:[A-Z][\w&-]+)(?: (?:of |the )?[A-Z][\w&-]+)*(?!['’]s)")
_AUXILIARY = re.compile(r"\b(is|are|was|were|will|can|may|must|should|has|have|does|do)\b(?! not)")
_NOT = re.compile(r"\b(is|are|was|were|will|can|may|must|should|has|have|does|do) not\b")
_KOREAN_ENDS = """
할 수 있습니다 > 할 수 없습니다 / 할 수 있다 > 할 수 없다 / 있습니다 > 없습니다 / 합니다 > 하지 않습니다
됩니다 > 되지 않습니다 / 하였다 > 하지 않았다 / 했다 > 하지 않았다 / 되었다 > 되지 않았다 / 됐다 > 되지 않았다
있다 > 없다 / 한다 > 하지 않는다 / 된다 > 되지 않는다 / 이다 > 이 아니다 / 입니다 > 이 아닙니다
"""


@dataclass(frozen=True)
class Changed:
    """A sentence after the change, and what was put in place of what."""

    text: str
    before: str
    after: str


Perturb = Callable[[str, Sequence[str], random.Random], Changed | None]
"""(sentence, names of the corpus, chance) -> the changed sentence; None where nothing can be changed so."""


def number(sentence: str, names: Sequence[str], chance: random.Random) -> Changed | None:
    found = [*_NUMBER.finditer(sentence), *_DATE_WORD.finditer(sentence)]
    found = [match for match in found if match.start() > 3]  # not the number of a list item
    if not found:
        return None
    match = chance.choice(found)
    return _put(sentence, match, _other_number(match[0], chance))


def _other_number(text: str, chance: random.Random) -> str:
    for words in (_MONTHS, _DAYS, _COUNTS):
        if text in words:
            return chance.choice([word for word in words if word != text])
    place = chance.choice([i for i, letter in enumerate(text) if letter.isdigit()])
    digits = "123456789" if place == 0 else "0123456789"
    return text[:place] + chance.choice([one for one in digits if one != text[place]]) + text[place + 1 :]


def name(sentence: str, names: Sequence[str], chance: random.Random) -> Changed | None:
    found = list(_NAME.finditer(sentence)) or _korean_names(sentence)
    others = [one for one in names if one not in sentence and one.isascii() == sentence.isascii()]
    found = [match for match in found if match[0] in names]
    if not found or not others:
        return None
    return _put(sentence, chance.choice(found), chance.choice(others))


def names_of(sentences: Sequence[str]) -> list[str]:
    """The names in a corpus."""
    found = [match[0] for text in sentences for match in (*_NAME.finditer(text), *_korean_names(text))]
    return sorted(set(found))


def _korean_names(sentence: str) -> list[re.Match[str]]:
    if not re.search(r"[가-힣]", sentence):
        return []
    return [
        re.compile(re.escape(word.form)).search(sentence, word.start)  # type: ignore[misc]
        for word in _kiwi().tokenize(sentence)
        if word.tag == "NNP" and len(word.form) > 1 and sentence[word.start :].startswith(word.form)
    ]


def negation(sentence: str, names: Sequence[str], chance: random.Random) -> Changed | None:
    if match := _NOT.search(sentence):
        return _put(sentence, match, match[1])
    if match := _AUXILIARY.search(sentence):
        return _put(sentence, match, f"{match[1]} not")
    for before, after in re.findall(r"([^/>\n]+) > ([^/>\n]+?)(?: /|\n)", _KOREAN_ENDS):
        end = sentence.rstrip(".").rstrip()
        before = before.strip()
        if end.endswith(before):
            start = len(end) - len(before)
            return Changed(sentence[:start] + after + sentence[len(end) :], before, after)
    return None


def _put(sentence: str, match: re.Match[str], after: str) -> Changed:
    return Changed(sentence[: match.start()] + after + sentence[match.end() :], match[0], after)


@cache
def _kiwi() -> Any:
    from kiwipiepy import Kiwi

    return Kiwi()


KINDS: dict[str, Perturb] = {"number": number, "name": name, "negation": negation}
