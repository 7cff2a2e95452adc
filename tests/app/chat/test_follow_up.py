"""Whether a question needs the one before it, on questions that were told apart by hand."""

from __future__ import annotations

from collections import Counter

import pytest
from support.follow_ups import PAIRS
from support.model_server import ModelServer, Reply

from app.chat.condense import by_rules, condense_chain
from app.chat.follow_up import is_follow_up
from app.chat.generate import as_messages
from app.config import Settings
from app.language import detect_language
from app.llm import chat_model
from app.schemas import Role, Turn


def test_nearly_all_are_told_apart_in_both_languages():
    right, asked = Counter[str](), Counter[str]()
    for _, question, follows in PAIRS:
        language = detect_language(question)
        asked[language] += 1
        right[language] += is_follow_up(question) is follows
    assert min(asked.values()) >= 100
    assert {language: right[language] / asked[language] >= 0.97 for language in asked} == {
        "en": True,
        "ko": True,
    }


@pytest.mark.parametrize(
    ("question", "follows"),
    [
        ("What is ibuprofen?", False),
        ("Why is it important to lock the screen?", False),
        ("What is coinsurance and how does it work?", False),
        ("Which server does the IT department use?", False),
        ("북해의 깊이는?", False),
        ("국회의사당이 있는 도시는?", False),
        ("이 규정은 언제부터 적용돼요?", True),
        ("Half of them?", True),
        ("it " * 200, False),
    ],
)
def test_what_points_inside_and_what_names_itself(question: str, follows: bool):
    assert is_follow_up(question) is follows


def turns(*texts: str) -> list[Turn]:
    return [
        Turn(role=Role.ASSISTANT if number % 2 else Role.USER, content=text)
        for number, text in enumerate(texts)
    ]


LEAVE = turns("How many days of annual leave do employees have?", "25 days until 31 March, says Ms Park.")
ALONE = [question for _, question, follows in PAIRS if not follows and not is_follow_up(question)]


@pytest.mark.parametrize("question", ALONE[::20])
def test_a_question_that_stands_alone_is_not_sent_to_be_rewritten(model_server: ModelServer, question: str):
    model = chat_model(Settings(llm_base_url=model_server.url))
    chain = condense_chain(model)
    assert chain.invoke({"question": question, "history": as_messages(LEAVE)}) == question
    assert model_server.requests == []


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("And for parents with 3 children?", "How many days of leave do parents have?"),
        ("And on 2 May?", "How many days of leave are there on 3 May?"),
        ("And for Kowalski?", "How many days of leave do employees have?"),
        ("And for parents?", "How many of the 40 days of leave do parents have?"),
        ("And for parents?", "How many days of leave does Ms Tanaka have as a parent?"),
        ("그럼 부산 지사는요?", "대구 지사의 연차 휴가는 며칠인가요?"),
        ("그럼 3년 차는요?", "연차 휴가는 며칠인가요?"),
    ],
)
def test_a_rewriting_that_changes_numbers_dates_or_names_is_not_used(
    model_server: ModelServer, question: str, said: str
):
    model_server.default = Reply(said)
    chain = condense_chain(chat_model(Settings(llm_base_url=model_server.url)))
    standalone = chain.invoke({"question": question, "history": as_messages(LEAVE)})
    assert standalone == by_rules(question, LEAVE)
    assert question in standalone


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("And for parents with three children?", "How many days of leave do parents with 3 children have?"),
        ("What happens after that?", "What happens to annual leave after 31 March?"),
        ("Is she right?", "Is Ms Park right about 25 days of annual leave?"),
        ("그럼 3년 차는요?", "3년 차 직원의 연차 휴가는 며칠인가요?"),
    ],
)
def test_one_that_takes_them_from_the_conversation_is(model_server: ModelServer, question: str, said: str):
    model_server.default = Reply(said)
    chain = condense_chain(chat_model(Settings(llm_base_url=model_server.url)))
    assert chain.invoke({"question": question, "history": as_messages(LEAVE)}) == said


def test_what_a_summary_holds_may_be_taken_up(model_server: ModelServer):
    model_server.default = Reply("Who is the manager of Ms Okonkwo in Lagos?")
    chain = condense_chain(chat_model(Settings(llm_base_url=model_server.url)))
    state = {
        "question": "Who is her manager?",
        "history": [],
        "summary": "- The user works with Ms Okonkwo in Lagos.",
    }
    assert chain.invoke(state) == "Who is the manager of Ms Okonkwo in Lagos?"
    assert "Okonkwo in Lagos" in model_server.bodies[-1]["messages"][-1]["content"]
