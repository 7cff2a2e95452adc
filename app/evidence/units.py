"""What numbers count, in English and Korean: each unit under one name, whatever its spelling."""

from __future__ import annotations

from decimal import Decimal

MONEY = frozenset({"won", "dollar", "euro", "pound", "yen", "yuan"})
CURRENCY_SIGNS = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yen", "₩": "won", "￦": "won"}
CURRENCY_CODES = {"USD": "dollar", "EUR": "euro", "GBP": "pound", "JPY": "yen", "KRW": "won", "CNY": "yuan"}

# Longest first where one begins with another; a Korean counter may be followed by anything.
KOREAN = {
    "개월": "month", "시간": "hour", "분기": "quarter", "퍼센트": "percent", "프로": "percent",
    "페이지": "page", "킬로그램": "kg", "킬로미터": "km", "밀리그램": "mg", "밀리리터": "ml",
    "센티미터": "cm", "미터": "m", "그램": "g", "리터": "l", "달러": "dollar", "유로": "euro",
    "파운드": "pound", "위안": "yuan", "사람": "person", "가지": "kind", "차례": "time", "번째": "ordinal",
    "학년": "grade", "학점": "credit", "마리": "animal", "원": "won", "엔": "yen", "일": "day",
    "주": "week", "달": "month", "년": "year", "해": "year", "분": "minute", "초": "second",
    "명": "person", "인": "person", "회": "time", "번": "time", "세": "age", "살": "age", "개": "piece",
    "종": "kind", "곳": "place", "조": "article", "항": "paragraph", "호": "item", "쪽": "page",
    "층": "floor", "도": "degree", "배": "fold", "점": "point", "권": "volume", "건": "case",
    "대": "machine", "장": "sheet", "차": "round", "급": "rank", "위": "place in order", "팀": "team",
    "시": "o'clock", "월": "month of year",
}  # fmt: skip
_COUNTED = "명 개 번 번째 시간 살 달 가지 차례 마리 사람 곳 배 팀 페이지 학년"
_COUNTED_APART = "시 대 권 장 건 해 주 분 쪽"
NATIVE_APART = frozenset(_COUNTED_APART.split())
"""Of these, what begins a word where no space stands before it: `세대`, `한시`."""
NATIVE = frozenset(_COUNTED.split()) | NATIVE_APART
"""What is counted with native Korean words at all; `한도` and `열차` are words by themselves."""
ENGLISH = {
    "day": "day", "days": "day", "week": "week", "weeks": "week", "month": "month", "months": "month",
    "year": "year", "years": "year", "hour": "hour", "hours": "hour", "hr": "hour", "hrs": "hour",
    "minute": "minute", "minutes": "minute", "min": "minute", "mins": "minute", "second": "second",
    "seconds": "second", "people": "person", "person": "person", "persons": "person", "times": "time",
    "percent": "percent", "percentage": "percent", "page": "page", "pages": "page", "dollars": "dollar",
    "dollar": "dollar", "euros": "euro", "euro": "euro", "pounds": "pound", "won": "won", "yen": "yen",
    "km": "km", "kilometers": "km", "kilometres": "km", "kg": "kg", "kilograms": "kg", "mg": "mg",
    "g": "g", "grams": "g", "ml": "ml", "cm": "cm", "mm": "mm", "meters": "m", "metres": "m",
    "km2": "km2", "m2": "m2", "cm2": "cm2", "m3": "m3", "cm3": "cm3", "kwh": "kwh", "kw": "kw", "ha": "ha",
    "miles": "mile", "mile": "mile", "feet": "foot", "inches": "inch", "kb": "kb", "mb": "mb", "gb": "gb",
    "tb": "tb", "quarter": "quarter", "quarters": "quarter", "degrees": "degree",
}  # fmt: skip
_KINDS = (
    "business working work calendar consecutive full additional paid unpaid more extra vacation sick leave"
)
KINDS = frozenset(_KINDS.split())
"""What may stand between a number and what it counts: `30 business days`."""
BETWEEN = rf"(?:{'|'.join(_KINDS.split())})"

# Unit -> another one and how many of that it is.
_SAME = {"year": ("month", 12), "week": ("day", 7)}


def in_base_units(value: Decimal, unit: str) -> tuple[Decimal, str]:
    """Two years are 24 months, and two weeks 14 days."""
    base, factor = _SAME.get(unit, (unit, 1))
    return value * factor, base
