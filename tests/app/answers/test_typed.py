"""Typed answers: a valid object or an error that names field and cause, never a silently wrong object."""

from __future__ import annotations

import json

import pytest
from support.model_server import ModelServer
from support.passages import DRUGS, HANDBOOK, LEAVE, Found, chunk, hits

from app.answers.evidence import as_text
from app.answers.extraction import typed_answer
from app.answers.schemas import CitedAnswer, Schema, SchemaShelf
from app.answers.schemas.checking import check
from app.chat.pipeline import Pipeline
from app.config import Settings
from app.errors import (
    ConfigurationError,
    QuestionError,
)
from app.llm import chat_model
from app.schemas import Answer, Question, Sampling, Support
from prompts import refusal_text

CITED = {"answer": "Employees have 25 days [1].", "citations": [1], "confidence": 0.9}
DRUG = {"성분명": "이부프로펜", "증상": ["두통", "발열"], "주의사항": ["공복에 복용하지 않는다"]}
SCHEMAS = SchemaShelf()
PHARMACY = Found(hits(chunk(LEAVE), chunk(DRUGS, "약.md", page=2)))


def dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def pipeline(server: ModelServer | None, found: Found | None = None) -> Pipeline:
    settings = Settings(llm_base_url=server.url, llm_retries=0) if server else Settings()
    return Pipeline(found or Found(HANDBOOK), chat_model(settings), settings)


def ask(
    server: ModelServer | None, schema: str = "cited_answer", found: Found | None = None, text: str = "Days?"
) -> Answer:
    return typed_answer(pipeline(server, found), Question(text=text), SCHEMAS.find(schema))


def test_a_cited_answer(model_server: ModelServer):
    model_server.say(dumps({"answer": "It is 15일 [2].", "citations": [2, 1, 9], "confidence": 1}))
    answer = ask(model_server)
    assert answer.typed == {"answer": "It is 15일 [1].", "citations": [1], "confidence": 1}
    assert answer.answer == answer.typed["answer"]
    assert [(one.n, one.source) for one in answer.citations] == [(1, "휴가.md")]
    assert [notice.code for notice in answer.notices] == ["marks_removed"]
    assert (answer.model, answer.fingerprint) == ("openai:scripted-model", "fp_scripted")
    assert answer.tokens.total > 0
    assert not answer.refused
    CitedAnswer.model_validate(answer.typed)


def test_a_list_of_drugs_with_its_evidence(model_server: ModelServer):
    value = {"약": [DRUG, {"성분명": "아세트아미노펜", "증상": ["발열"], "주의사항": []}]}
    model_server.say(dumps(value))
    answer = ask(model_server, "drug_list", PHARMACY, "어떤 약이 있나요?")
    assert answer.typed == value
    assert SCHEMAS.find("drug_list").model.model_validate(answer.typed).약[0].성분명 == "이부프로펜"  # type: ignore[attr-defined]
    first, second = answer.citations
    assert (first.n, first.source, first.page, second.n) == (1, "약.md", 2, 2)
    assert "이부프로펜" in first.quote
    assert "아세트아미노펜" in second.quote
    assert "- **성분명**: 이부프로펜 [1]" in answer.answer
    assert "–" in answer.answer
    assert {one.citation.n for one in answer.evidence if one.citation} == {1, 2}
    assert all(one.support is Support.SUPPORTED for one in answer.evidence)


def test_the_model_is_held_to_the_schema(model_server: ModelServer):
    model_server.say(dumps(CITED))
    question = Question(text="Days?", sampling=Sampling(seed=4))
    typed_answer(pipeline(model_server), question, SCHEMAS.find("cited_answer"))
    [body] = model_server.bodies
    sent = body["response_format"]["json_schema"]
    assert (sent["strict"], sent["name"]) == (True, "CitedAnswer")
    assert sent["schema"]["additionalProperties"] is False
    assert set(sent["schema"]["required"]) == {"answer", "citations", "confidence"}
    assert (body["seed"], body["temperature"], body["stream"]) == (4, 0, True)
    assert LEAVE in body["messages"][1]["content"]


# -- refusals, and without a model -------------------------------------------------------------------------


def test_nothing_relevant_is_refused_without_asking(model_server: ModelServer):
    answer = ask(model_server, found=Found(()), text="누가 이겼나요?")
    assert (answer.refused, answer.answer, answer.typed) == (True, refusal_text("ko"), None)
    assert model_server.requests == []


def test_without_a_model_a_cited_answer_is_quoted():
    answer = ask(None, text="How many days of leave does an employee have?")
    assert answer.typed is not None
    cited = CitedAnswer.model_validate(answer.typed)
    assert "25 days" in cited.answer
    assert cited.citations == [one.n for one in answer.citations]
    assert 0 < cited.confidence <= 1
    assert ask(None, found=Found(())).typed is None


def test_without_a_model_other_schemas_say_what_to_do():
    with pytest.raises(ConfigurationError, match="DOCENT_LLM_MODEL"):
        summary, _ = check({"name": "summary", "fields": [{"name": "요약"}]})
        assert summary is not None
        typed_answer(pipeline(None), Question(text="Days?"), Schema.of(summary, "own"))


def test_an_empty_question_is_said(model_server: ModelServer):
    with pytest.raises(QuestionError):
        ask(model_server, text=" ")


def test_objects_read_well():
    value = {"a": None, "b": [], "c": {"d": [1, 2]}, "e": [{"f": "x"}]}
    assert (
        as_text(value)
        == "- **a**: –\n- **b**: –\n- **c**:\n  - **d**:\n    - 1\n    - 2\n- **e**:\n  -\n    - **f**: x"
    )
