"""Typed answers on servers that others wrote: grammars, seeds and streams of tiny models of random weights.

What was seen: llama-cpp-python 0.3.36 answers `json_schema` with 500, and holds the arguments of a tool to
their schema by a grammar; transformers 5.23 ignores `response_format` and says whatever its model says.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from langchain_core.messages import HumanMessage
from pydantic import BaseModel, ConfigDict
from support.engines import LLAMA, TRANSFORMERS, Engine, Kind, running

from app.answers.extraction import typed_answer
from app.answers.generation.asking import Asker, Object
from app.answers.generation.json_text import CutOff
from app.answers.schemas.schema import Schema
from app.config import Settings, load_settings
from app.errors import TypedAnswerError
from app.llm import ChatModel, chat_model
from app.runtime import build
from app.schemas import Question, Sampling, Support

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ASKED = [HumanMessage(content="How much leave is there?")]


class Leave(BaseModel):
    model_config = ConfigDict(extra="forbid")

    days: int
    kind: Literal["paid", "unpaid"]
    carried_over: bool


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    yield from engine(LLAMA, tmp_path_factory.mktemp("llama"))


@pytest.fixture(scope="module")
def transformer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    yield from engine(TRANSFORMERS, tmp_path_factory.mktemp("transformer"))


def engine(kind: Kind, folder: Path) -> Iterator[Engine]:
    python = kind.python()
    if python is None:
        pytest.skip(kind.reason)
    with running(kind, folder, python) as found:
        yield found


def settings_for(found: Engine, folder: Path) -> Settings:
    return load_settings(
        data_dir=folder,
        llm_base_url=found.url,
        llm_model=f"openai:{found.model}",
        max_tokens=200,
        temperature=0.8,
    )


def model_on(found: Engine, folder: Path) -> ChatModel:
    model = chat_model(settings_for(found, folder))
    assert model is not None
    return model


def asked(model: ChatModel, seed: int) -> tuple[Asker, Object, int]:
    """What came of asking for an object, and how often a part of it was shown before."""
    asker = Asker(
        model, Schema("leave", Leave), sampling=Sampling(temperature=0.8, seed=seed, max_tokens=200)
    )
    partials, shown = asker.ask(ASKED), 0
    while True:
        try:
            next(partials)
            shown += 1
        except StopIteration as end:
            return asker, end.value, shown


def words(model: ChatModel, seed: int) -> list[str]:
    sampling = Sampling(temperature=0.8, seed=seed, max_tokens=40)
    return [chunk.text for chunk in model.stream(ASKED, sampling=sampling) if chunk.text]


def test_a_grammar_holds_random_words_to_the_schema(llama: Engine, tmp_path: Path):
    model = model_on(llama, tmp_path)
    for seed in range(1, 6):
        asker, made, _ = asked(model, seed)
        assert Leave.model_validate(made.data, strict=True)
        assert asker.repaired == 0
        assert asker.form in ("json_schema", "function_calling")


def test_a_seed_gives_the_same_object_again_and_another_seed_another(llama: Engine, tmp_path: Path):
    model = model_on(llama, tmp_path)
    first, again = asked(model, 11)[1], asked(model, 11)[1]
    assert first.data == again.data
    assert len({str(asked(model, seed)[1].data) for seed in range(1, 6)}) > 1


def test_words_come_in_pieces_and_the_same_for_the_same_seed(llama: Engine, tmp_path: Path):
    model = model_on(llama, tmp_path)
    first = words(model, 3)
    assert len(first) > 3
    assert "".join(first) == "".join(words(model, 3))
    assert "".join(first) != "".join(words(model, 4))


def test_what_a_random_model_says_is_nowhere_and_becomes_null(llama: Engine, tmp_path: Path):
    (tmp_path / "leave.txt").write_text("Employees have 25 days of annual leave, all of it paid.", "utf-8")
    settings = settings_for(llama, tmp_path / "data")
    with build(settings) as runtime:
        runtime.ingest([tmp_path / "leave.txt"])
        answer = typed_answer(
            runtime.pipeline(), Question(text="How much annual leave is there?"), Schema("leave", Leave)
        )
    found = {one.path: one for one in answer.evidence}
    assert found["days"].value is None or found["days"].value == 25
    assert found["days"].reasons or found["days"].support is Support.SUPPORTED


def test_transformers_streams_and_repeats_itself_for_the_same_seed(transformer: Engine, tmp_path: Path):
    model = model_on(transformer, tmp_path)
    first = words(model, 3)
    assert len(first) > 3
    assert "".join(first) == "".join(words(model, 3))
    assert "".join(first) != "".join(words(model, 4))


def test_a_server_that_ignores_the_schema_gives_an_error_and_no_object(transformer: Engine, tmp_path: Path):
    with pytest.raises((TypedAnswerError, CutOff), match=r"No valid 'leave' came out of|was cut off"):
        asked(model_on(transformer, tmp_path), 1)
