"""Numbers and amounts of money as documents write them: `1,234.50`, `1.234,50 €`, `일백만원정`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from app.evidence import numerals, units


@dataclass(frozen=True, slots=True)
class Found:
    """A value and where it stands.

    Attributes:
        value: as the object has it.
        unit: a currency's code, a unit as it is written, or "".
        sure: whether its form leaves no doubt of its kind, as a currency's sign does.
        others: what else it may mean, as `02/03/2024` may.
    """

    start: int
    end: int
    value: object
    unit: str = ""
    sure: bool = False
    others: tuple[str, ...] = ()


_SIGNS = {"₩": "KRW", "￦": "KRW", "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR"}
_CODES = (
    "KRW USD EUR GBP JPY CNY CHF CAD AUD NZD SGD HKD TWD SEK NOK DKK PLN CZK HUF INR THB VND IDR MYR PHP AED"
)
_BEHIND = {
    "원": "KRW",
    "달러": "USD",
    "유로": "EUR",
    "엔": "JPY",
    "위안": "CNY",
    "파운드": "GBP",
    "won": "KRW",
    "dollars": "USD",
    "dollar": "USD",
    "euros": "EUR",
    "euro": "EUR",
    "pounds": "GBP",
    "yen": "JPY",
}
_SIGN = "[" + "".join(_SIGNS) + "]"
_CODE = "|".join(_CODES.split())
_WORD = "|".join(sorted(_BEHIND, key=len, reverse=True))
_SPACED = r"\d{1,3}(?: \d{3})+,\d{2}(?!\d)|"
_DIGITS = (
    r"(?:\d{1,3}(?:[,.']\d{3})++(?:[.,]\d{1,2}(?!\d))?+(?![,.]?\d)"
    r"|\d++(?:[.,]\d{1,4}(?!\d))?+)"
)
# Blanks alone: a tab or a line's end parts a number from what is another column's.
_BEFORE = rf"(?:(?:US|CA|AU|NZ|HK|S|A|C)?{_SIGN}|\b(?:{_CODE})\b\.? ?{_SIGN}?)"
_AFTER = rf"(?: ?(?:{_CODE})\b| ?{_SIGN}(?! ?\d)| ?(?:{_WORD})(?![a-z]))"
_COUNTERS = {
    *units.KOREAN,
    "박스",
    "세트",
    "본",
    "병",
    "포",
    "정",
    "캡슐",
    "매",
    "식",
    "부",
    "켤레",
    "묶음",
    "통",
    "롤",
    "일당",
    "개입",
}
_COUNTER = "|".join(sorted(_COUNTERS - set(_BEHIND), key=len, reverse=True))
_UNIT = (
    r"(?: ?(?:%|퍼센트|percent\b)"
    r"| ?(?:mg|kg|g|ml|l|km|m|cm|mm|h|hrs?|hours?|days?|months?|years?|pcs?|ea|EA|°C|℃)\b"
    rf"|(?:{_COUNTER}))"
)


def _number_pattern(digits: str) -> re.Pattern[str]:
    return re.compile(
        r"(?<![\w.,/#@-])(?<!\d:)(?P<minus>-|[△▲▼]\s?|\()?"
        rf"(?P<before>{_BEFORE})? ?(?P<minus2>-)?(?P<digits>{digits})"
        r"(?P<scale>(?: ?(?:million|billion|thousand|bn|k|K|M)\b))?"
        rf"(?P<after>{_AFTER})?(?P<unit>(?<![원달유]){_UNIT})?"
        r"(?![A-Za-z0-9_/@]|[-:.,]\d)"
    )


_NUMBER = _number_pattern(_DIGITS)
_WITH_SPACES = _number_pattern(f"(?:{_SPACED}{_DIGITS[3:]}")
_SINO = "일이삼사오육륙칠팔구십백천만억조영공壹貳參"
_MIXED = re.compile(rf"(?<![\w.,])({numerals.MIXED})\s?(원|달러|유로|엔|위안)?(?:정|整)?(?![\d,.])")
_SPOKEN = re.compile(
    rf"(?<![가-힣\d])(?:일?금\s?)?([{_SINO}](?:\s?[{_SINO}]){{1,24}})\s?(원|달러)(?:정|整)?(?![\d])"
)
_POINT = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})*\.\d{2}(?![\d.,])")
_COMMA = re.compile(r"(?<![\d.,])\d{1,3}(?:[. ]\d{3})*,\d{2}(?![\d.,])")


def comma_is_decimal(texts: Iterator[str] | list[str]) -> bool:
    """Whether a document writes `1.234,50`."""
    point = comma = 0
    for text in texts:
        comma += len(_COMMA.findall(text)) if "," in text else 0
        point += len(_POINT.findall(text)) if "." in text else 0
    return comma > point


def has_spaces(texts: list[str]) -> bool:
    """Whether a document writes `1 234,50`, and parts no thousands by points."""
    parted = sum(len(_PARTED.findall(text)) for text in texts)
    return not parted and any(_IN_SPACES.search(text) for text in texts)


_PARTED = re.compile(r"\d[.,']\d{3}[.,]\d{2}(?!\d)|(?<![\d.,])\d{4,},\d{2}(?!\d)")
_IN_SPACES = re.compile(r"(?<![\d.,] )(?<![\d.,])\d{1,3} \d{3},\d{2}(?!\d)")


def numbers(text: str, comma: bool, spaced: bool = False) -> Iterator[Found]:
    """All numbers of a text, in no order; those in words are amounts of money alone.

    Args:
        comma: see `comma_is_decimal`.
        spaced: see `has_spaces`.
    """
    taken: list[tuple[int, int]] = []
    for match in _SPOKEN.finditer(text) if "원" in text or "달러" in text else ():
        if "단위" not in text[max(0, match.start() - 6) : match.start()]:
            taken.append(match.span())
            begin = match.start(1)
            yield Found(begin, match.end(), _plain(numerals.korean(match[1])), _BEHIND[match[2]], sure=True)
    for match in _MIXED.finditer(text) if any(sign in text for sign in "십백천만억조") else ():
        taken.append(match.span())
        unit = _BEHIND.get(match[2] or "", "")
        yield Found(match.start(), match.end(), _plain(numerals.korean(match[1])), unit, sure=bool(unit))
    for match in (_WITH_SPACES if spaced else _NUMBER).finditer(text):
        if not any(start < match.end() and match.start() < end for start, end in taken):
            yield _number(match, comma)


def _number(match: re.Match[str], comma: bool) -> Found:
    value = _digits(match["digits"], comma) * _SCALES.get((match["scale"] or "").strip().lower(), 1)
    negative = bool(match["minus2"]) or (match["minus"] or "?")[0] in "-△▲▼" or _in_brackets(match)
    start = match.start("before") if match["before"] else match.start("digits")
    if negative:
        value, start = -value, match.start()
    currency = _currency(match["before"] or "") or _currency(match["after"] or "")
    unit = currency or (match["unit"] or "").strip()
    return Found(
        start, match.end("after") if match["after"] else match.end(), _plain(value), unit, bool(currency)
    )


def _in_brackets(match: re.Match[str]) -> bool:
    """Whether brackets around a number by itself make it negative, as accounts have it."""
    if match["minus"] != "(" or match.string[match.end() : match.end() + 1] != ")":
        return False
    return bool(_ALONE.search(match.string[max(0, match.start() - 4) : match.start()]))


_ALONE = re.compile(r"(?:^|[|\t\n]| {2}) *$")
_SCALES = {"million": 10**6, "billion": 10**9, "thousand": 1000, "bn": 10**9, "k": 1000, "m": 10**6}


def _currency(text: str) -> str:
    text = text.strip()
    for sign, code in _SIGNS.items():
        if sign in text:
            return code if code != "USD" or len(text) < 3 else text[:3] if text[:3] in _CODES else code
    return text[:3] if text[:3] in _CODES.split() else _BEHIND.get(text, "")


def _digits(text: str, comma: bool) -> Decimal:
    """The value of digits whose points and commas may part thousands or decimals."""
    text = text.replace("'", "").replace(" ", "")
    points, commas = text.count("."), text.count(",")
    if points and commas:
        decimal = max(text.rfind("."), text.rfind(","))
        return Decimal(re.sub(r"[.,]", "", text[:decimal]) + "." + text[decimal + 1 :])
    sign = "." if points else ","
    if not points + commas:
        return Decimal(text)
    whole, _, rest = text.rpartition(sign)
    thousands = points + commas > 1 or (len(rest) == 3 and whole != "0" and (sign == "," or comma))
    return Decimal(text.replace(sign, "")) if thousands else Decimal(f"{whole}.{rest}")


def _plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
