"""Where the sentences of an English or Korean text begin and end, by rules alone and in linear time."""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]
"""Half-open character range [start, end) of a text."""

_CLOSERS = "\"'”’»)\\]}」』》〉】"

# A run of end marks with its closing quotes and brackets. The look-behind keeps a long run linear.
_END = re.compile(rf"(?<![.!?…。！？])[.!?…。！？]++[{_CLOSERS}]*+")

# Korean and Japanese typing often leaves no space after an end; Latin text ("3.5", "a.txt") needs one.
_GLUED_KOREAN = re.compile(r"(?:[다요까죠음함임됨오라자네지]|니다)[.!?]")
_FULL_WIDTH = frozenset("。！？")

_TABLE_ROW = re.compile(r"[ \t]*\|.*\|[ \t]*\r?$")
_ORDINALS = "가나다라마바사아자차카타파하"
_HARD_START = re.compile(
    r"[ \t]*(?:[-*+•·▪▫◦‣∙○●■□◆▶–—]\s|\(?\d{1,3}[.)]\s+(?!\d)|\(\d{1,3}\)|[①-⑳㉠-㉻]|#{1,6}\s"
    rf"|[a-zA-Z{_ORDINALS}][.)]\s)"
)
_LABEL = re.compile(
    rf"[ \t]*(?:#{{1,6}}\s+)?(?:[-*+•]\s+)?\(?(?:\d{{1,3}}(?:\.\d{{1,3}})*|[a-zA-Z{_ORDINALS}])[.)]+$"
)

_WORD_BEFORE = re.compile(r"[\w.]+$")
_DATE_BEFORE = re.compile(r"(?:\d{4}|['’]\d{2})\s?[.년]\s?\d{1,2}\s?[.월]\s?\d{1,2}$")
_LOOK_BACK = 24

# After these a dot never ends a sentence ...
_INSIDE = re.compile(
    r"dr|mr|mrs|ms|prof|st|gen|rep|sen|gov|capt|lt|col|rev|hon|e\.g|eg|i\.e|ie|vs|cf|viz|approx|est|"
    r"resp|incl|excl|qty|amt|acct"
)
# ... after these it does not before a number ...
_BEFORE_NUMBER = re.compile(
    r"no|nos|p|pp|fig|figs|sec|secs|art|arts|vol|ch|eq|tab|ver|v|ext|tel|para|jan|feb"
)
# ... and after these, or an initial, it does only before a word that begins sentences.
_MAYBE_LAST = re.compile(
    r"etc|al|inc|ltd|co|corp|jr|sr|a\.m|p\.m|am|pm|ph\.d|m\.d|b\.a|m\.a|dept|bros|mt|ave|blvd"
)
_STARTER = re.compile(
    r"[\"'“‘(\[]*(?:The|An?|It|In|This|That|These|Those|We|You|He|She|They|However|If|For|As|When|But|And|Our|"
    r"Your|To|There|All|Each|Please|Then|Its|His|Her|Their|What|Who|Why|How|No|Not|At|On|By|With|After|Before)\b"
)
# '"갈까?" 하고 물었다': a quotation goes on in the sentence around it.
_QUOTATION_GOES_ON = re.compile(r"(?:이?라[고며는]|하[고며였는]|고\b|며\b|는\b|[은는이가을를]\s)")


def sentence_spans(text: str) -> list[Span]:
    """The sentences of `text` in order, trimmed; together they cover all that is not blank.

    A blank line, a list item, a Markdown heading and a table row end what stood before them; another line
    break does not, because PDF and e-mail wrap lines inside sentences.
    """
    spans: list[Span] = []
    for start, end, divisible in _segments(text):
        for cut in _ends(text, start, end) if divisible else ():
            _append(spans, text, start, cut)
            start = cut
        _append(spans, text, start, end)
    return spans


def _append(spans: list[Span], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    right = len(piece.rstrip())
    if left < right:
        spans.append((start + left, start + right))


def _segments(text: str) -> Iterator[tuple[int, int, bool]]:
    """Stretches that no sentence crosses, as (start, end, may be divided): a table row is left whole."""
    start = position = 0
    whole = False
    for line in text.split("\n"):
        row = bool(_TABLE_ROW.match(line))
        if whole or row or not line.strip() or _HARD_START.match(line):
            yield start, position, not whole
            start = position
        whole = row or line.lstrip().startswith(("# ", "##"))
        position = min(position + len(line) + 1, len(text))
    yield start, len(text), not whole


def _ends(text: str, start: int, end: int) -> Iterator[int]:
    """Positions inside [start, end) where one sentence ends and another begins."""
    sentence = start
    for match in _END.finditer(text, start, end):
        if match.end() < end and _is_end(text, sentence, match, end):
            yield match.end()
            sentence = match.end()


def _is_end(text: str, start: int, match: re.Match[str], end: int) -> bool:
    mark = match[0]
    following = text[match.end() : match.end() + _LOOK_BACK].lstrip()
    glued = not text[match.end()].isspace()
    before = text[max(start, match.start() - _LOOK_BACK) : match.start()]
    if glued and not _ends_glued(before + mark, following):
        return False
    if following[:1].islower():
        return False
    if mark[-1] in "\"'”’」』" and _QUOTATION_GOES_ON.match(following):
        return False
    if not mark.startswith(".") or mark.startswith(".."):
        return True
    if match.start() - start < _LOOK_BACK and _LABEL.match(text[start : match.end()].lstrip("\n")):
        return False
    return _dot_ends(before, following)


def _ends_glued(sentence: str, following: str) -> bool:
    """Whether a sentence ends although no space follows its mark."""
    if sentence[-1] in _FULL_WIDTH:
        return True
    return (
        bool(_GLUED_KOREAN.search(sentence[-4:]))
        and not following[:1].isdigit()
        and "가" <= following[:1] <= "힣"
    )


def _dot_ends(before: str, following: str) -> bool:
    """Whether a single dot after `before` ends a sentence rather than an abbreviation, a number or a date."""
    if before[-1:].isdigit():
        return not following[:1].isdigit() and not _DATE_BEFORE.search(before)
    match = _WORD_BEFORE.search(before)
    word = match[0].lower().lstrip(".") if match else ""
    if _INSIDE.fullmatch(word):
        return False
    if _BEFORE_NUMBER.fullmatch(word):
        return not following[:1].isdigit()
    initial = word.isascii() and (len(word) == 1 or (word[-2:-1] == "." and len(word) <= 6))
    if _MAYBE_LAST.fullmatch(word) or initial:
        return bool(_STARTER.match(following)) or "가" <= following[:1] <= "힣"
    return True
