"""Whether a question needs the one before it: told by its words alone, the same each time.

It goes on from the one before, points to something that it does not name, or names nothing to ask about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from app.language import detect_language
from vectorstore.tokens import morphemes, normalize, stem, tokenize

if TYPE_CHECKING:
    from kiwipiepy import Token

_LONGEST = 300

# A question that begins or ends like this goes on from the one before …
_FOLLOWS = re.compile(
    r"^\W*(?:and|but|so(?!-)|then|or|also|what about|how about|what if|same for|for example)\b"
    r"|^\W*(?:why|why not|how so|really|since when|how come)\W*$"
    r"|^\W*(?:그럼|그러면|그리고|그런데|근데|그래서|그러니까|그렇다면|또|또는)(?=[\s,])"
    r"|^\s*(?:(?!\S*[의이가을를은는에]\s)\S+\s+){0,2}\S*[은는도]요?\s*\?*\s*$|^[^을를]*면요?\s*\?*\s*$",
    re.IGNORECASE,
)
# … and so does one in which such a word has nothing before it that it could stand for.
_PERSONAL = r"it|its|they|them|their|theirs|he|she|him|his|her|hers"
_POINTS = re.compile(
    r"\b(?:(?:half|some|all|any|one|each|none|most|which) of (?:them|these|those|it)"
    rf"|{_PERSONAL}|both|else|instead"
    r"|(?:that|this|these|those)(?= one|\W*$| (?:in|into|to|more|again|as)\b)"
    r"|(?:is|are|does|do|did|can|will|was|were) (?:that|this|those|these)"
    r"|(?:about|after|before|for|of|with|in|on|like|than|by) (?:that|those|these)"
    r"|the (?:other|former|latter|first|second)(?= one|\W*$)|the same|the two(?=\W*$)"
    r"|(?:you|your) (?:just|answer|last|mentioned)|the above)\b"
    r"|(?:^|(?<=\s))(?:그|이|저)(?:것|거|건|게|걸|곳|때|들)"
    r"|(?:^|(?<=\s))(?:거기|여기|그중|그 중|이 중|앞의|앞서|위의|위에서|나머지|그동안|그날)"
    r"|(?:^|(?<=\s))(?:그렇게|이렇게|방금|아까)|(?:^|(?<=\s))(?:그|해당)\s+(?=[가-힣])"
    r"|^\W*이 (?:규정|규칙|문서|서류|조항|제도|표|기간|경우|내용|양식|날)",
    re.IGNORECASE,
)
_IS_PERSONAL = re.compile(_PERSONAL, re.IGNORECASE)
# `Why is it important to …` points to what follows, and `What is X and how does it work?` to what came first.
_EMPTY_IT = re.compile(r"it(?: is| was)? \w+ (?:to|that)\b", re.IGNORECASE)
_GOES_ON_INSIDE = re.compile(r"\b(?:and|but|or|if|when|because|so that)\b|,", re.IGNORECASE)
_ENOUGH_BEFORE = 4

# What is asked of an answer, or belongs to some matter that must be named: alone it names nothing.
_GENERIC_ENGLISH = """
please give tell show explain describe list repeat say said summarise summarize translate shorten continue
write example detail exception difference question answer document form reason deadline condition one two
better best briefly brief sentence short find mean happen work apply know sure same else table advance far
possible case
"""
_GENERIC_KOREAN_WORDS = """
예 예시 예외 차이 이유 조건 기한 비용 금액 방법 절차 한도 근거 기간 대상 내용 위 답 답변 문장 질문 마찬가지
경우 자세 설명 요약 번역 정리 표 다음 이전 처음 하나 전부 모두 확실 가능 필요 절반 나머지 며칠 얼마 언제 전
후 때 중 몇 등
"""
_GENERIC_KOREAN = frozenset(_GENERIC_KOREAN_WORDS.split())
_DEFINES = re.compile(
    r"^\W*(?:what|who) (?:is|are|was|were) (?:an? |the )?([\w-]+)(?:\W*$|,? and\b)", re.IGNORECASE
)
# … and one that asks, in Korean, without saying about what: 언제까지 써야 하나요?
_NAMES_NOTHING = re.compile(
    r"^\W*(?:(?:언제|며칠|얼마|어떻게|누가|누구|어디|무엇|뭐|뭘|왜)\S*\s+|\S+야\s+)+\S+\s*$"
)
_ABOUT = re.compile(r"[가-힣]{2,}에\s(?:대|관)[해하한]")
_NOUNS = ("NNG", "NNP", "SL", "SH", "XSN", "XPN", "SN")
_ADVERBIAL = "JKB"
_ALSO = frozenset({"도", "까지", "부터", "마다"})
_NOUNS_ENOUGH = 2


def is_follow_up(question: str) -> bool:
    """Whether a question seems to need the one before it."""
    if len(question) > _LONGEST:
        return False
    if _FOLLOWS.search(question) or any(_points_outside(question, one) for one in _POINTS.finditer(question)):
        return True
    if detect_language(question) == "ko":
        return bool(_NAMES_NOTHING.match(question)) or not _names_in_korean(question)
    return not _names_in_english(question)


def _points_outside(question: str, match: re.Match[str]) -> bool:
    """`How long does it take?` does; `May employees stay if they are sick?` points to its own words."""
    if match[0].isupper() and len(match[0]) > 1:  # the IT department
        return False
    if _EMPTY_IT.match(question, match.start()):
        return False
    before = len(set(tokenize(question[: match.start()])))
    last = not any(character.isalnum() for character in question[match.end() :])
    if last and not (_IS_PERSONAL.fullmatch(match[0]) and before >= _ENOUGH_BEFORE):
        return True
    return before == 0 or (before == 1 and not _GOES_ON_INSIDE.search(question[: match.start()]))


def _names_in_english(question: str) -> bool:
    """Whether at least two words say what it is about, or one that is asked for its meaning."""
    named = set(tokenize(question)) - _generic_english()
    defined = _DEFINES.match(question)
    return len(named) >= (1 if defined and stem(defined[1].lower()) not in _generic_english() else 2)


@cache
def _generic_english() -> frozenset[str]:
    return frozenset(map(stem, _GENERIC_ENGLISH.split()))


def _names_in_korean(question: str) -> bool:
    """Whether a noun stands where a sentence says what it is about, or enough of them elsewhere."""
    if _ABOUT.search(question):
        return True
    [found] = morphemes([normalize(question)])
    runs = list(_noun_runs(list(found)))
    if any(named and is_argument for named, is_argument in runs):
        return True
    return len({noun for named, _ in runs for noun in named}) >= _NOUNS_ENOUGH


def _noun_runs(tokens: Sequence[Token]) -> Iterator[tuple[frozenset[str], bool]]:
    """Nouns that stand together, without generic ones, and whether they are a subject, object or topic."""
    run: list[str] = []
    for token in tokens:
        if token.tag.startswith(_NOUNS):
            run.append(token.form)
        elif run and token.tag != "NNB":
            if not token.tag.startswith("XSV"):  # `신청하나요` does, and names nothing
                yield frozenset(run) - _GENERIC_KOREAN, _is_argument(token)
            run = []
    if run:
        yield frozenset(run) - _GENERIC_KOREAN, True


def _is_argument(after: Token) -> bool:
    return not after.tag.startswith(_ADVERBIAL) and not (after.tag == "JX" and after.form in _ALSO)
