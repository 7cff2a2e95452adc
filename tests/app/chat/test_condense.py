"""Follow-ups are made to stand alone; what stands alone is left alone."""

from __future__ import annotations

import pytest
from support.model_server import ModelServer, Reply

from app.chat.condense import by_rules, condense_chain
from app.chat.generate import Model, as_messages
from app.config import Settings
from app.errors import ModelAuthError
from app.llm import chat_model
from app.schemas import Role, Turn

ENGLISH = "How many days of annual leave do employees have?"
KOREAN = "연차 휴가는 며칠인가요?"


def history(*questions: str) -> tuple[Turn, ...]:
    turns = [
        (Turn(role=Role.USER, content=q), Turn(role=Role.ASSISTANT, content="25 [1].")) for q in questions
    ]
    return tuple(turn for pair in turns for turn in pair)


def condense(question: str, turns: tuple[Turn, ...], model: Model | None, seed: int | None = None) -> str:
    return condense_chain(model, seed).invoke({"question": question, "history": as_messages(turns)})


FOLLOW_UPS = [
    (ENGLISH, "And for parents?"),
    (ENGLISH, "What about sick leave?"),
    (ENGLISH, "When do they expire?"),
    (ENGLISH, "Can it be carried over?"),
    (ENGLISH, "Why?"),
    (ENGLISH, "How long?"),
    (ENGLISH, "Is that true for part-time staff?"),
    (ENGLISH, "What documents do I need for that?"),
    (KOREAN, "그럼 병가는요?"),
    (KOREAN, "육아휴직은?"),
    (KOREAN, "그건 언제 소멸되나요?"),
    (KOREAN, "그 기간이 지나면 어떻게 되나요?"),
    (KOREAN, "왜요?"),
    (KOREAN, "그리고 신청은 어떻게 하나요?"),
    (KOREAN, "거기에 주말이 포함되나요?"),
    (KOREAN, "언제까지 써야 하나요?"),
    (KOREAN, "어떻게 신청하나요?"),
    (KOREAN, "그동안 급여는 나오나요?"),
    (KOREAN, "3일이면요?"),
    (KOREAN, "부모님이 돌아가시면?"),
]


@pytest.mark.parametrize(("first", "second"), FOLLOW_UPS)
def test_a_follow_up_takes_the_question_before_it_along(first: str, second: str):
    assert by_rules(second, history(first)) == f"{first} {second}"


STAND_ALONE = [
    "사원증을 잃어버리면?",
    "병가는 언제까지 써야 하나요?",
    "누가 출장비를 승인하나요?",
    "What is the mileage rate for using my own car on a business trip?",
    "Why do employees have to lock their screens?",
    "May employees stay at home if they are sick?",
    "Is there a dress code in the office?",
    "Which drugs that are not generic does the plan cover?",
    "How many days of leave can I carry over this year?",
    "Who signs the travel request and when does it have to be handed in?",
    "출장비는 영수증이 없으면 지급되나요?",
    "재택근무는 일주일에 며칠까지 가능한가요?",
    "그룹웨어 비밀번호를 바꾸는 방법을 알려 주세요.",
    "이분법 알고리즘의 수렴 조건을 설명해 주세요.",
]


@pytest.mark.parametrize("question", STAND_ALONE)
def test_a_question_that_stands_alone_is_left_alone(question: str):
    assert by_rules(question, history(ENGLISH, KOREAN)) == question
    assert condense(question, history(ENGLISH), None) == question


def test_without_history_nothing_is_done():
    assert condense("And for parents?", (), None) == "And for parents?"


def test_a_chain_of_follow_ups_reaches_back_to_its_beginning():
    chain = history("What is the dress code?", ENGLISH, "And for parents?")
    assert by_rules("Why?", chain) == f"{ENGLISH} And for parents? Why?"


@pytest.mark.parametrize(
    ("said", "standalone"),
    [
        ("How many days of leave do parents have?", "How many days of leave do parents have?"),
        ('"How many days do parents have?"\n\nI rewrote it.', "How many days do parents have?"),
        ("Question: How many days do parents have [1]?", "How many days do parents have?"),
        ("<think>hm</think>How many days?", "How many days?"),
        ("질문: 부모의 연차는 며칠인가요?", "부모의 연차는 며칠인가요?"),
        ("   ", f"{ENGLISH} And for parents?"),
        ("word " * 1000, f"{ENGLISH} And for parents?"),
    ],
)
def test_the_model_rewrites_and_what_is_around_it_goes(model_server: ModelServer, said: str, standalone: str):
    model = chat_model(Settings(llm_base_url=model_server.url))
    model_server.say(said)
    assert condense("And for parents?", history(ENGLISH), model, seed=7) == standalone
    [body] = model_server.bodies
    prompt = body["messages"][-1]["content"]
    assert f"User: {ENGLISH}" in prompt
    assert "Assistant: 25." in prompt
    assert "And for parents?" in prompt
    assert (body["temperature"], body["seed"]) == (0, 7)


def test_the_model_is_not_asked_without_history(model_server: ModelServer):
    model = chat_model(Settings(llm_base_url=model_server.url))
    assert condense("And for parents?", (), model) == "And for parents?"
    assert model_server.requests == []


def test_an_error_of_the_model_is_told(model_server: ModelServer):
    model = chat_model(Settings(llm_base_url=model_server.url))
    model_server.say(Reply(status=401))
    with pytest.raises(ModelAuthError):
        condense("And for parents?", history(ENGLISH), model)
