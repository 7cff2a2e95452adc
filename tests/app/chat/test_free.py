"""Free chat: the model's own words, marked, without documents, and never taken for evidence."""

from __future__ import annotations

import pytest
from support.model_server import ModelServer, Reply
from support.passages import Found

from app.answers.extraction import typed_answer
from app.answers.schemas.shelf import cited_answer
from app.chat.pipeline import Pipeline
from app.config import Settings
from app.errors import ConfigurationError, ModelUnavailableError, QuestionError, UsageError
from app.llm import chat_model
from app.runtime import build
from app.schemas import Mode, Question, Role, Token, Turn

FREE = Question(text="What is the capital of France?", mode=Mode.FREE)


def pipeline(server: ModelServer | None, **settings: object) -> Pipeline:
    given = Settings(llm_base_url=server.url if server else "", **{"llm_retries": 0, **settings})
    return Pipeline(Found(), chat_model(given) if server else None, given)


def test_it_answers_without_a_search_and_without_marks(model_server: ModelServer):
    model_server.say("Paris [1], since long [2, 3].")
    asked = pipeline(model_server)
    events = list(asked.stream(FREE))
    answer = events[-1].answer  # type: ignore[union-attr]
    assert answer.answer == "Paris, since long."
    assert "".join(event.text for event in events if isinstance(event, Token)) == answer.answer
    assert (answer.mode, answer.refused, answer.citations) == (Mode.FREE, False, ())
    assert answer.model == "openai:scripted-model"
    assert asked.searcher.asked == []  # type: ignore[attr-defined]
    sent = str(model_server.bodies[-1]["messages"])
    assert "leave" not in sent and "passage" not in sent


def test_the_conversation_goes_along(model_server: ModelServer):
    history = (Turn(role=Role.USER, content="I like France."), Turn(role=Role.ASSISTANT, content="Good [1]."))
    pipeline(model_server).answer(FREE.model_copy(update={"history": history}))
    messages = model_server.bodies[-1]["messages"]
    assert [one["content"] for one in messages[1:]] == ["I like France.", "Good.", FREE.text]


def test_a_runtime_needs_no_collection_for_it(model_server: ModelServer, tmp_path: object):
    model_server.say("Paris.")
    with build(Settings(data_dir=tmp_path, llm_base_url=model_server.url)) as runtime:  # type: ignore[arg-type]
        assert runtime.answer(FREE).answer == "Paris."


def test_what_was_said_freely_is_no_evidence_for_a_question_on_documents(model_server: ModelServer):
    history = (
        Turn(role=Role.USER, content="How many days of leave do people usually get?"),
        Turn(role=Role.ASSISTANT, content="Forty-two days.", mode=Mode.FREE),
    )
    model_server.say("How many days of leave here?", "25 days [1].")
    pipeline(model_server).answer(Question(text="And here?", history=history))
    sent = str([body["messages"] for body in model_server.bodies])
    assert len(model_server.bodies) == 2
    assert "people usually get" in sent
    assert "Forty-two" not in sent


def test_without_a_model_it_says_what_to_set():
    with pytest.raises(ConfigurationError, match="DOCENT_LLM_MODEL"):
        pipeline(None).answer(FREE)


def test_it_can_be_forbidden(model_server: ModelServer):
    with pytest.raises(ConfigurationError, match="DOCENT_FREE_CHAT"):
        pipeline(model_server, free_chat=False).answer(FREE)
    assert model_server.bodies == []


def test_a_typed_answer_cannot_be_free(model_server: ModelServer):
    with pytest.raises(UsageError, match="free chat"):
        typed_answer(pipeline(model_server), FREE, cited_answer())
    assert model_server.bodies == []


def test_an_empty_question_is_refused_and_an_error_keeps_what_was_said(model_server: ModelServer):
    with pytest.raises(QuestionError):
        pipeline(model_server).answer(FREE.model_copy(update={"text": " ?"}))
    model_server.say(Reply("Paris is the capital", drop_after=2))
    with pytest.raises(ModelUnavailableError) as caught:
        pipeline(model_server).answer(FREE)
    assert str(caught.value.values["partial"]).startswith("Paris")
