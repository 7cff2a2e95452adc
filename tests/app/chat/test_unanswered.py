"""A refusal tells what is missing, what comes closest, and what may help."""

from __future__ import annotations

import pytest
from support.model_server import ModelServer
from support.passages import HANDBOOK, KOREAN, LEAVE, Found, chunk, hits

from app.chat.pipeline import Pipeline
from app.chat.unanswered import Grounds, explained
from app.config import Settings
from app.language import detect_language
from app.llm import chat_model
from app.schemas import Answer, Question, Refusal
from prompts import refusal_text
from prompts.refusals import refusal_lines

FAR = hits(chunk(LEAVE), chunk(KOREAN, "휴가.md"), best=0.12)
SIX = Grounds(enough=0.2, collection="hr", documents=lambda: 6)


def ask(question: str, found: object = FAR, grounds: Grounds = SIX, **more: object) -> Answer:
    pipeline = Pipeline(Found(found), None, Settings(), grounds=grounds)  # type: ignore[arg-type]
    return pipeline.answer(Question(text=question, **more))  # type: ignore[arg-type]


def said(answer: Answer) -> str:
    assert answer.refusal is not None
    return refusal_lines(answer.refusal, answer.standalone, detect_language(answer.question)).why


@pytest.mark.parametrize(
    ("question", "missing", "why"),
    [
        (
            "What is the capital of France?",
            ("capital", "France"),
            "Nothing about “capital of France” in these 6 documents.",
        ),
        (
            "프랑스의 수도는 어디인가요?",
            ("프랑스", "수도"),
            "이 문서 6개에는 “프랑스의 수도”에 관한 내용이 없습니다.",
        ),
        ("Do employees have a garage?", ("garage",), "Nothing about “garage” in these 6 documents."),
        ("Paid leave?", (), "Nothing in these 6 documents comes close enough to this question."),
    ],
)
def test_what_is_missing_is_named_in_the_words_of_the_question(
    question: str, missing: tuple[str, ...], why: str
):
    answer = ask(question)
    assert answer.refused and answer.refusal is not None
    assert answer.answer == refusal_text(detect_language(question))
    assert (answer.refusal.reason, answer.refusal.documents) == ("off_topic", 6)
    assert answer.refusal.missing == missing
    assert said(answer) == why


def test_the_closest_passages_are_quoted_and_numbered_from_one():
    refusal = ask("Until when do days of my garage expire?").refusal
    assert refusal is not None
    assert [(one.n, one.source) for one in refusal.closest] == [(1, "leave.md"), (2, "휴가.md")]
    assert refusal.closest[0].quote == "Unused days expire on 31 March."
    assert (refusal.score, refusal.enough) == (0.12, 0.2)


def test_nothing_found_at_all_is_explained_too():
    answer = ask("Who was Ada Lovelace?", found=())
    assert answer.refusal is not None
    assert answer.refusal.closest == ()
    assert answer.refusal.missing == ("Ada", "Lovelace")
    assert said(answer) == "Nothing about “Ada Lovelace” in these 6 documents."


def test_suggestions_fit_the_case():
    def codes(answer: Answer) -> list[str]:
        return [one.code for one in answer.refusal.suggestions] if answer.refusal else []

    assert codes(ask("Garage?")) == ["add_documents"]
    others = Grounds(enough=0.13, documents=lambda: 6, others=lambda: ["travel", "legal"])
    near = ask("Garage?", grounds=others)
    assert codes(near) == ["other_collections", "own_words", "add_documents"]
    assert near.refusal is not None
    assert near.refusal.suggestions[0].values == {"names": "travel, legal"}
    filtered = ask("Garage?", where={"source": ("leave.md",)})
    assert codes(filtered) == ["lift_filter"]
    assert filtered.refusal is not None
    assert filtered.refusal.suggestions[0].values == {"filter": "source:leave.md"}
    assert "the part of these 6 documents that the filter leaves" in said(filtered)
    assert codes(ask("Garage? source:leave.md")) == ["lift_filter"]


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("reason", ["off_topic", "not_found"])
@pytest.mark.parametrize("documents", [0, 1, 2_000])
def test_every_reason_has_words_in_both_languages(language: str, reason: str, documents: int):
    for missing in ((), ("a", "b", "c", "d")):
        refusal = Refusal(reason=reason, missing=missing, documents=documents)
        why = refusal_lines(refusal, "a or b or c or d", language).why  # type: ignore[arg-type]
        assert why and "{" not in why
        assert ("문서" in why) is (language == "ko")


def test_a_model_that_declines_is_explained(model_server: ModelServer):
    model_server.say(refusal_text("en"))
    settings = Settings(llm_base_url=model_server.url, llm_retries=0)
    pipeline = Pipeline(Found(HANDBOOK), chat_model(settings), settings, grounds=SIX)
    answer = pipeline.answer(Question(text="How many days of leave has a pilot?"))
    assert answer.refused and answer.refusal is not None
    assert (answer.refusal.reason, answer.refusal.missing) == ("not_found", ("pilot",))
    assert answer.refusal.closest[0].source == "leave.md"
    assert "say nothing about “pilot”" in said(answer)


def test_sentences_that_cannot_be_chosen_are_explained():
    answer = ask("Leave?", found=hits(chunk("| a | b |\n|---|---|"), best=0.9))
    assert answer.refused and answer.refusal is not None
    assert answer.refusal.reason == "not_found"


def test_an_answer_has_no_refusal():
    assert ask("How many days of paid leave?", found=HANDBOOK).refusal is None


def test_a_very_long_question_is_explained_quickly():
    question = "zebra quagga okapi " * 1000
    refusal = explained("off_topic", question, FAR, SIX)
    assert refusal.missing == ("zebra", "quagga", "okapi")
