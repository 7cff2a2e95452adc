"""How far an answer is supported, on a terminal: what is doubtful of it, and which sources disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.cli import common
from app.language import Language, detect_language

if TYPE_CHECKING:
    from app.schemas import Answer, CheckedSentence, Contradiction

_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "all": "Checked: every sentence stands in its source.",
        "none": "Checked: NOTHING of this was found in your documents. It may be made up.",
        "some": "Checked: {good} of {count} sentences stand in their sources ({score} %).",
        "partly": "partly supported",
        "not supported": "not supported",
        "disagree": "Sources disagree",
    },
    "ko": {
        "all": "확인: 모든 문장이 출처에 있습니다.",
        "none": "확인: 이 내용은 문서 어디에서도 찾을 수 없습니다. 지어낸 내용일 수 있습니다.",
        "some": "확인: {count}개 문장 중 {good}개가 출처에 있습니다({score} %).",
        "partly": "일부만 확인됨",
        "not supported": "출처에 없음",
        "disagree": "출처가 서로 다릅니다",
    },
}


def show(answer: Answer) -> None:
    """Print the outcome of the checks; nothing for an answer of which nothing was checked."""
    from rich.console import Console

    if answer.score is None:
        return
    console = Console(highlight=False, markup=False, soft_wrap=True)
    language = detect_language(answer.question)
    console.print(f"\n{_summary(answer, _WORDS[language])}", style="dim")
    for sentence in answer.sentences:
        if sentence.support != "supported":
            console.print(_doubt(sentence, language))
    for one in answer.contradictions:
        console.print(_disagreement(one, _WORDS[language]))


def _summary(answer: Answer, words: dict[str, str]) -> str:
    good = sum(sentence.support == "supported" for sentence in answer.sentences)
    key = "all" if good == len(answer.sentences) else "some" if answer.score else "none"
    return words[key].format(good=good, count=len(answer.sentences), score=round(100 * (answer.score or 0)))


def _doubt(sentence: CheckedSentence, language: Language) -> str:
    from prompts import reason_text

    why = " ".join(reason_text(reason, language) for reason in sentence.told)
    return (
        f"? {_WORDS[language][sentence.support]}: “{common.one_line(sentence.text)}” {common.one_line(why)}"
    )


def _disagreement(one: Contradiction, words: dict[str, str]) -> str:
    said = (
        f"[{n}] {common.one_line(value)} – “{common.one_line(quote)}”"
        for n, value, quote in zip(one.citations, one.values, one.quotes, strict=True)
    )
    return f"! {words['disagree']}: {'; '.join(said)}"
