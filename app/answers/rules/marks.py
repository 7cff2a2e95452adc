"""What is told by its form alone: e-mail addresses, telephone numbers, identifiers, people's own patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.answers.rules.amounts import Found

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,4}[A-Za-z가-힣]{2,24}(?![\w-])")
_PHONE = re.compile(
    r"(?<![\w.,/-])(?:\+\s?\d{1,3}[\s.-]{0,2})?(?:\(?0?\d{1,4}\)[\s.-]{0,2})?\d{1,5}(?:[\s.-]{1,2}\d{2,5}){0,4}(?![\w/]|[-.]\d)"
)
_IDENTIFIER = re.compile(
    r"(?<![\w@.-])(?:[Nn][OoRr]\.|#)?((?:제\s?)?[A-Za-z0-9가-힣]+(?:[-/_.·][A-Za-z0-9가-힣]+)*)(?![\w@])"
)

_COUNTED = re.compile(r"\d+[가-힣]{1,2}$")


def emails(text: str) -> Iterator[Found]:
    for match in _EMAIL.finditer(text) if "@" in text else ():
        yield Found(*match.span(), match[0], sure=True)


def phones(text: str) -> Iterator[Found]:
    """Telephone numbers, and what may be one where a label says so."""
    for match in _PHONE.finditer(text):
        figures = sum(sign.isdigit() for sign in match[0])
        if 7 <= figures <= 15 or (figures >= 4 and match[0][0] == "1" and "-" in match[0]):
            number = match[0].strip()
            begins = number.startswith(("+", "(", "0")) or re.fullmatch(
                r"1\d{3}-\d{4}|(?:1-)?\d{3}-\d{3}-\d{4}", number
            )
            parted = bool(re.search(r"[\s.-]", number)) or number.startswith("+")
            yield Found(*match.span(), " ".join(number.split()), sure=bool(begins and parted))


def identifiers(text: str) -> Iterator[Found]:
    """Words with a figure in them: numbers of documents, orders and accounts."""
    for match in _IDENTIFIER.finditer(text):
        if any(sign.isdigit() for sign in match[1]) and len(match[1]) <= 40 and not _COUNTED.match(match[1]):
            yield Found(*match.span(1), match[1])


def matches(pattern: str, text: str, seconds: float = 0.05) -> Iterator[Found]:
    """Where a person's own pattern matches whole words; nothing where it is broken or takes too long."""
    import regex

    inner = pattern.removeprefix("^").removesuffix("$")
    try:
        for match in regex.finditer(rf"(?<!\w)(?:{inner})(?!\w)", text, timeout=seconds):
            if match.end() > match.start():
                yield Found(match.start(), match.end(), match[0], sure=True)
    except (regex.error, TimeoutError):
        return
