"""Tasks on whole documents: how they are asked for, what they read, and say with or without a model."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from support.model_server import ModelServer

from app.chat.context import PASSAGE_TOKENS, Passage, passages_text
from app.chat.tasks import command_text, read
from app.chat.tasks.comparison import comparison
from app.chat.tasks.documents import evenly
from app.chat.tasks.summary import length_of, summary
from app.chat.tokens import count_tokens
from app.config import load_settings
from app.errors import ConfigurationError, NotFoundError, UsageError
from app.prompting import LIBRARY
from app.runtime import Runtime, build
from app.schemas import Answer, PromptChoice, Question
from prompts.library import Kind, Part

LEAVE = """# Leave

Every employee has 25 days of paid leave a year. Unused days of leave expire on 31 March.

# Sick leave

A note of a doctor is needed from the third day of illness. Larkspur pays the full salary for twelve weeks.

# Remote work

Working from home is possible on three days a week after the trial period.
"""
TRAVEL = """# Travel

Every employee has 10 days to hand in receipts. Managers approve a journey five days ahead.

# Leave

Interns have 12 days of paid leave a year.
"""
KOREAN = "# 휴가 규정\n\n연차 휴가는 1년에 15일입니다. 병가는 진단서를 내면 60일까지 쓸 수 있습니다.\n"
LONG = "# Chapters\n\n" + "\n\n".join(
    f"# Chapter {n}\n\nChapter {n} tells of machine {n} in hall {n}, which is served by team {n} every week. "
    + f"The filter number {n} of it is cleaned, dried and put back by a trained colleague of that team. " * 4
    for n in range(150)
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """One collection for all, which nothing here changes."""
    folder = tmp_path_factory.mktemp("tasks")
    files = folder / "files" / "hr"
    files.mkdir(parents=True)
    for name, text in (("leave.md", LEAVE), ("travel.md", TRAVEL), ("휴가.md", KOREAN), ("long.md", LONG)):
        (files / name).write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCENT_ENV_FILE", str(folder / "none"))
        with build(load_settings(data_dir=folder / "data")) as runtime:
            runtime.ingest([folder / "files"])
            yield runtime


def with_model(shared: Runtime, server: ModelServer) -> Runtime:
    return build(shared.settings.model_copy(update={"llm_base_url": server.url}))


def find(name: str) -> Part:
    return LIBRARY.find(Kind.TASK, name)


def ask(runtime: Runtime, text: str, **choice: str) -> Answer:
    return runtime.answer(Question(text=text, prompt=PromptChoice(**choice)))


# -- how they are asked for ------------------------------------------------------------------------------


def test_a_command_is_taken_apart():
    command = read(
        '/summarise @a.md @"my file.pdf" length="three \\"short\\" sentences" mind the dates x=1', find
    )
    assert command is not None
    assert (command.part.name, command.documents) == ("summarise", ("a.md", "my file.pdf"))
    assert command.values == {"length": 'three "short" sentences'}
    assert command.text == "mind the dates x=1"


@pytest.mark.parametrize(
    "text", ["/etc/passwd rights?", "/nothing @a.md", "summarise @a.md", "/", "", "/a @b"]
)
def test_what_names_no_task_is_a_question(text: str):
    assert read(text, find) is None


@pytest.mark.parametrize("called", ["summarise", "요약", "문서_요약", '"문서 요약"', "Summarise_a_document"])
def test_a_task_is_found_by_its_title(called: str):
    command = read(f"/{called} @x.md", find)
    assert command is not None and command.part.name == "summarise"


@pytest.mark.parametrize(
    "documents", [("a.md",), ("my file.pdf", 'q"uote.md'), ("back\\slash.md", "휴가 규정.hwp"), ()]
)
def test_what_is_written_is_read_again(documents: tuple[str, ...]):
    values = {"length": "two  sentences", "focus": '"costs" = high'}
    command = read(command_text("summarise", documents, values, "and be kind"), find)
    assert command is not None
    assert command.documents == documents
    assert command.values == {"length": "two sentences", "focus": '"costs" = high'}
    assert command.text == "and be kind"


# -- what they read --------------------------------------------------------------------------------------


def test_a_summary_without_a_model_is_of_the_document_alone_in_its_order(shared: Runtime):
    answer = ask(shared, "/summarise @leave.md")
    assert {one.source for one in answer.citations} == {"hr/leave.md"}
    assert answer.score == 1.0 and not answer.refused
    places = [answer.answer.index(part) for part in ("25 days", "doctor", "Working from home")]
    assert places == sorted(places)
    assert [used.name for used in answer.prompts] == ["summarise"]
    assert answer.model_dump(exclude={"seconds"}) == ask(shared, "/summarise @leave.md").model_dump(
        exclude={"seconds"}
    )


@pytest.mark.parametrize(("wish", "count"), [("one sentence", 1), ("두 문장", 2), ("3", 3)])
def test_a_summary_is_as_long_as_is_wished(shared: Runtime, wish: str, count: int):
    answer = ask(shared, command_text("summarise", ["leave.md"], {"length": wish}))
    assert len(answer.sentences) == count


@pytest.mark.parametrize(
    ("wish", "count"),
    [
        ("about eight sentences", 8),
        ("여덟 문장 정도", 8),
        ("one page", 15),
        ("99", 20),
        ("short", 8),
        ("다섯 문장", 5),
    ],
)
def test_lengths_are_read_in_both_languages(wish: str, count: int):
    assert length_of(wish) == count


def test_a_long_document_is_read_evenly_and_that_is_told(shared: Runtime):
    pipeline = shared.pipeline()
    _, hits, passages = pipeline.retrieve(Question(text="/summarise @long.md"))
    ordinals = [hit.chunk.ordinal for hit in hits]
    assert ordinals == sorted(set(ordinals)) and len(passages) == len(hits)
    assert ordinals[0] == 0 and ordinals[-1] == max(ordinals) > 100
    gaps = [after - before for before, after in pairwise(ordinals)]
    assert max(gaps) - min(gaps) <= 1 < max(gaps)
    assert PASSAGE_TOKENS * 0.8 < count_tokens(passages_text(passages)) <= PASSAGE_TOKENS
    answer = ask(shared, "/summarise @long.md")
    [notice] = [one for one in answer.notices if one.code == "document_sampled"]
    assert notice.values["source"] == "hr/long.md"
    assert int(notice.values["shown"]) == len(hits) < int(notice.values["total"])


def test_evenly_keeps_the_ends():
    assert list(evenly(range(100), 5)) == [0, 25, 50, 74, 99]
    assert list(evenly([1, 2], 5)) == [1, 2] and list(evenly([1, 2], 1)) == [1]


def test_a_comparison_without_a_model_sets_alike_sentences_side_by_side(shared: Runtime):
    answer = ask(shared, "/compare @leave.md @travel.md").answer
    first, second = answer.split("#### hr/travel.md")
    assert first.startswith("#### hr/leave.md")
    assert "25 days of paid leave" in first and "12 days of paid leave" in second
    by_costs = ask(shared, "/compare @leave.md @travel.md aspect=receipts").answer
    assert "receipts" in by_costs.split("#### hr/travel.md")[1]


def test_what_is_asked_for_is_extracted_without_a_model(shared: Runtime):
    answer = ask(shared, '/extract @leave.md what="illness doctor"')
    assert "doctor" in answer.answer and {one.source for one in answer.citations} == {"hr/leave.md"}


def test_no_documents_no_sentences():
    assert summary([], 5) == "" and comparison([("a", []), ("b", [])]) == ""


# -- what they need --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("/summarise", UsageError, r"at least one document, and 0 are named.*hr/leave\.md"),
        ("/compare @leave.md", UsageError, "at least 2 documents, and 1 are named"),
        ("/summarise @leaf.md", NotFoundError, r"no document 'leaf\.md'.*Closest: hr/leave\.md"),
        ("/quiz @leave.md", ConfigurationError, "'Quiz' needs a language model.*DOCENT_LLM_MODEL"),
        ("/퀴즈 @leave.md", ConfigurationError, "'퀴즈' needs a language model"),
        ("/extract @leave.md", ConfigurationError, "needs a value for: what"),
        ("/translate @leave.md", ConfigurationError, "needs"),
    ],
)
def test_what_is_missing_is_said(shared: Runtime, text: str, error: type[Exception], said: str):
    with pytest.raises(error, match=said):
        ask(shared, text)


def test_filters_choose_documents_as_well(shared: Runtime):
    answer = shared.answer(Question(text="/summarise", where={"source": ("travel.md",)}))
    assert {one.source for one in answer.citations} == {"hr/travel.md"}


# -- with a model ----------------------------------------------------------------------------------------


def test_a_model_is_told_the_task_and_sees_the_whole_document_in_order(
    shared: Runtime, model_server: ModelServer
):
    model_server.say("Employees have 25 days [1].")
    with with_model(shared, model_server) as runtime:
        answer = ask(runtime, "/summarise @leave.md length=briefly mind the notes", role="auditor")
    system, human = (message["content"] for message in model_server.bodies[-1]["messages"])
    assert "strict auditor" in system and "The rules above hold whatever" in system
    question = human.rpartition("Question: ")[2]
    assert question.startswith("Summarise “hr/leave.md” in briefly.") and question.endswith("mind the notes")
    assert human.index("25 days") < human.index("doctor") < human.index("Working from home")
    assert "receipts" not in human
    assert [(one.kind, one.name) for one in answer.prompts] == [
        ("role", "auditor"),
        ("style", "plain"),
        ("examples", "none"),
        ("task", "summarise"),
    ]
    assert answer.question.startswith("/summarise") and answer.citations


def test_a_korean_name_makes_a_korean_task(shared: Runtime, model_server: ModelServer):
    model_server.say("연차는 15일입니다 [1].")
    with with_model(shared, model_server) as runtime:
        ask(runtime, "/퀴즈 @휴가.md count=3", role="advisor")
    system, human = (message["content"] for message in model_server.bodies[-1]["messages"])
    assert "퀴즈를 3문제 만드세요" in human and "당신은 전문 상담원입니다" in system


def test_an_own_task_reads_documents_like_those_of_the_library(shared: Runtime, model_server: ModelServer):
    given = {
        "kind": "task",
        "name": "haiku",
        "title": "Haiku",
        "text": "A haiku on {documents}: {question} </passage>",
    }
    with with_model(shared, model_server) as runtime:
        kept = runtime.prompts.save(Part.model_validate(given))
        model_server.say("Days of leave [1].")
        answer = ask(runtime, "/haiku @leave.md about spring")
    asked = model_server.bodies[-1]["messages"][-1]["content"].rpartition("Question: ")[2]
    assert asked == "A haiku on “hr/leave.md”: about spring ‹/passage>"
    assert (answer.prompts[-1].name, answer.prompts[-1].version, answer.prompts[-1].hash) == (
        "haiku",
        1,
        kept.hash,
    )


def test_the_record_asks_for_the_same_version_again(shared: Runtime, model_server: ModelServer):
    def role(text: str) -> Part:
        return Part.model_validate({"kind": "role", "name": "captain", "title": "Captain", "text": text})

    with with_model(shared, model_server) as runtime:
        kept = runtime.prompts.save(role("You are a captain."))
        model_server.say("25 days [1].", "25 days [1].")
        answer = ask(runtime, "How many days of paid leave?", role="captain", style="short")
        runtime.prompts.save(role("You are a pirate."))
        assert answer.trace is not None
        runtime.answer(answer.trace.asked)
    assert answer.trace.asked.prompt == PromptChoice(role="captain@1", style="short", examples="none")
    assert answer.trace.templates["roles/captain@1"] == kept.hash
    first, second = (body["messages"][0]["content"] for body in model_server.bodies[-2:])
    assert first == second and first.startswith("You are a captain.")


def test_the_preview_is_what_is_sent(shared: Runtime, model_server: ModelServer):
    model_server.say("Employees have 25 days [1].", "Short [1].")
    with with_model(shared, model_server) as runtime:
        for text in ("How many days of paid leave?", "/summarise @leave.md"):
            question = Question(
                text=text, prompt=PromptChoice(role="teacher", values={"audience": "pirates"})
            )
            seen = runtime.pipeline().preview(question)
            runtime.answer(question)
            system, human = (message["content"] for message in model_server.bodies[-1]["messages"])
            assert (seen.system, seen.human) == (system, human)
            assert "to pirates:" in system and seen.tokens > 300 and seen.passages > 0


def test_numbers_of_passages_are_those_of_the_document(shared: Runtime):
    _, _, passages = shared.pipeline().retrieve(Question(text="/summarise @leave.md"))
    assert [passage.n for passage in passages] == [*range(1, len(passages) + 1)]
    assert all(isinstance(passage, Passage) and len(passage.chunks) == 1 for passage in passages)
