"""A short title from the first question, by rules: what it is about, without the words that ask."""

from __future__ import annotations

import re
import unicodedata

from app.language import is_hangul
from app.sentences import sentence_spans

LONGEST = 40
"""Characters of an automatic title."""

_READ = 2_000  # characters of a question that are looked at
_MARKS = " \t.,!?~…。，！？:;\"'“”‘’"

# What stands before the matter ...
_OPENINGS = re.compile(
    r"^\W*(?:(?:hi|hello|hey|good (?:morning|afternoon|evening)|thanks|thank you|please|okay|ok|so|well|um)\b"
    r"|(?:can|could|would|will) you\b(?: please\b)?(?: (?:tell|show|give) me\b| explain\b(?: to me\b)?"
    r"| help me\b(?: to\b)?)?"
    r"|(?:tell|show|give) me\b|do you know\b|explain\b(?: to me\b)?"
    r"|i(?:['’]d| would) like to know\b|i (?:want|need) to know\b"
    r"|i (?:have a question|was wondering|wonder)\b"
    r"|(?:what|who)(?:['’]s| is| are| was| were)\b|about\b|the\b"
    r"|(?:안녕하세요|안녕|저기요?|혹시|음|그런데|근데|실례합니다|죄송하지만|죄송한데|감사합니다)(?![가-힣])"
    r"|(?:질문|궁금한 (?:게|것이|점이)|물어볼 (?:게|것이))\s?(?:있는데요?|있습니다|있어요)(?![가-힣]))",
    re.IGNORECASE,
)
# ... and what stands behind it, in requests and in questions that only ask what it is.
_ABOUT = r"(?:에\s?(?:대해서?|대하여|관해서?|관하여)|에\s?대한\s?(?:내용|설명|정보))?"
_CLOSINGS = re.compile(
    r"(?:\b(?:please|thanks|thank you)|부탁(?:드립니다|드려요|해요|합니다)?|감사합니다|고맙습니다"
    rf"|{_ABOUT}\s*(?:좀|자세히|간단히|간략히|다시)?\s*(?:알려|설명해|말해|가르쳐|찾아|보여|소개해)\s?"
    r"(?:주세요|줘요?|주십시오|주시겠어요|주시겠습니까|주실\s?수\s?(?:있나요|있을까요|있습니까)|줄래요?)"
    r"|(?<=[가-힣])(?:인가요|입니까|이에요|예요|인지요?|일까요|이죠))$",
    re.IGNORECASE,
)
_PREDICATES = re.compile(
    rf"(?:{_ABOUT}\s*(?:궁금(?:합니다|해요|해|하네요|한데요)|알고\s?싶(?:습니다|어요|어|은데요))"
    r"|\s*(?:무엇|뭐|뭔|뭘)(?:인가요|입니까|인지|예요|에요|이에요|가요|죠|야)"
    r"|\s*어떻게\s?(?:되나요|됩니까|돼요|되죠|되는지))$"
)
# What is wanted of the matter belongs to it.
_REQUESTS = re.compile(r"(?:을|를)?\s*(요약|정리|번역|비교|분석|추천|작성|검토)\s?(?:해|하여)\s?\S{1,5}$")
# Nouns such as 휴가 and 추가 look like a word with 가 behind it.
_ENDS_IN_GA = "휴허추주고저화유대"


def title_of(question: str) -> str:
    """At most `LONGEST` characters on one line; "" for a question without a letter."""
    line = _first(unicodedata.normalize("NFC", question[:_READ]))
    bare = _bare(line)
    chosen = bare if _says_enough(bare) else line.strip(_MARKS)
    return shortened(_capital(chosen))


def shortened(title: str) -> str:
    """One line of at most `LONGEST` characters, cut between words where there are any."""
    line = " ".join(title.split())
    if len(line) <= LONGEST:
        return line
    cut = line[:LONGEST]
    word = cut.rfind(" ")
    return cut[: word if word > LONGEST // 2 else LONGEST - 1].rstrip(_MARKS) + "…"


def _first(question: str) -> str:
    """The first sentence that holds more than a greeting."""
    sentences = [" ".join(question[start:end].split()) for start, end in sentence_spans(question)]
    full = (line for line in sentences if _bare(line))
    return next(full, sentences[0] if sentences else "")


def _bare(line: str) -> str:
    line, before = line.strip(_MARKS), ""
    while line != before:
        before = line
        line = _OPENINGS.sub("", line).strip(_MARKS)
        if (subject := _PREDICATES.sub("", line).strip(_MARKS)) != line:
            line = _without_particle(subject, "이가")
        line = _CLOSINGS.sub("", line).strip(_MARKS)
    return _without_particle(_REQUESTS.sub(r" \1", line), "")


def _capital(title: str) -> str:
    """With a capital, unless its first word has one of its own: iPhone."""
    return title[:1].upper() + title[1:] if title.partition(" ")[0].islower() else title


def _says_enough(title: str) -> bool:
    return len(title) >= (2 if any(map(is_hangul, title)) else 4)


def _without_particle(line: str, subject: str) -> str:
    """`연차 휴가는` → `연차 휴가`: only where the syllable before it takes this form of the particle."""
    match = re.search(rf"[가-힣]([가-힣])([은는을를{subject}])$", line)
    if match is None or (match[1] in _ENDS_IN_GA and match[2] == "가"):
        return line
    closed = (ord(match[1]) - ord("가")) % 28 != 0
    return line[:-1] if closed == (match[2] in "은을이") else line
