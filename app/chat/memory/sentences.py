"""A summary without a model: what the user said, and of each answer the sentence that answers best."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import get_args

from app.chat.memory.candidates import best_sentences
from app.chat.refusal import is_refusal
from app.chat.tokens import count_tokens, shortened
from app.evidence.quantities import quantities
from app.evidence.words import words
from app.language import Language, detect_language
from app.schemas import Role, Turn
from app.sentences import sentence_spans
from ingest.suspicion import QUESTION, examine
from prompts import left_out_text, summary_texts
from vectorstore.tokens import normalize

# What the user said of themselves stands in no document; an open question may come back; a line that holds a
# number or a name is worth more than one that does not.
_SAID, _OPEN, _NUMBER, _NAME = 1.5, 0.5, 0.5, 0.25
# A line that a model or the user wrote has many turns in it.
_WRITTEN = 1.5
# So that of equal lines the newer one stays, and nothing else is decided by it.
_NEWER = 0.01
# Of a summary, what one line may take at most; a text that was pasted in must not push out all else.
_LINE_SHARE = 4
_LINE_TOKENS = 160

_ASKS = re.compile(
    r"[?？]\W*$|^\W*(?:what|how|who|whom|whose|when|where|why|which|is|are|was|were|do|does|did|can|could|may|might"
    r"|will|would|should|shall|must|has|have|had|tell|show|give|list|explain|describe|summari[sz]e|compare"
    r"|translate|find|name|write|and|or|please|what's|who's|where's)\b"
    r"|(?:나요|까요|까|ㄴ가요|는가요?|은가요?|인가요?|지요?|죠|니|냐|뭐야|뭐예요|은요?|는요?|면요?"
    r"|[해알보찾정비번요설]\S*\s?(?:줘요?|주세요|주십시오|달라|봐요?|보세요))[\s.!~?]*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line that may stand in a summary; the greater its score, the rather."""

    text: str
    score: float


def by_sentences(summary: str, turns: Sequence[Turn], budget: int) -> str:
    """The best lines of a summary and of the turns that follow it, in their order, within a budget of tokens.

    The same input gives the same summary.
    """
    language = detect_language(" ".join(turn.content for turn in turns if turn.role is Role.USER) or summary)
    longest = min(_LINE_TOKENS, max(12, budget // _LINE_SHARE))
    found = [*_known(summary), *_new(turns, language)]
    lines = [
        _weighed(shortened(text, longest), bonus + _NEWER * number / len(found))
        for number, (text, bonus) in enumerate(found)
    ]
    return "\n".join(line.text for line in _chosen(lines, budget))


def _chosen(lines: Sequence[Line], budget: int) -> list[Line]:
    chosen: set[int] = set()
    seen: set[str] = set()
    for number in sorted(range(len(lines)), key=lambda n: -lines[n].score):
        line = lines[number]
        price = count_tokens(line.text)
        if line.text and line.text not in seen and price <= budget:
            budget -= price
            chosen.add(number)
            seen.add(line.text)
    return [lines[number] for number in sorted(chosen)]


def _weighed(text: str, bonus: float) -> Line:
    plain = normalize(text)
    told = _NUMBER * bool(quantities(plain)) + _NAME * any(word.is_capital for word in words(plain)[1:])
    return Line(text, 1.0 + bonus + told)


def _known(summary: str) -> Iterator[tuple[str, float]]:
    """The lines of an earlier summary; by how they begin, those of ours are known again."""
    texts = [summary_texts(language) for language in get_args(Language)]
    marks = {_opening(one["said"]): _SAID for one in texts} | {_opening(one["open"]): _OPEN for one in texts}
    marks |= {_opening(one["answered"]): 0.0 for one in texts}
    for line in filter(None, map(str.strip, summary.splitlines())):
        yield line, next((bonus for mark, bonus in marks.items() if line.startswith(mark)), _WRITTEN)


def _opening(text: str) -> str:
    return text.partition("{")[0]


def _new(turns: Sequence[Turn], language: Language) -> Iterator[tuple[str, float]]:
    """What an exchange adds, as lines: what the user said, and the question with its answer."""
    texts = summary_texts(language)
    pairs = _pairs(turns)
    found = best_sentences([(_question(asked), told) for asked, told in pairs])
    for (asked, told), answers in zip(pairs, found, strict=True):
        for sentence in _statements(asked):
            yield texts["said"].format(text=sentence), _SAID
        question = _question(asked)
        if question and (not told or is_refusal(told)):
            yield texts["open"].format(question=question), _OPEN
        elif question:
            yield texts["answered"].format(question=question, answer=" ".join(answers)), 0.0


def _pairs(turns: Sequence[Turn]) -> list[tuple[str, str]]:
    """Questions and answers; "" for an answer that there is none of, or that stands on no document."""
    pairs: list[tuple[str, str]] = []
    left_out = {left_out_text("en"), left_out_text("ko")}
    for turn in turns:
        if turn.role is Role.USER:
            pairs.append((turn.content, ""))
        elif pairs and turn.content not in left_out:
            pairs[-1] = (pairs[-1][0], _harmless(turn.content))
    return pairs


def _harmless(text: str) -> str:
    """An answer without what talks to a model in it: its sources may have, and it would stay for good."""
    parts = [text[start:end] for start, end in sentence_spans(text)]
    found = examine(parts) if parts else []
    kept = [part for part, why in zip(parts, found, strict=True) if all(one.code == QUESTION for one in why)]
    return text if len(kept) == len(parts) else " ".join(kept)


def _sentences(text: str) -> list[str]:
    return [" ".join(text[start:end].split()) for start, end in sentence_spans(text)]


def _question(asked: str) -> str:
    """What a turn of the user asks; all of it where that cannot be told."""
    asking = [sentence for sentence in _sentences(asked) if _ASKS.search(sentence)]
    return " ".join(asking or ([] if _statements(asked) else _sentences(asked)))


def _statements(asked: str) -> list[str]:
    """What a turn of the user tells: `I work in Busan.`"""
    return [one for one in _sentences(asked) if not _ASKS.search(one) and len(one.split()) > 2]
