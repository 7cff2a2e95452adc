"""Fields of words: short labelled texts, one of several choices, yes or no, and lists of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from app.answers.rules.choice import Candidate
from app.answers.rules.layout import Layout, is_item
from app.answers.rules.lexicon import compact
from app.answers.rules.pairs import Pair
from app.answers.rules.targets import PARTIES, Target
from app.answers.rules.values import Values

_POSITIVE = "yes y true 예 네 있음 유 포함 해당 동의 동의함 가입 ○ o ✓ ✔ ☑"
_NEGATIVE = "no n false none 아니오 아니요 없음 무 미포함 해당없음 비해당 미동의 미가입 × ✗"
_YES, _NO = frozenset(_POSITIVE.split()), frozenset(_NEGATIVE.split())
_ITEMS = re.compile(r"\s*(?:[,;、·]|\s/\s|\bor\b|\band\b|및)\s*(?![^()]*\))")
_COMPANY = re.compile(
    r"\b(?:Ltd|Limited|Inc|LLC|LLP|GmbH|AG|Co|Corp|Corporation|PLC|plc|BV|B\.V|S\.A|KG|Pty|Pvt|Company)\b\.?"
    r"(?!,?\s{0,2}(?:Ltd|Inc|LLC|Co)\b)"
)
_HONORIFIC = re.compile(r"\s*(?:귀하|귀중|貴中|님)$")
_NAMES = PARTIES | {"name", "company", "ceo", "contact", "manufacturer"}
_LONGEST_NAME = 40
_NOT_NAMED = frozenset({"", "-", "n/a", "na", "none", "없음"})


def of_pairs(target: Target, pairs: Sequence[Pair], values: Values) -> Iterator[Candidate]:
    """Texts with how well their labels name the field."""
    for pair in pairs:
        party = values.around(pair.row, pair.column)
        score = target.score(pair.label, party) * pair.factor
        if not score or (pair.factor <= 0.8 and score < 0.75 * pair.factor):
            continue
        text = _trimmed(target, pair.text)
        if text.casefold() not in _NOT_NAMED:
            end = pair.start + len(text)
            yield Candidate(" ".join(text.split()), "", pair.chunk, pair.start, end, pair.label_start, score)


def choices(target: Target, pairs: Sequence[Pair], values: Values) -> Iterator[Candidate]:
    """Of the texts behind a label that name the field the choice in each; or the only one in the document."""
    named = {compact(choice): choice for choice in target.field.choices if compact(choice)}
    if not named:
        return
    words = "|".join(re.escape(one) for one in sorted(target.field.choices, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w])(?:{words})(?![A-Za-z0-9_])", re.IGNORECASE)
    for one in of_pairs(target, pairs, values):
        text = values.layout.texts[one.chunk][one.start : one.end]
        if match := pattern.search(text):
            begin = one.start + match.start()
            chosen = named[compact(match[0])]
            yield Candidate(chosen, "", one.chunk, begin, begin + len(match[0]), one.label_start, one.score)
    found = [
        (chunk, match)
        for chunk, text in enumerate(values.layout.texts)
        for match in pattern.finditer(text)
        if len(match[0]) > 2 or not match[0].isascii()
    ]
    if len({compact(match[0]) for _, match in found}) == 1:
        chunk, match = found[0]
        yield Candidate(named[compact(match[0])], "", chunk, *match.span(), -1, 0.46)


def answers(target: Target, pairs: Sequence[Pair], values: Values) -> Iterator[Candidate]:
    """Yes or no, where it stands behind a label."""
    for one in of_pairs(target, pairs, values):
        word = str(one.value).casefold().strip(" .()[]")
        if word in _YES or word in _NO:
            yield Candidate(word in _YES, "", one.chunk, one.start, one.end, one.label_start, one.score)


def currencies(values: Values) -> Iterator[Candidate]:
    """The currency that a document's amounts are in, if it is one."""
    for one in values.number:
        if one.found.sure and values.currency:
            text = values.layout.texts[one.chunk][one.found.start : one.found.end]
            sign = re.search(r"[^\d\s.,'()+-]+", text)
            span = (sign.start(), sign.end()) if sign else (0, len(text))
            start = one.found.start
            yield Candidate(values.currency, "", one.chunk, start + span[0], start + span[1], -1, 0.6)
            return


def items(one: Candidate, layout: Layout) -> Iterator[Candidate]:
    """The parts of a text that lists several; those of a list with a mark for each item are its lines."""
    text = layout.texts[one.chunk]
    row, _ = layout.at(one.chunk, one.start)
    if is_item(text[row.start : row.end]):
        yield one
        for following in layout.rows[row.number + 1 :]:
            line = text[following.start : following.end]
            if following.chunk != one.chunk or following.heading or not is_item(line):
                break
            cell = following.cells[0]
            last = following.cells[-1]
            said = " ".join(text[cell.start : last.end].split())
            yield Candidate(said, "", one.chunk, cell.start, last.end, one.label_start, one.score)
        return
    at = one.start
    for match in [*_ITEMS.finditer(text, one.start, one.end), None]:
        end = one.end if match is None else match.start()
        said = text[at:end]
        if value := said.strip():
            begin = at + len(said) - len(said.lstrip())
            value = " ".join(value.split())
            yield Candidate(
                value, "", one.chunk, begin, begin + len(said.strip()), one.label_start, one.score
            )
        at = end if match is None else match.end()


def _trimmed(target: Target, text: str) -> str:
    text = _HONORIFIC.sub("", text)
    too_much = len(text) > _LONGEST_NAME or any(sign.isdigit() for sign in text)
    company = _COMPANY.search(text) if too_much and target.notions() & _NAMES else None
    return text[: company.end()] if company else text
