"""Presets and seeds."""

from __future__ import annotations

import pytest

from app.errors import UsageError
from app.sampling import LARGEST_SEED, PRESETS, draw_seed, draw_seeds, preset, preset_of, with_preset
from app.schemas import Sampling


@pytest.mark.parametrize("name", ["creative", "Creative", "창의적으로", " 창의적 으로 "])
def test_a_preset_has_a_name_in_both_languages(name: str):
    assert preset(name) is PRESETS["creative"]


def test_an_unknown_preset_is_told_with_those_that_there_are():
    with pytest.raises(UsageError, match=r"'wild'.*precise \(정확하게\).*balanced.*creative"):
        preset("wild")


def test_values_lead_back_to_their_preset():
    for one in PRESETS.values():
        assert preset_of(one.temperature, one.top_p) is one
    assert preset_of(0.0, None) is PRESETS["precise"]
    assert preset_of(0.0, 0.9) is None
    assert preset_of(None, None) is None


def test_what_is_given_beside_a_preset_wins():
    assert with_preset(Sampling(temperature=0.3, seed=7), "balanced") == Sampling(
        temperature=0.3, top_p=PRESETS["balanced"].top_p, seed=7
    )
    assert with_preset(Sampling(seed=7), None) == Sampling(seed=7)


def test_drawn_seeds_differ_and_fit_everywhere():
    seeds = draw_seeds(50)
    assert len(set(seeds)) == 50
    assert all(0 < seed <= LARGEST_SEED for seed in (*seeds, draw_seed()))
