"""The options of a conversation as a value."""

from __future__ import annotations

from app.config import Settings
from app.sampling import LARGEST_SEED, PRESETS, SeedMode
from app.ui.options import Options


def settings(**given: object) -> Settings:
    return Settings.model_validate(given)


def test_the_installation_says_what_a_conversation_begins_with():
    options = Options.initial(settings(temperature=0.4, top_p=0.8, max_tokens=200, seed=5))
    asked = options.question("Hm?", ()).sampling
    assert asked.model_dump() == {"temperature": 0.4, "top_p": 0.8, "max_tokens": 200, "seed": 5}
    assert options.seed_mode is SeedMode.FIXED
    assert Options.initial(settings()).seed_mode is SeedMode.RANDOM


def test_what_was_kept_comes_back():
    options = Options.initial(settings()).with_preset(PRESETS["creative"]).settled()
    assert Options.restored({**options.kept(), "collection": "default"}, settings()) == options


def test_a_seed_of_before_there_was_a_choice_stays_fixed():
    kept = {"seed": 42, "temperature": 0.7}
    restored = Options.restored(kept, settings())
    assert (restored.seed_mode, restored.sampling().seed) == (SeedMode.FIXED, 42)
    assert Options.restored({"seed": None}, settings(seed=1)).seed_mode is SeedMode.RANDOM


def test_what_does_not_fit_any_more_gives_way():
    assert Options.restored({"seed_mode": "dice", "top_k": 9}, settings()) == Options.initial(settings())
    assert Options.restored({"top_p": 0}, settings()) == Options.initial(settings())


def test_a_random_seed_is_drawn_for_each_question():
    options = Options(collection="default", seed_mode=SeedMode.RANDOM, seed=5)
    seeds = {options.question("Hm?", ()).sampling.seed for _ in range(8)}
    assert len(seeds) > 1
    assert all(seed is not None and 0 < seed <= LARGEST_SEED for seed in seeds)


def test_a_seed_per_conversation_is_drawn_once_and_not_for_the_next_one():
    options = Options(collection="default", seed_mode=SeedMode.CONVERSATION)
    settled = options.settled()
    assert settled.settled() == settled
    assert settled.sampling().seed == settled.drawn is not None
    assert settled.for_another().drawn is None


def test_a_fixed_seed_may_be_left_to_the_model():
    assert Options(collection="default", seed_mode=SeedMode.FIXED).sampling().seed is None
