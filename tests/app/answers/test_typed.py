"""Typed answers: a valid object or an error that names field and cause, never a silently wrong object."""

from __future__ import annotations

import json

import pytest
from support.model_server import ModelServer, Reply
from support.passages import DRUGS, HANDBOOK, LEAVE, Found, chunk, hits

from app.answers.evidence import as_text
from app.answers.extraction import typed_answer
from app.answers.schemas import CitedAnswer, SchemaShelf
from app.chat.pipeline import Pipeline
from app.config import Settings
from app.errors import (
    ConfigurationError,
    ModelAuthError,
    ModelRejectedError,
    QuestionError,
    TypedAnswerError,
)
from app.llm import chat_model
from app.schemas import Answer, Question
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
    [citation] = answer.citations
    assert (citation.source, citation.page) == ("약.md", 2)
    assert "이부프로펜" in citation.quote
    assert "- **성분명**: 이부프로펜" in answer.answer
    assert "–" in answer.answer


def test_the_model_is_held_to_the_schema(model_server: ModelServer):
    model_server.say(dumps(CITED))
    typed_answer(
        pipeline(model_server), Question(text="Days?", sampling={"seed": 4}), SCHEMAS.find("cited_answer")
    )  # type: ignore[arg-type]
    [body] = model_server.bodies
    sent = body["response_format"]["json_schema"]
    assert (sent["strict"], sent["name"]) == (True, "CitedAnswer")
    assert sent["schema"]["additionalProperties"] is False
    assert set(sent["schema"]["required"]) == {"answer", "citations", "confidence"}
    assert (body["seed"], body["temperature"], body["stream"]) == (4, 0, False)
    assert LEAVE in body["messages"][1]["content"]


# -- objects that do not fit -------------------------------------------------------------------------------

BROKEN = [
    ("", "", "empty"),
    ("Sorry, I cannot.", "", "no JSON"),
    ("[]", "", "object"),
    ("null", "", "object"),
    ('"25 days"', "", "object"),
    (dumps(CITED)[:-1], "", "breaks off"),
    (dumps(CITED) + dumps(CITED), "", "no JSON"),
    (dumps(CITED | {"answer": 5}), "answer", "string"),
    (dumps(CITED | {"citations": ["1"]}), "citations.0", "integer"),
    (dumps(CITED | {"citations": "1"}), "citations", "array"),
    (dumps(CITED | {"confidence": 7}), "confidence", "less than or equal"),
    (dumps(CITED | {"confidence": None}), "confidence", "number"),
    (dumps(CITED).replace("0.9", "NaN"), "", "NaN"),
    (dumps({"answer": "x", "citations": []}), "confidence", "required"),
    (dumps(CITED | {"mood": "good"}), "mood", "not permitted"),
    (dumps(CITED).replace('"citations"', '"answer"'), "answer", "twice"),
    ("[" * 100_000, "", ""),
]


@pytest.mark.parametrize(("said", "field", "cause"), BROKEN)
def test_what_does_not_fit_is_repaired_once(model_server: ModelServer, said: str, field: str, cause: str):
    model_server.say(said, dumps(CITED))
    answer = ask(model_server)
    assert answer.typed == CITED
    assert [(one.code, one.values["field"]) for one in answer.notices] == [("typed_repair", field or "–")]
    again = model_server.bodies[1]["messages"]
    assert again[-2] == {"role": "assistant", "content": said}
    assert cause in again[-1]["content"]
    assert answer.tokens.prompt == 22


@pytest.mark.parametrize(("said", "field", "cause"), BROKEN)
def test_what_does_not_fit_twice_is_an_error(model_server: ModelServer, said: str, field: str, cause: str):
    model_server.default = Reply(said)
    with pytest.raises(TypedAnswerError) as raised:
        ask(model_server)
    assert len(model_server.bodies) == 2
    assert raised.value.values["field"] == field
    for part in ("CitedAnswer", field, cause):
        assert part in str(raised.value)


@pytest.mark.parametrize("length", range(1, len(dumps({"약": [DRUG]})), 10))
def test_an_object_that_was_cut_anywhere_is_noticed(model_server: ModelServer, length: int):
    model_server.default = Reply(dumps({"약": [DRUG]})[:length])
    with pytest.raises(TypedAnswerError, match="DrugList"):
        ask(model_server, "drug_list", PHARMACY)


def test_the_field_is_named_by_its_path(model_server: ModelServer):
    model_server.default = Reply(dumps({"약": [DRUG, DRUG | {"증상": "두통"}]}))
    with pytest.raises(TypedAnswerError, match=r"'약\.1\.증상'"):
        ask(model_server, "drug_list", PHARMACY)


def test_the_longest_length_is_named(model_server: ModelServer):
    model_server.default = Reply(dumps(CITED)[:20], finish="length")
    with pytest.raises(TypedAnswerError, match="DOCENT_MAX_TOKENS"):
        ask(model_server)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(f"```json\n{dumps(CITED)}\n```"),
        Reply(f"  {dumps(CITED)}\n"),
        Reply(f"<think>hm</think>\n{dumps(CITED)}"),
        Reply(dumps(CITED), tool_call=True),
    ],
)
def test_an_object_in_another_wrapping_is_taken(model_server: ModelServer, reply: Reply):
    model_server.say(reply)
    answer = ask(model_server)
    assert (answer.typed, answer.notices) == (CITED, ())


def test_a_broken_tool_call_is_no_object(model_server: ModelServer):
    model_server.default = Reply(dumps(CITED)[:-5], tool_call=True)
    with pytest.raises(TypedAnswerError, match="breaks off"):
        ask(model_server)


# -- servers -----------------------------------------------------------------------------------------------


def test_a_server_without_json_schema_is_asked_in_json_mode(model_server: ModelServer):
    model_server.say(Reply(status=400, error={"param": "response_format"}), dumps(CITED))
    assert ask(model_server).typed == CITED
    assert [body["response_format"]["type"] for body in model_server.bodies] == ["json_schema", "json_object"]


def test_a_repair_stays_with_the_mode_that_the_server_takes(model_server: ModelServer):
    model_server.say(Reply(status=400), "{", dumps(CITED))
    assert ask(model_server).typed == CITED
    kinds = [body["response_format"]["type"] for body in model_server.bodies]
    assert kinds == ["json_schema", "json_object", "json_object"]


def test_a_server_that_takes_neither_is_an_error(model_server: ModelServer):
    model_server.reject("response_format")
    with pytest.raises(ModelRejectedError, match="400"):
        ask(model_server)


def test_another_error_is_told_as_it_is(model_server: ModelServer):
    model_server.say(Reply(status=401))
    with pytest.raises(ModelAuthError):
        ask(model_server)
    assert len(model_server.bodies) == 1


def test_a_rejected_parameter_is_left_out(model_server: ModelServer):
    model_server.reject("temperature")
    model_server.default = Reply(dumps(CITED))
    answer = ask(model_server)
    assert answer.typed == CITED
    assert answer.temperature is None
    assert [notice.code for notice in answer.notices] == ["parameter_dropped"]


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
        ask(None, "drug_list")


def test_an_empty_question_is_said(model_server: ModelServer):
    with pytest.raises(QuestionError):
        ask(model_server, text=" ")


def test_objects_read_well():
    value = {"a": None, "b": [], "c": {"d": [1, 2]}, "e": [{"f": "x"}]}
    assert (
        as_text(value)
        == "- **a**: –\n- **b**: –\n- **c**:\n  - **d**:\n    - 1\n    - 2\n- **e**:\n  -\n    - **f**: x"
    )
