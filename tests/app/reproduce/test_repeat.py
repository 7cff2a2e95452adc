"""A kept answer made again, and what is told of the differences."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.answers import answer
from support.model_server import ModelServer

from app.errors import NotFoundError
from app.history import Message
from app.reproduce import Comparison, compare
from app.runtime import Runtime
from app.schemas import Event, Question, Sampling, Trace
from prompts.changes import change_text, codes

Ask = Callable[..., Message]
Again = Callable[[Callable[[threading.Event], Iterator[Event]], Message], Message]


def repeated(runtime: Runtime, again: Again, first: Message) -> Message:
    return again(lambda cancelled: runtime.repeat(first.id, cancelled), first)


def compared(runtime: Runtime, first: Message, second: Message) -> Comparison:
    was, now = runtime.history.traces.of(first.id), runtime.history.traces.of(second.id)
    assert was and now and first.answer and second.answer
    assert now.repeats == first.id
    return compare(first.answer, second.answer, was, now)


def found(outcome: Comparison) -> list[str]:
    return [one.code for one in outcome.findings]


def test_the_same_request_is_sent_again(runtime: Runtime, ask: Ask, again: Again, model_server: ModelServer):
    model_server.say("It is 25 days [1].", "It is 25 days [1].")
    sampling = Sampling(seed=7, temperature=0.4, top_p=0.9, max_tokens=99)
    first = ask("How many days of leave?", sampling=sampling, top_k=1)
    second = repeated(runtime, again, first)
    once, twice = model_server.bodies
    assert once == twice
    assert (once["seed"], once["temperature"], once["top_p"]) == (7, 0.4, 0.9)
    assert second.parent_id == first.parent_id
    outcome = compared(runtime, first, second)
    assert outcome.same and outcome.likeness == 1.0
    assert found(outcome) == [
        "words_same",
        "fingerprint_same",
        "seed_same",
        "documents_same",
        "prompt_same",
        "settings_same",
        "version_same",
    ]
    assert {one.state for one in outcome.findings} == {"same"}


def test_other_words_and_a_random_seed_are_told(
    runtime: Runtime, ask: Ask, again: Again, model_server: ModelServer
):
    model_server.say("It is 25 days [1].", "There are 25 days of leave [1].")
    first = ask("How many days of leave?")
    outcome = compared(runtime, first, repeated(runtime, again, first))
    assert not outcome.same and 0 < outcome.likeness < 1
    assert found(outcome)[:3] == ["words_changed", "fingerprint_same", "seed_none"]


def test_changed_documents_are_told(runtime: Runtime, ask: Ask, again: Again, folder: Path):
    first = ask("연차 휴가는 며칠인가요?", model="none")
    (folder / "휴가.md").write_text("# 휴가 규정\n\n연차 휴가는 1년에 20일입니다.\n", encoding="utf-8")
    runtime.ingest([folder])
    second = repeated(runtime, again, first)
    assert "15일" in first.content and "20일" in second.content
    outcome = compared(runtime, first, second)
    assert found(outcome)[:3] == ["words_changed", "model_none", "documents_both"]
    told = outcome.findings[2]
    assert "휴가.md" in told.values["come"] and "휴가.md" in told.values["gone"]


def test_a_collection_that_moved_on_elsewhere_is_told_as_such(
    runtime: Runtime, ask: Ask, again: Again, folder: Path
):
    first = ask("How many days of paid leave does every employee have?", model="none", top_k=1)
    (folder / "other.md").write_text("# Canteen\n\nLunch is served at noon.\n")
    runtime.ingest([folder])
    outcome = compared(runtime, first, repeated(runtime, again, first))
    assert outcome.same
    assert found(outcome)[2] == "documents_other_state"


def test_what_is_no_answer_or_has_no_record_cannot_be_repeated(runtime: Runtime, ask: Ask):
    first = ask("How many days of leave?", model="none")
    assert first.parent_id is not None
    for wrong in (first.parent_id, "no-such-message"):
        with pytest.raises(NotFoundError):
            runtime.repeat(wrong)


# -- what may change, one by one -----------------------------------------------------------------------------


def trace(**changes: object) -> Trace:
    asked = Question(text="q", model="openai:m", top_k=6)
    given: dict[str, object] = {
        "version": "1.0", "asked": asked, "collection": "hr", "generation": 3, "embedding": "built-in",
        "model": "openai:m", "fingerprint": "fp_1", "sampling": Sampling(seed=7), "prompt_hash": "aa",
        "prompt": ({"role": "user", "content": "q"},), "templates": {"answer": "1"},
        "settings": {"mmr": None},
    }  # fmt: skip
    return Trace.model_validate({**given, **changes})


@pytest.mark.parametrize(
    ("changes", "code", "state"),
    [
        ({"fingerprint": "fp_2"}, "fingerprint_changed", "changed"),
        ({"fingerprint": None}, "fingerprint_unknown", "unknown"),
        ({"model": "openai:n"}, "model_changed", "changed"),
        ({"sampling": Sampling(seed=8)}, "seed_changed", "changed"),
        ({"generation": 4}, "documents_other_state_none", "same"),
        ({"embedding": "another"}, "embedding_changed", "changed"),
        ({"templates": {"answer": "2"}, "prompt_hash": "bb"}, "templates_changed", "changed"),
        ({"prompt_hash": "bb"}, "prompt_changed", "changed"),
        ({"settings": {"mmr": 0.5}}, "settings_changed", "changed"),
        ({"sampling": Sampling(seed=7, temperature=1.0)}, "settings_changed", "changed"),
        ({"threshold": 0.2}, "settings_changed", "changed"),
        ({"version": "2.0"}, "version_changed", "changed"),
    ],
)
def test_each_change_is_told_in_a_sentence(changes: dict[str, object], code: str, state: str):
    outcome = compare(answer(), answer(), trace(), trace(**changes))
    [told] = [one for one in outcome.findings if one.code == code]
    assert told.state == state
    for language in ("en", "ko"):
        sentence = change_text(told.code, told.values, language)
        assert len(sentence) > 10 and "…" not in sentence and "{" not in sentence
    others = [one for one in outcome.findings if one.state == "changed" and one.code != code]
    assert others == []


def test_there_is_a_sentence_for_each_finding():
    source = Path(sys.modules["app.reproduce.compare"].__file__ or "").read_text(encoding="utf-8")
    named = set(re.findall(r'code(?: =|=) ?"([a-z_]+)"', source)) | set(
        re.findall(r'"([a-z]+_[a-z]+)" if', source)
    )
    assert len(named) > 10
    assert named <= codes()
