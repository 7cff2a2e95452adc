"""A collection's own threshold: drawn from its texts, kept beside it, and used by its answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.passages import KOREAN, LEAVE, chunk

from app.chat.answerable import fits, fitted
from app.chat.answerable.questions import draw
from app.chat.relevance import ENOUGH
from app.config import Settings
from app.language import detect_language
from app.runtime import Runtime, build
from app.schemas import Question

GARDEN = (
    "# Garden rules\n\nTomatoes are watered every second evening in summer. Compost from the yellow bin is "
    "spread below the roses in March. Hedges may be cut after the nesting season ends in September.\n\n"
    "# Tools\n\nThe mower is kept in the wooden shed beside the greenhouse. Broken shears are repaired by "
    "Mr Okafor on Thursdays.\n"
)
FERRY = (
    "# 여객선 안내\n\n여객선은 목포항에서 매일 오전 아홉 시에 출발합니다. 승객은 출발 삼십 분 전까지 "
    "신분증을 준비해야 합니다. 폭풍 경보가 내려지면 운항이 취소되고 요금은 전액 환불됩니다.\n"
)


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "garden.md").write_text(GARDEN, encoding="utf-8")
    (folder / "여객선.md").write_text(FERRY, encoding="utf-8")
    with build(Settings(data_dir=tmp_path / "data")) as joined:
        joined.ingest([folder])
        yield joined


# -- drawing -----------------------------------------------------------------------------------------------


def test_questions_are_drawn_in_the_language_of_the_text_and_always_the_same():
    chunks = [chunk(LEAVE), chunk(KOREAN, "휴가.md")]
    drawn = draw(chunks, 10)
    assert {detect_language(one.text) for one in drawn} == {"en", "ko"}
    assert drawn == draw(chunks, 10)
    for one in drawn:
        assert one.text.endswith("?")
        assert one.text not in one.chunk.text


def test_no_more_are_drawn_than_are_wanted_and_none_from_nothing():
    assert len(draw([chunk(LEAVE, ordinal=n) for n in range(9)], 5)) == 5
    assert draw([chunk("1 2 3"), chunk("Yes.")], 5) == []
    assert draw([], 5) == []


# -- the threshold -----------------------------------------------------------------------------------------


def test_the_threshold_lies_between_both_kinds():
    assert 0.1 < fitted([0.3 + 0.01 * n for n in range(60)], [0.001 * n for n in range(100)]) < 0.3


def test_topics_that_a_collection_covers_by_chance_do_not_lead_to_refusing_its_own():
    own = [0.25 + 0.005 * n for n in range(60)]
    covered = [0.02] * 20 + [0.6] * 10
    assert sum(score < fitted(own, covered) for score in own) <= 0.05 * len(own)


def test_what_is_harder_to_find_lowers_it_and_what_is_easier_raises_it():
    low = fitted([0.11 + 0.002 * n for n in range(60)], [0.05] * 30)
    high = fitted([0.4 + 0.005 * n for n in range(60)], [0.2] * 30)
    assert low < ENOUGH < high


def test_few_questions_say_little():
    own, foreign = [0.6, 0.7], [0.3]
    assert ENOUGH < fitted(own, foreign) < fitted(own * 30, foreign * 30)


def test_a_hopeless_collection_keeps_a_sane_threshold():
    assert 0 < fitted([0.0] * 60, [0.0] * 30) <= ENOUGH


# -- kept with the collection ------------------------------------------------------------------------------


def test_an_ingest_measures_and_keeps_it(runtime: Runtime):
    collection = runtime.collection()
    measured = collection.calibration()
    assert measured is not None
    assert measured.own > 0 and measured.foreign > 0
    assert measured.generation == collection.generation
    assert fits(measured, collection, None)
    assert not fits(measured, collection, 0.5)
    assert runtime.pipeline().grounds.enough == measured.threshold


def test_it_is_measured_again_only_after_a_change(runtime: Runtime, tmp_path: Path):
    file = next((tmp_path / "data").rglob("calibration.json"))
    before = file.stat().st_mtime_ns
    runtime.ingest([tmp_path / "files"])
    assert file.stat().st_mtime_ns == before
    (tmp_path / "files" / "more.md").write_text("# Bees\n\nThe two hives are inspected by Ms Larsen in May.")
    runtime.ingest([tmp_path / "files"])
    measured = runtime.collection().calibration()
    assert measured is not None and measured.generation == runtime.collection().generation


def test_a_file_that_is_missing_or_broken_is_no_reason_to_fail(runtime: Runtime, tmp_path: Path):
    file = next((tmp_path / "data").rglob("calibration.json"))
    file.write_text('{"threshold": "high"}')
    assert runtime.collection().calibration() is None
    assert runtime.pipeline().grounds.enough == ENOUGH
    file.unlink()
    assert runtime.collection().calibration() is None


def test_another_weight_of_the_vectors_needs_another_measurement(runtime: Runtime):
    with build(runtime.settings.model_copy(update={"dense_weight": 1.0})) as other:
        assert other.pipeline().grounds.enough == ENOUGH


def test_the_kept_threshold_decides(runtime: Runtime, tmp_path: Path):
    question = Question(text="Where is the mower kept?")
    assert not runtime.answer(question).refused
    file = next((tmp_path / "data").rglob("calibration.json"))
    file.write_text(json.dumps(json.loads(file.read_text()) | {"threshold": 0.999}))
    refused = runtime.answer(question)
    assert refused.refused and refused.refusal is not None
    assert refused.refusal.enough == 0.999


@pytest.mark.parametrize(
    ("own", "foreign"),
    [
        ("Who repairs broken shears?", "Which submarine found the wreck near Iceland?"),
        ("폭풍 경보가 내려지면 요금은 어떻게 되나요?", "삼국지에서 관우가 타던 말의 이름은?"),
    ],
)
def test_two_small_files_answer_their_own_questions_and_no_others(runtime: Runtime, own: str, foreign: str):
    assert not runtime.answer(Question(text=own)).refused
    assert runtime.answer(Question(text=foreign)).refused
