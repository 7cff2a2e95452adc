"""What is varied between the answers to one question."""

from __future__ import annotations

import pytest

from app.sampling import SeedMode
from app.ui.options import Options
from app.ui.variations.plan import Plan, Vary, temperatures


def options(**given: object) -> Options:
    return Options.model_validate({"collection": "default", "temperature": 0.3, "top_k": 9, **given})


@pytest.mark.parametrize("mode", list(SeedMode))
def test_answers_at_several_temperatures_share_all_else_and_one_seed(mode: SeedMode):
    variants = Plan(Vary.TEMPERATURE, (0.0, 0.5, 1.0)).variants(options(seed_mode=mode))
    sampled = [variant.question("Hm?", ()).sampling for variant in variants]
    assert [one.temperature for one in sampled] == [0.0, 0.5, 1.0]
    assert len({one.seed for one in sampled}) == 1 and sampled[0].seed is not None
    assert {variant.top_k for variant in variants} == {9}


def test_a_seed_that_was_chosen_stays():
    variants = Plan(Vary.MODEL, ("openai:a", "none")).variants(options(seed_mode=SeedMode.FIXED, seed=7))
    assert [(one.model, one.sampling().seed) for one in variants] == [("openai:a", 7), ("none", 7)]


def test_several_seeds_are_asked_for_as_they_are():
    variants = Plan(Vary.SEED, (3, 4)).variants(options())
    assert [one.sampling().seed for one in variants] == [3, 4]
    assert {one.temperature for one in variants} == {0.3}


@pytest.mark.parametrize(("count", "ready"), [(0, False), (1, False), (2, True), (4, True), (5, False)])
def test_two_to_four_are_asked_for(count: int, ready: bool):
    assert Plan(Vary.SEED, tuple(range(count))).is_ready is ready


def test_temperatures_are_read_as_people_write_them():
    assert temperatures(["1", "0,5", " 0 ", "0.50"]) == ([0.0, 0.5, 1.0], [])
    assert temperatures(["2.1", "-1", "warm", "nan", "2"]) == ([2.0], ["2.1", "-1", "warm", "nan"])
