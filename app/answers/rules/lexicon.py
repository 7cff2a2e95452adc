"""What labels mean: their words read as notions, the same in English and Korean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from app.language import is_hangul

Notions = tuple[str, ...]
"""What a label says; a word that no notion is known for stands for itself, behind an apostrophe."""

_UNIT = re.compile(r"[a-z]+(?:'s\b)?|[가-힣]+|[#№]|[^\W\d_a-z가-힣]+|n[°º](?![a-z])")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# A figure, which tells a value from a label, unless it belongs to that: `VAT 20%`, `(10 %)`.
FIGURE = re.compile(r"\S*\d\S*")
RATE = re.compile(r"\(?@?\d{1,3}(?:[.,]\d+)?\s?%\)?:?|\d{1,3}\s?(?:일|개월|월|년)당|\([^()]*\)?:?")
_LONGEST_LABEL = 60
_MOST_UNITS, _LONGEST_WORD = 5, 12


_SIGNS = re.compile(r"[\W_]+")


@lru_cache(maxsize=20_000)
def compact(text: str) -> str:
    """A label as it is compared to the letter: without blanks, signs and case."""
    return _SIGNS.sub("", unicodedata.normalize("NFKC", text)).casefold()


def plain(text: str) -> str:
    """A label in lower case and composed form, with blanks where names in code have none."""
    text = unicodedata.normalize("NFKC", text)
    return _CAMEL.sub(" ", text).replace("_", " ").casefold()


@lru_cache(maxsize=20_000)
def is_label(text: str) -> bool:
    """Whether a text may be a label, and is no value itself."""
    if len(text) > _LONGEST_LABEL:
        return False
    return any(sign.isalpha() for sign in text) and not FIGURE.search(RATE.sub(" ", text))


@dataclass(frozen=True)
class Lexicon:
    """Words and the notions that they stand for.

    Attributes:
        whole: words and phrases by their key -> notions.
        prefixes, suffixes: parts of Korean words, which mean something at their beginning or end.
        labels: what means something only as a label of its own.
        weights: of notions that tell little; 1 for others.
        related: two notions, in either order -> how well one stands for the other.
    """

    whole: Mapping[str, Notions]
    prefixes: Mapping[str, Notions]
    suffixes: Mapping[str, Notions]
    labels: Mapping[str, Notions]
    weights: Mapping[str, float]
    related: Mapping[tuple[str, str], float]
    _known: dict[str, Notions] = field(default_factory=dict)

    def read(self, text: str) -> Notions:
        """The notions of a label, each once, in order."""
        if (known := self._known.get(text)) is None:
            if len(self._known) > 20_000:  # labels of many documents, and some of what only looks like one
                self._known.clear()
            lowered = plain(text)
            found = self.labels.get(compact(lowered)) or [*self._read(_UNIT.findall(lowered))]
            known = self._known[text] = tuple(dict.fromkeys(one for one in found if one != "filler"))
        return known

    def knows(self, text: str) -> bool:
        """Whether a text is made of known words alone, as labels are."""
        said = self.read(text)
        return bool(said) and not any(one[0] == "'" for one in said)

    def has(self, text: str) -> bool:
        """Whether a text is an entry as it stands: one label, not two."""
        units = _UNIT.findall(plain(text))
        return bool(units) and _key(units) in self.whole

    def parts(self, text: str) -> list[str]:
        """Labels that stand in one text, as where columns ran together; [] where that is unclear."""
        words, found, at = text.split(), [], 0
        while at < len(words):
            part = next((one for one in _openings(words[at:]) if self._is_one(one)), "")
            if not part:
                return []
            found.append(part)
            at += len(part.split())
        return found

    def _is_one(self, text: str) -> bool:
        """Whether a text names one thing, and its words do not by themselves."""
        said = [one for one in self.read(text) if self.weight(one) > 0.5 or one == "amount"]
        return self.knows(text) and len(said) == 1

    def weight(self, notion: str) -> float:
        return self.weights.get(notion, 1.0)

    def _read(self, units: list[str]) -> Iterator[str]:
        at = 0
        while at < len(units):
            for count in range(min(_MOST_UNITS, len(units) - at), 0, -1):
                if (notions := self.whole.get(_key(units[at : at + count]))) is not None:
                    yield from notions
                    break
            else:
                count = 1
                yield from self._word(units[at])
            at += count

    def _word(self, word: str) -> Iterator[str]:
        """A word that is no entry itself: a plural, or Korean words written as one."""
        if not is_hangul(word[0]):
            stem = word.removesuffix("'s")
            stem = stem[:-1] if len(stem) > 3 and stem.endswith("s") else stem
            yield from self.whole.get(stem, (f"'{stem}",))
            return
        at, unknown = 0, ""
        while at < len(word):
            length, notions = self._longest(word, at)
            if notions is None:
                unknown += word[at]
            else:
                yield from _literal(unknown)
                yield from notions
                unknown = ""
            at += length
        yield from _literal(unknown)

    def _longest(self, word: str, at: int) -> tuple[int, Notions | None]:
        for end in range(min(len(word), at + _LONGEST_WORD), at, -1):
            part = word[at:end]
            found = self.whole.get(part) if end - at > 1 else None
            if found is None and at == 0:
                found = self.prefixes.get(part)
            if found is None and end == len(word) and at > 0:
                found = self.suffixes.get(part)
            if found is not None:
                return end - at, found
        return 1, None


def _openings(words: list[str]) -> list[str]:
    """The first three words, two of them, and the first."""
    return [" ".join(words[:count]) for count in range(min(3, len(words)), 0, -1)]


def _literal(unknown: str) -> Iterator[str]:
    if len(unknown) > 1:
        yield f"'{unknown}"


def _key(units: list[str]) -> str:
    """Units as an entry is looked up: blanks between English words alone."""
    key = units[0]
    for before, unit in pairwise(units):
        key += f" {unit}" if before.isascii() and unit.isascii() else unit
    return key


@cache
def lexicon() -> Lexicon:
    """The words in `words.yaml`."""
    import yaml

    given = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text(encoding="utf-8"))
    tables: dict[str, dict[str, Notions]] = {"": {}, "~x": {}, "x~": {}, "=": {}}
    for names, words in given["notions"].items():
        for word in map(str, words):
            place = "=" if word[0] == "=" else "~x" if word[0] == "~" else "x~" if word[-1] == "~" else ""
            key = _key(_UNIT.findall(plain(word.strip("~="))))
            tables[place][key] = tuple(names.split())
    return Lexicon(tables[""], tables["x~"], tables["~x"], tables["="], *_weights(given))


def _weights(given: Mapping[str, Any]) -> tuple[dict[str, float], dict[tuple[str, str], float]]:
    weights = {name: float(weight) for weight, names in given["weights"].items() for name in names}
    related = {}
    for one, other, share in given["related"]:
        related[one, other] = related[other, one] = float(share)
    return weights, related
