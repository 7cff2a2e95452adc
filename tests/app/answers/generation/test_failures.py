"""All known failures of servers and models: a valid object, or an error that names field and cause."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict
from support.model_server import ModelServer, Reply
from support.passages import Found, chunk, hits

from app.answers.extraction import typed_answer
from app.answers.schemas import CitedAnswer, Schema
from app.chat.pipeline import Pipeline
from app.config import Settings
from app.errors import ModelAuthError, ModelRejectedError, TypedAnswerError
from app.llm import ChatModel, chat_model
from app.schemas import Answer, Notice, Question


class Line(BaseModel):
    """One line of an order."""

    model_config = ConfigDict(extra="forbid")

    item: str
    count: int
    price: float


class Order(BaseModel):
    """An order; its names are not all English, as those of its documents."""

    number: str
    note: str | None = None
    품목: list[Line]


ORDER = Schema("order", Order)
TEXT = (
    "Order number: A-17\nNote: to the back door\n\n"
    "| item | count | price |\n|---|---|---|\n| Pen | 2 | 1.50 |\n| 종이 | 3 | 4.00 |"
)
GOOD: dict[str, Any] = {
    "number": "A-17",
    "note": "to the back door",
    "품목": [{"item": "Pen", "count": 2, "price": 1.5}, {"item": "종이", "count": 3, "price": 4.0}],
}
FOUND = Found(hits(chunk(TEXT, "order.md")))
LINE = GOOD["품목"][0]


def dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


SAID = dumps(GOOD)
Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def serving() -> Iterator[tuple[ModelServer, ChatModel]]:
    """One server and one client for all cases: a client takes longer to make than a case to run."""
    with ModelServer() as server:
        yield server, model_of(server)


@pytest.fixture
def server(serving: tuple[ModelServer, ChatModel]) -> ModelServer:
    """As if it were new."""
    server, model = serving
    server.reset()
    model.form, model._at_once = "json_schema", False
    return server


def model_of(server: ModelServer, **settings: Any) -> ChatModel:
    given = {"llm_model": "scripted-model", **settings}
    model = chat_model(Settings(llm_base_url=server.url, llm_retries=0, **given))
    assert model is not None
    return model


@pytest.fixture
def ask(serving: tuple[ModelServer, ChatModel]) -> Callable[..., Answer]:
    def asked(
        schema: Schema = ORDER, found: Found = FOUND, model: ChatModel | None = None, **settings: Any
    ) -> Answer:
        pipeline = Pipeline(found, model or serving[1], Settings(**settings))
        return typed_answer(pipeline, Question(text="What was ordered?"), schema)

    return asked


def forms(server: ModelServer) -> list[str]:
    """How each request held the model to the schema."""
    return [
        "function_calling" if "tools" in body else body.get("response_format", {}).get("type", "text")
        for body in server.bodies
    ]


# -- what a model says ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """What a server sends, and what is wrong with it: the field, and words of the cause."""

    name: str
    reply: Reply
    field: str = ""
    cause: str = ""


def said(text: str, **how: Any) -> Reply:
    return Reply(text, **how)


def with_line(**changes: Any) -> str:
    return dumps(GOOD | {"품목": [LINE | changes]})


FAILURES = [
    # invalid JSON
    Case("empty", said(""), "", "empty"),
    Case("blanks", said("  \n "), "", "empty"),
    Case("words", said("The order has two lines."), "", "two lines"),
    Case("a list", said(dumps([GOOD])), "", "a list"),
    Case("nothing", said("null"), "", "null"),
    Case("a text", said(dumps(SAID)), "", "a text"),
    Case("a number", said("17"), "", "a number"),
    Case("single quotes", said(SAID.replace('"', "'")), "", "no JSON"),
    Case("trailing comma", said(SAID[:-1] + ",}"), "", "no JSON"),
    Case("comment", said(SAID[:-1] + "} // done"), "", "no JSON"),
    Case("text behind", said(SAID + " I hope this helps."), "", "text follows"),
    Case("two objects", said(SAID + SAID), "", "text follows"),
    Case("text before", said("Here it is: " + SAID), "", "no JSON"),
    Case("NaN", said(SAID.replace("1.5", "NaN")), "", "NaN"),
    Case("Infinity", said(SAID.replace("1.5", "-Infinity")), "", "Infinity"),
    Case("too large", said(SAID.replace("1.5", "1e999")), "", "too large"),
    Case("endless number", said(SAID.replace(": 2,", ": " + "9" * 5000 + ",")), "", "no JSON"),
    Case("name twice", said(SAID.replace('"note"', '"number"')), "number", "twice"),
    Case("name twice inside", said(SAID.replace('"price": 1.5', '"item": "Ink"')), "item", "twice"),
    Case("nested lists", said("[" * 100_000), "", ""),
    Case("nested objects", said('{"a":' * 5_000 + "1" + "}" * 5_000), "", "deep"),
    Case("thoughts without end", said("<think>" + SAID), "", "empty"),
    # what came is not all
    Case("cut", said(SAID[:-1]), "품목", "breaks off"),
    Case("cut in a text", said(SAID[: SAID.index("Pen") + 2]), "품목.0.item", "breaks off"),
    Case("cut in a number", said(SAID[: SAID.index("1.5") + 2]), "품목.0.price", "breaks off"),
    # types
    Case("number as text", said(with_line(count="2")), "품목.0.count", "integer"),
    Case("price as text", said(with_line(price="1.5")), "품목.0.price", "number"),
    Case("fraction", said(with_line(count=2.5)), "품목.0.count", "integer"),
    Case("text as number", said(dumps(GOOD | {"number": 17})), "number", "string"),
    Case("truth as number", said(with_line(count=True)), "품목.0.count", "integer"),
    Case("list as text", said(dumps(GOOD | {"품목": "Pen"})), "품목", "array"),
    Case("object as list", said(dumps(GOOD | {"품목": [["Pen", 2, 1.5]]})), "품목.0", "object"),
    Case("null", said(with_line(item=None)), "품목.0.item", "string"),
    Case("null for a list", said(dumps(GOOD | {"품목": None})), "품목", "array"),
    # fields
    Case("missing", said(dumps({"number": "A-17", "note": None})), "품목", "required"),
    Case(
        "missing inside",
        said(dumps(GOOD | {"품목": [{"item": "Pen", "count": 2}]})),
        "품목.0.price",
        "required",
    ),
    Case("extra", said(dumps(GOOD | {"total": 15})), "total", "not permitted"),
    Case("extra inside", said(with_line(colour="red")), "품목.0.colour", "not permitted"),
    Case("wrapped", said(dumps({"order": GOOD})), "number", "required"),
    Case("the schema", said(dumps(Order.model_json_schema())), "number", "required"),
    # tool calls
    Case("broken call", said(SAID[:-5], tool_call=True), "품목.1.price", "breaks off"),
    Case("several calls", Reply(calls=(SAID, with_line(count=3))), "", "2 tool calls"),
    Case("empty call", Reply(calls=("",)), "", "empty"),
    # the server
    Case("dropped", said("{ " + SAID, drop_after=9), "품목", "broke off"),
    Case("error in the stream", said(SAID, error_in_stream=True), "품목.0", "broke off"),
    Case("not held", Reply(status=400, error={"code": "json_validate_failed"}), "", "schema"),
    Case("held back", said(SAID, finish="content_filter"), "", "content filter"),
]


@pytest.mark.parametrize("case", FAILURES, ids=lambda case: case.name)
def test_what_fails_once_is_asked_for_again(server: ModelServer, ask: Ask, case: Case):
    server.say(case.reply, SAID)
    answer = ask()
    assert answer.typed == GOOD
    assert [notice.code for notice in answer.notices] == ["typed_repair"]
    assert answer.trace is not None
    words = ("words", "nothing", "a number")  # of which no form holds a thing
    assert answer.trace.repairs == 1
    assert answer.trace.held_by == ("function_calling" if case.name in words else "json_schema")
    assert Order.model_validate(answer.typed)


@pytest.mark.parametrize("case", FAILURES, ids=lambda case: case.name)
def test_what_always_fails_is_an_error_that_names_field_and_cause(server: ModelServer, ask: Ask, case: Case):
    server.default = case.reply
    with pytest.raises(TypedAnswerError) as raised:
        ask()
    assert len(server.bodies) == 3
    assert raised.value.values["field"] == case.field
    assert raised.value.values["schema"] == "order"
    assert case.cause in str(raised.value)
    assert case.field in str(raised.value)
    assert "Traceback" not in str(raised.value)


@pytest.mark.parametrize("length", range(0, len(SAID.encode()), 10))
def test_an_object_cut_at_every_tenth_byte_is_noticed(server: ModelServer, ask: Ask, length: int):
    server.default = Reply(SAID.encode()[:length].decode(errors="ignore"))
    with pytest.raises(TypedAnswerError, match="'order'"):
        ask(typed_repairs=0)


GOOD_REPLIES = {
    "plain": Reply(SAID),
    "spaced": Reply(f"  \n{json.dumps(GOOD, indent=2)}\n"),
    "escaped": Reply(json.dumps(GOOD)),
    "fence": Reply(f"```json\n{SAID}\n```"),
    "bare fence": Reply(f"```\n{SAID}\n```"),
    "thoughts": Reply(f"<think>two lines {{</think>\n{SAID}"),
    "thoughts and fence": Reply(f"<think>hm</think>\n```json\n{SAID}\n```"),
    "call instead of content": Reply(SAID, tool_call=True),
    "call in pieces": Reply(json.dumps(GOOD, indent=1), tool_call=True),
    "the same call twice": Reply(calls=(SAID, SAID)),
    "all at once": Reply(SAID, whole=True),
    "call at once": Reply(SAID, whole=True, tool_call=True),
    "slow": Reply(json.dumps(GOOD, indent=1), word_delay=0.002),
}


@pytest.mark.parametrize("reply", GOOD_REPLIES.values(), ids=GOOD_REPLIES)
def test_an_object_in_any_wrapping_is_taken(server: ModelServer, ask: Ask, reply: Reply):
    server.default = reply
    answer = ask()
    assert (answer.typed, answer.notices) == (GOOD, ())
    assert (answer.model, answer.fingerprint) == ("openai:scripted-model", "fp_scripted")
    assert answer.tokens.total > 0


def test_the_model_is_told_what_is_wrong(server: ModelServer, ask: Ask):
    wrong = dumps(GOOD | {"품목": [LINE | {"count": "2"}], "total": 1})
    server.say(wrong, SAID)
    answer = ask()
    before, after = server.bodies[1]["messages"][-2:]
    assert before == {"role": "assistant", "content": wrong}
    assert "- 품목.0.count: Input should be a valid integer" in after["content"]
    assert "- total: Extra inputs are not permitted" in after["content"]
    assert answer.tokens.prompt == 22


def test_an_endless_object_is_not_sent_back_whole(server: ModelServer, ask: Ask):
    server.say("[" * 100_000, SAID)
    assert ask().typed == GOOD
    assert len(dumps(server.bodies[1]["messages"])) < 20_000


def test_after_a_broken_connection_the_same_is_asked(server: ModelServer, ask: Ask):
    server.say(Reply("{ " + SAID, drop_after=5), SAID)
    assert ask().typed == GOOD
    first, second = server.bodies
    assert first["messages"] == second["messages"]


@pytest.mark.parametrize("repairs", [0, 1, 4])
def test_the_number_of_repairs_is_a_setting(server: ModelServer, ask: Ask, repairs: int):
    server.default = Reply("{}")
    with pytest.raises(TypedAnswerError):
        ask(typed_repairs=repairs)
    assert len(server.bodies) == repairs + 1


# -- refusals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("whole", [True, False])
def test_a_refusal_of_the_model_is_shown_as_such(server: ModelServer, ask: Ask, whole: bool):
    server.default = Reply("", refusal="I will not list orders.", whole=whole)
    answer = ask()
    assert (answer.refused, answer.answer, answer.typed) == (True, "I will not list orders.", None)
    assert [body["stream"] for body in server.bodies] == ([True, False] if whole else [True])


@pytest.mark.parametrize(
    "words", ["I'm sorry, but I can't help with that.", "죄송하지만 답변할 수 없습니다."]
)
def test_a_refusal_in_words_is_shown_as_such(server: ModelServer, ask: Ask, words: str):
    server.default = Reply(words)
    answer = ask()
    assert (answer.refused, answer.answer, answer.typed) == (True, words, None)
    assert len(server.bodies) == 3


# -- what a server takes ----------------------------------------------------------------------------------

UNKNOWN = [
    Reply(status=400, error={"param": "response_format"}),
    Reply(status=400, error={"message": "json_schema is not supported by this model"}),
    Reply(status=400, error={"message": "Invalid request"}),
    Reply(status=422, error={"message": "response_format: extra fields not permitted"}),
    Reply(status=501, error={"message": "not implemented"}),
    Reply(status=500, error={"message": "failed to parse grammar"}),
    Reply(status=404, error={"message": "structured output is not available", "code": None}),
]


@pytest.mark.parametrize(
    "refused", UNKNOWN, ids=lambda reply: f"{reply.status} {reply.error.get('message', '')}"
)
def test_a_server_that_does_not_know_strict_schemas_is_asked_by_a_tool(
    server: ModelServer, ask: Ask, refused: Reply
):
    server.say(refused, Reply(SAID, tool_call=True))
    answer = ask()
    assert answer.typed == GOOD
    assert forms(server) == ["json_schema", "function_calling"]
    assert answer.trace is not None
    assert answer.trace.held_by == "function_calling"


def test_the_forms_go_down_to_words_alone(server: ModelServer, ask: Ask):
    server.reject("response_format", "tools")
    server.default = Reply(f"Here you are:\n```json\n{SAID}\n```\nAnything else?")
    answer = ask()
    assert answer.typed == GOOD
    assert forms(server) == ["json_schema", "function_calling", "json_object", "text"]
    assert '"품목"' in server.bodies[-1]["messages"][0]["content"]


def test_json_mode_comes_before_words(server: ModelServer, ask: Ask):
    refused = Reply(status=400)
    server.say(refused, refused, SAID)
    assert ask().typed == GOOD
    assert forms(server) == ["json_schema", "function_calling", "json_object"]


def test_what_a_server_takes_is_remembered(server: ModelServer, ask: Ask):
    server.say(Reply(status=400), SAID)
    ask()
    server.default = Reply(SAID)
    assert ask().typed == GOOD
    assert forms(server) == ["json_schema", "function_calling", "function_calling"]


def test_a_schema_that_a_server_does_not_like_says_nothing_of_others(server: ModelServer, ask: Ask):
    server.say(Reply(status=400, error={"message": "Invalid schema for response_format 'Order'"}), SAID)
    ask()
    server.default = Reply(SAID)
    ask()
    assert forms(server) == ["json_schema", "function_calling", "json_schema"]


def test_a_server_that_only_pretends_to_hold_the_model_is_asked_in_another_form(
    server: ModelServer, ask: Ask
):
    server.say("Two pens.", "Two pens, as I said.", SAID)
    assert ask().typed == GOOD
    server.default = Reply(SAID)
    ask()
    assert forms(server) == ["json_schema", "function_calling", "json_object", "json_object"]


def test_content_instead_of_a_tool_call_is_taken(server: ModelServer, ask: Ask):
    server.say(Reply(status=400), Reply(SAID))
    assert ask().typed == GOOD


def test_a_repair_stays_with_the_form_that_the_server_takes(server: ModelServer, ask: Ask):
    server.say(Reply(status=400), "{", SAID)
    assert ask().typed == GOOD
    assert forms(server) == ["json_schema", "function_calling", "function_calling"]


def test_a_server_that_takes_nothing_is_an_error(server: ModelServer, ask: Ask):
    server.default = Reply(status=400)
    with pytest.raises(ModelRejectedError, match="400"):
        ask()
    assert len(server.bodies) == 4


def test_another_error_is_told_as_it_is(server: ModelServer, ask: Ask):
    server.say(Reply(status=401))
    with pytest.raises(ModelAuthError):
        ask()
    assert len(server.bodies) == 1


def test_a_rejected_parameter_is_left_out(server: ModelServer, ask: Ask):
    server.reject("temperature")
    server.default = Reply(SAID)
    answer = ask()
    assert (answer.typed, answer.temperature) == (GOOD, None)
    assert [notice.code for notice in answer.notices] == ["parameter_dropped"]
    assert forms(server) == ["json_schema", "json_schema"]


def test_the_fallback_model_has_forms_of_its_own(server: ModelServer, ask: Ask):
    server.say(Reply(status=503), Reply(status=400), SAID)
    model = model_of(server, llm_model="first", llm_fallback_model="second")
    answer = ask(model=model)
    assert answer.typed == GOOD
    assert [body["model"] for body in server.bodies] == ["first", "second", "second"]
    assert answer.notices[0].code == "fallback_model"


def test_what_is_told_is_told_once(server: ModelServer, ask: Ask):
    server.say("{", "{", SAID)
    notices = ask().notices
    assert notices == (Notice(code="typed_repair", values={"field": "–"}),)


# -- longest length ---------------------------------------------------------------------------------------


def test_an_object_that_is_no_list_and_too_long_names_the_setting(server: ModelServer, ask: Ask):
    cited = dumps({"answer": "Employees have 25 days [1].", "citations": [1], "confidence": 0.9})
    schema = Schema("note", Line)
    server.default = Reply(dumps(LINE)[:25], finish="length")
    with pytest.raises(TypedAnswerError, match="DOCENT_MAX_TOKENS") as raised:
        ask(schema)
    assert len(server.bodies) == 1
    assert raised.value.values["field"] == "count"
    server.default = replace(server.default, text=cited)
    with pytest.raises(TypedAnswerError, match="DOCENT_MAX_TOKENS"):
        ask(Schema("cited_answer", CitedAnswer))


def test_a_list_whose_end_is_there_and_that_was_cut_is_not_taken_for_complete(server: ModelServer, ask: Ask):
    server.default = Reply(SAID, finish="length")
    found = Found(hits(chunk("One line.", "order.md")))
    with pytest.raises(TypedAnswerError, match="cut off"):
        ask(found=found)
