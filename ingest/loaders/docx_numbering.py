"""Numbers that Word shows before paragraphs and that are nowhere in their text: "1.2", "제3조", "가."."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PLACE = re.compile(r"%(\d)")
_LEVELS = 9
_GANADA = "가나다라마바사아자차카타파하"
_CHOSUNG = "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"
_ROMAN = (
    ("m", 1000), ("cm", 900), ("d", 500), ("cd", 400), ("c", 100), ("xc", 90),
    ("l", 50), ("xl", 40), ("x", 10), ("ix", 9), ("v", 5), ("iv", 4), ("i", 1),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Level:
    """How a level of a list is numbered; `text` holds "%1" for the number of the first level."""

    form: str
    text: str
    start: int


class Numbering:
    """Counts the numbered paragraphs of a document in their order."""

    def __init__(self, root: Any) -> None:
        """`root`: of the numbering part; None where a document has none."""
        self._levels: dict[str, dict[int, _Level]] = {}
        self._abstract: dict[str, str] = {}
        self._counts: dict[str, list[int | None]] = {}
        self._begun: set[str] = set()
        self._depths: dict[tuple[str, str], int] = {}
        self._overrides: dict[str, dict[int, int]] = {}
        if root is not None:
            self._read(root)

    def _read(self, root: Any) -> None:
        linked: dict[str, str] = {}
        by_style: dict[str, str] = {}
        for definition in root.iterchildren(f"{_W}abstractNum"):
            identifier = definition.get(f"{_W}abstractNumId") or ""
            self._levels[identifier] = {
                int(level.get(f"{_W}ilvl") or 0): _level(level)
                for level in definition.iterchildren(f"{_W}lvl")
            }
            for level in definition.iterchildren(f"{_W}lvl"):
                if style := _value(level, "pStyle"):
                    self._depths[identifier, style] = int(level.get(f"{_W}ilvl") or 0)
            if style := _value(definition, "styleLink"):
                by_style[style] = identifier
            if style := _value(definition, "numStyleLink"):
                linked[identifier] = style
        for number in root.iterchildren(f"{_W}num"):
            identifier, target = number.get(f"{_W}numId") or "", _value(number, "abstractNumId")
            self._abstract[identifier] = by_style.get(linked.get(target, ""), target)
            self._overrides[identifier] = {
                int(override.get(f"{_W}ilvl") or 0): int(start)
                for override in number.iterchildren(f"{_W}lvlOverride")
                if (start := _value(override, "startOverride")).isdigit()
            }

    def depth(self, number: str, style: str) -> int:
        """The level of a list that paragraphs of a style have."""
        return self._depths.get((self._abstract.get(number, ""), style), 0)

    def label(self, number: str, level: int) -> str | None:
        """The next label of a list's level: "2.1", or "-" for bullets; None where the list is unknown."""
        abstract = self._abstract.get(number, "")
        levels = self._levels.get(abstract, {})
        if level not in levels:
            return None
        counts = self._counts.setdefault(abstract, [None] * _LEVELS)
        if number not in self._begun:
            self._begun.add(number)
            for at, start in self._overrides.get(number, {}).items():
                counts[at] = start - 1
        current = counts[level]
        counts[level] = levels[level].start if current is None else current + 1
        counts[level + 1 :] = [None] * (_LEVELS - level - 1)
        if levels[level].form == "bullet":
            return "-"
        return _PLACE.sub(
            lambda match: self._shown(levels, counts, int(match[1]) - 1), levels[level].text
        ).strip()

    @staticmethod
    def _shown(levels: dict[int, _Level], counts: list[int | None], at: int) -> str:
        if at not in levels or not 0 <= at < _LEVELS:
            return ""
        count = counts[at]
        return _written(levels[at].start if count is None else count, levels[at].form)


def _level(element: Any) -> _Level:
    start = _value(element, "start")
    return _Level(
        _value(element, "numFmt") or "decimal",
        _value(element, "lvlText"),
        int(start) if start.isdigit() else 1,
    )


def _value(element: Any, name: str) -> str:
    found = element.find(f"{_W}{name}")
    return "" if found is None else found.get(f"{_W}val") or ""


def _written(number: int, form: str) -> str:
    if form in ("lowerRoman", "upperRoman"):
        return _roman(number) if form == "lowerRoman" else _roman(number).upper()
    if form in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 % 5 + 1)
        return letter if form == "lowerLetter" else letter.upper()
    if form in ("ganada", "chosung"):
        return (_GANADA if form == "ganada" else _CHOSUNG)[(number - 1) % 14]
    if form.startswith("decimalEnclosed") and 1 <= number <= 20:
        return chr((0x2460 if form.endswith("Circle") else 0x2474) + number - 1)
    if form == "decimalZero":
        return f"{number:02}"
    return "" if form == "none" else str(number)


def _roman(number: int) -> str:
    parts = []
    for letters, value in _ROMAN:
        parts.append(letters * min(number // value, 9))
        number %= value
    return "".join(parts)
