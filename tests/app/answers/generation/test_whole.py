"""Lists come whole: by parts where passages or answers are too long, each thing once; partials stream."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import BaseModel
from support.model_server import ModelServer, Reply
from support.passages import Found, chunk, hits

from app.answers.extraction import typed_answer, typed_stream
from app.answers.generation import merging
from app.answers.generation.parts import halves, parts
from app.answers.model_filler import ModelFiller
from app.answers.schemas import Schema
from app.answers.schemas.fields import fields_of
from app.chat.context import Passage, passages
from app.chat.pipeline import Pipeline
from app.config import Settings
from app.errors import ModelRejectedError, TypedAnswerError
from app.llm import ChatModel, chat_model
from app.schemas import Chunk, Done, Event, Partial, Question, Support, Told


class Person(BaseModel):
    name: str
    desk: int | None = None


class People(BaseModel):
    title: str | None = None
    people: list[Person]


PEOPLE = Schema("people", People)
NAMES = [f"Person-{chr(65 + i // 26)}{chr(65 + i % 26)}" for i in range(120)]


def table(names: list[str]) -> str:
    rows = "\n".join(f"| {name} | {100 + NAMES.index(name)} |" for name in names)
    return f"| name | desk |\n|---|---|\n{rows}"


def document(count: int, rows: int) -> Found:
    """Chunks of so many people each."""
    chunks = [chunk(table(NAMES[i * rows : (i + 1) * rows]), "desks.md", i) for i in range(count)]
    return Found(hits(*chunks, best=1.0 + count * 0.05))


class Reader(ModelServer):
    """A model that lists all people of the passages that it is shown, as far as its answers are long."""

    longest = 10**9
    context = 10**9
    forgets = False

    def next_reply(self, body: dict[str, Any]) -> Reply:
        if self._script:
            return super().next_reply(body)
        shown = body["messages"][1]["content"]
        if len(shown) > self.context:
            error = {"message": "maximum context length exceeded", "code": "context_length_exceeded"}
            return Reply(status=400, error=error)
        found = re.findall(r"\| (Person-\w+) \| (\d+) \|", shown)
        people = [{"name": name, "desk": int(desk)} for name, desk in found]
        said = json.dumps({"title": None, "people": people})
        cut = len(said) > self.longest
        return Reply(
            said[: self.longest], finish="length" if cut else "stop", word_delay=self.default.word_delay
        )


@pytest.fixture(scope="module")
def serving() -> Iterator[tuple[Reader, ChatModel]]:
    with Reader() as server:
        model = chat_model(Settings(llm_base_url=server.url, llm_model="scripted-model", llm_retries=0))
        assert model is not None
        yield server, model


@pytest.fixture
def server(serving: tuple[Reader, ChatModel]) -> Reader:
    serving[0].reset()
    serving[0].longest = serving[0].context = 10**9
    return serving[0]


@pytest.fixture
def pipeline(serving: tuple[Reader, ChatModel]) -> Callable[..., Pipeline]:
    def made(found: Found, **settings: Any) -> Pipeline:
        return Pipeline(found, serving[1], Settings(**settings))

    return made


Make = Callable[..., Pipeline]
WHO = Question(text="Who sits where?")


def named(typed: dict[str, Any] | None) -> list[str]:
    assert typed is not None
    return [one["name"] for one in typed["people"]]


def test_a_list_that_one_prompt_holds_is_asked_for_once(server: Reader, pipeline: Make):
    answer = typed_answer(pipeline(document(4, 10)), WHO, PEOPLE)
    assert named(answer.typed) == NAMES[:40]
    assert len(server.bodies) == 1
    assert all(one.support is Support.SUPPORTED for one in answer.evidence if one.path != "title")


def test_more_than_the_model_may_say_comes_in_parts_and_whole(server: Reader, pipeline: Make):
    server.longest = 700
    answer = typed_answer(pipeline(document(12, 10)), WHO, PEOPLE)
    assert sorted(named(answer.typed)) == sorted(NAMES)
    assert answer.trace is not None
    assert answer.trace.parts == len(server.bodies) > 8
    assert {one.citation.n for one in answer.evidence if one.citation} == set(range(1, 121))
    assert answer.tokens.prompt == 11 * len(server.bodies)


def test_even_one_long_table_is_divided_and_keeps_its_head(server: Reader, pipeline: Make):
    server.longest = 500
    answer = typed_answer(pipeline(document(1, 40)), WHO, PEOPLE)
    assert named(answer.typed) == NAMES[:40]
    assert all("| name | desk |" in body["messages"][1]["content"] for body in server.bodies)


def test_a_list_that_cannot_be_divided_further_is_an_error(server: Reader, pipeline: Make):
    server.longest = 20
    with pytest.raises(TypedAnswerError, match="DOCENT_MAX_TOKENS"):
        typed_answer(pipeline(document(2, 3)), WHO, PEOPLE)


def test_more_than_the_server_can_read_is_read_in_parts(server: Reader, pipeline: Make):
    server.context = 1500
    answer = typed_answer(pipeline(document(12, 10)), WHO, PEOPLE)
    assert sorted(named(answer.typed)) == sorted(NAMES)


def test_what_is_too_long_for_the_server_without_a_list_is_its_error(server: Reader, pipeline: Make):
    server.context = 10
    with pytest.raises(ModelRejectedError):
        typed_answer(pipeline(document(2, 3)), WHO, Schema("person", Person))


def test_a_part_that_the_model_declines_is_told(server: Reader, pipeline: Make):
    server.longest = 900
    server.say(Reply(json.dumps({"people": []}), finish="length"), Reply("", refusal="No."))
    answer = typed_answer(pipeline(document(2, 10)), WHO, PEOPLE)
    assert named(answer.typed) == NAMES[10:20]
    assert [(one.code, one.values) for one in answer.notices] == [("part_declined", {"count": "1"})]


@pytest.mark.usefixtures("server")
def test_a_list_of_things_reads_more_passages(pipeline: Make):
    found = document(12, 2)
    typed_answer(pipeline(found), WHO, PEOPLE)
    typed_answer(pipeline(found), WHO.model_copy(update={"top_k": 3}), PEOPLE)
    assert [k for _, k in found.asked] == [20, 3]


# -- streaming ---------------------------------------------------------------------------------------------


def test_partial_objects_stream(server: Reader, pipeline: Make):
    server.default = Reply(word_delay=0.01)
    events = list(typed_stream(pipeline(document(1, 10)), WHO, PEOPLE))
    kinds = list(dict.fromkeys(event.kind for event in events))
    assert kinds == ["condensed", "retrieved", "prepared", "partial", "done"]
    partial = [event.data for event in events if isinstance(event, Partial)]
    sizes = [len(data.get("people", [])) for data in partial]
    assert sizes == sorted(sizes)
    assert 1 <= len(set(sizes)) <= 10
    assert isinstance(events[-1], Done)
    assert events[-1].answer.typed is not None


def test_partial_objects_of_later_parts_hold_the_earlier_ones(server: Reader, pipeline: Make):
    server.longest = 400
    events = list(typed_stream(pipeline(document(2, 8)), WHO, PEOPLE))
    last = [event.data for event in events if isinstance(event, Partial)][-1]
    assert last["people"][0]["name"] == NAMES[0]
    assert len(last["people"]) > 8


def test_what_goes_wrong_on_the_way_is_told_between(server: Reader, pipeline: Make):
    server.say("{")
    events = list(typed_stream(pipeline(document(1, 2)), WHO, PEOPLE))
    assert [event.notice.code for event in events if isinstance(event, Told)] == ["typed_repair"]


def test_a_stopped_answer_ends_without_half_an_object(server: Reader, pipeline: Make):
    cancelled = threading.Event()
    server.default = Reply(word_delay=0.05)
    seen: list[Event] = []
    for event in typed_stream(pipeline(document(2, 40)), WHO, PEOPLE, cancelled):
        seen.append(event)
        if isinstance(event, Partial):
            cancelled.set()
    assert isinstance(seen[-1], Partial)
    assert server.disconnected.wait(5)
    server.disconnected.clear()


# -- one document ------------------------------------------------------------------------------------------


def chunks(count: int, rows: int) -> list[Chunk]:
    return [hit.chunk for hit in document(count, rows).hits]


def filler(serving: tuple[Reader, ChatModel], schema: Schema, **settings: Any) -> ModelFiller:
    return ModelFiller(schema, serving[1], Settings(**settings))


def test_a_document_is_filled(server: Reader, serving: tuple[Reader, ChatModel]):
    [filled] = filler(serving, PEOPLE).fill(chunks(3, 10))
    assert named(filled.data) == NAMES[:30]
    assert filled.evidence[1].citation is not None
    assert filled.evidence[1].citation.source == "desks.md"
    [body] = server.bodies
    sent = body["response_format"]["json_schema"]["schema"]
    assert sent["$defs"]["Person"]["properties"]["name"]["type"] == ["string", "null"]


def test_each_record_of_a_document_is_an_object(server: Reader, serving: tuple[Reader, ChatModel]):
    said = [{"name": name, "desk": 100 + n} for n, name in enumerate(NAMES[:3])]
    said[2]["desk"] = 100  # another one's
    server.say(json.dumps({"records": said}))
    first, second, third = filler(serving, Schema("person", Person, many=True)).fill(chunks(1, 3))
    assert (first.data, second.data) == ({"name": NAMES[0], "desk": 100}, {"name": NAMES[1], "desk": 101})
    assert third.data == {"name": NAMES[2], "desk": None}
    assert [one.path for one in third.evidence] == ["name", "desk"]
    assert third.evidence[1].reasons[0].code == "no_support"


def test_a_document_need_not_have_all_that_a_schema_requires(
    server: Reader, serving: tuple[Reader, ChatModel]
):
    server.say(json.dumps({"name": None, "desk": 101}))
    [filled] = filler(serving, Schema("person", Person)).fill(chunks(1, 3))
    assert filled.data == {"name": None, "desk": 101}
    assert filled.evidence[0].reasons[0].code == "not_found"


def test_single_values_are_taken_from_the_part_that_says_them(
    server: Reader, serving: tuple[Reader, ChatModel]
):
    text = "The name of this report is Desks. " + "It says nothing else here. " * 1000
    long = [chunk(text, "a.md", 0), chunk("Its title is Desk Plan." + " Nothing more." * 1500, "a.md", 1)]
    server.say(
        json.dumps({"name": "Plan Nine", "desk": None}), json.dumps({"name": "Desk Plan", "desk": None})
    )
    [filled] = filler(serving, Schema("person", Person)).fill(long)
    assert len(server.bodies) == 2
    assert filled.data["name"] == "Desk Plan"


def test_a_document_that_the_model_declines_is_an_error(server: Reader, serving: tuple[Reader, ChatModel]):
    server.say(Reply("", refusal="I will not read this."))
    with pytest.raises(TypedAnswerError, match="I will not read this"):
        filler(serving, PEOPLE).fill(chunks(1, 3))


def test_an_empty_document_is_not_asked_about(server: Reader, serving: tuple[Reader, ChatModel]):
    assert filler(serving, Schema("person", Person, many=True)).fill([]) == []
    [filled] = filler(serving, PEOPLE).fill([])
    assert filled.data == {"title": None, "people": []}
    assert server.requests == []


# -- putting together --------------------------------------------------------------------------------------


class Drug(BaseModel):
    name: str
    dose: float | None = None
    uses: list[str] = []


class Box(BaseModel):
    drugs: list[Drug]
    tags: list[str] = []
    lead: Drug | None = None


FIELDS = fields_of(Box.model_json_schema())


def drug(name: str, dose: float | None = None, *uses: str) -> dict[str, Any]:
    return {"name": name, "dose": dose, "uses": list(uses)}


MERGES = [
    ([drug("A", 1)], [drug("B", 2)], [drug("A", 1), drug("B", 2)]),
    ([drug("A", 1)], [drug("A", 1)], [drug("A", 1)]),
    ([drug("A", 1)], [drug(" a ", 1)], [drug("A", 1)]),
    ([drug("A", 1)], [drug("A", 2)], [drug("A", 1), drug("A", 2)]),
    ([drug("A")], [drug("A", 2, "x")], [drug("A", 2, "x")]),
    ([drug("A", 1, "x")], [drug("A", 1, "y", "X")], [drug("A", 1, "x", "y")]),
    ([drug("A", 1), drug("A", 1)], [drug("A", 1)], [drug("A", 1), drug("A", 1)]),
    ([drug("A", 1)], [drug("A", 1), drug("A", 1)], [drug("A", 1), drug("A", 1)]),
]


@pytest.mark.parametrize(("one", "other", "merged"), MERGES)
def test_the_same_thing_stands_in_a_list_once(
    one: list[dict[str, Any]], other: list[dict[str, Any]], merged: list[dict[str, Any]]
):
    assert merging.merged([{"drugs": one}, {"drugs": other}], FIELDS)["drugs"] == merged


def test_texts_and_objects_are_joined():
    one = {"drugs": [], "tags": ["가", "b"], "lead": {"name": "A", "dose": None, "uses": []}}
    other = {"drugs": [], "tags": ["B", "c"], "lead": {"name": "Z", "dose": 3, "uses": ["x"]}}
    made = merging.merged([one, other], FIELDS)
    assert made["tags"] == ["가", "b", "c"]
    assert made["lead"] == {"name": "A", "dose": 3, "uses": ["x"]}


def test_parts_hold_every_passage_once():
    found = passages(document(12, 10).hits, None, 10**9)
    groups = parts(found, 300)
    assert [one for group in groups for one in group] == list(found)
    assert len(groups) > 3
    whole: list[tuple[Passage, ...]] = [tuple(found)]
    seen = 0
    while whole:
        divided = halves(whole.pop())
        if divided is not None:
            whole += divided
            seen += 1
    assert seen > 100
