"""The panel of options, over a scripted Runtime."""

from __future__ import annotations

import re
from typing import Any

from page_driver import Visit, until
from runtime_double import RuntimeDouble
from streamlit.testing.v1 import AppTest

from app.sampling import PRESETS


def with_model(runtime: RuntimeDouble, **settings: object) -> None:
    runtime.settings = runtime.settings.model_copy(update={"llm_model": "openai:scripted", **settings})


def control(page: AppTest, key: str) -> Any:
    """The one with this key, or drawn anew with a number behind it."""
    [found] = [
        one
        for one in (*page.slider, *page.segmented_control, *page.number_input)
        if one.key and re.fullmatch(rf"{key}(-\d+)?", one.key)
    ]
    return found


def choose(page: AppTest, key: str, value: object) -> AppTest:
    control(page, key).set_value(value).run()
    return page


def chosen(page: AppTest, key: str) -> object:
    return control(page, key).value


def captions(page: AppTest) -> str:
    return "\n".join(caption.value for caption in page.caption)


def keys(page: AppTest) -> set[str]:
    return {
        widget.key for widget in (*page.slider, *page.number_input, *page.segmented_control) if widget.key
    }


def ask(page: AppTest) -> AppTest:
    page.chat_input(key="question").set_value("How many days?").run()
    until(page, "d-facts")
    return page


def test_without_a_model_there_are_no_dead_controls(visit: Visit, runtime: RuntimeDouble):
    page = visit()
    assert "belong to language models" in captions(page)
    assert keys(page) == {"top-k-new", "language-choice"}
    with_model(runtime)
    page = visit()
    assert {"preset-new", "temperature-new", "top-p-new", "seed-mode-new", "max-tokens-new"} <= keys(page)
    page.selectbox(key="model-new").set_value("none").run()
    assert "preset-new" not in keys(page)


def test_a_preset_moves_the_values_and_a_value_leaves_the_preset(visit: Visit, runtime: RuntimeDouble):
    with_model(runtime)
    page = visit()
    assert chosen(page, "preset-new") == "precise"
    assert "For facts" in captions(page)
    choose(page, "preset-new", "creative")
    assert chosen(page, "temperature-new") == PRESETS["creative"].temperature
    assert "check it twice" in captions(page)
    choose(page, "temperature-new", 0.8)
    assert chosen(page, "preset-new") == "own"
    assert "Your own values" in captions(page)
    choose(page, "preset-new", "precise")
    assert chosen(page, "temperature-new") == 0.0
    ask(page)
    assert runtime.asked[0].sampling.temperature == 0.0


def test_values_by_hand_reach_the_question_and_stay_with_its_conversation(
    visit: Visit, runtime: RuntimeDouble
):
    with_model(runtime)
    page = visit()
    choose(page, "temperature-new", 0.7)
    choose(page, "top-p-new", 0.9)
    choose(page, "seed-mode-new", "fixed")
    choose(page, "seed-new", 42)
    choose(page, "max-tokens-new", 77)
    conversation = ask(page).query_params["c"]
    asked = {"temperature": 0.7, "top_p": 0.9, "seed": 42, "max_tokens": 77}
    assert runtime.asked[0].sampling.model_dump() == asked
    ask(visit(c=conversation))
    assert runtime.asked[1].sampling.model_dump() == asked


def test_values_of_the_installation_are_shown_and_left_alone(visit: Visit, runtime: RuntimeDouble):
    with_model(runtime, temperature=0.33, top_p=0.005, max_tokens=None, seed=9)
    page = visit()
    assert (chosen(page, "preset-new"), chosen(page, "seed-mode-new")) == ("own", "fixed")
    assert chosen(page, "seed-new") == 9
    ask(page)
    asked = {"temperature": 0.33, "top_p": 0.005, "seed": 9, "max_tokens": None}
    assert runtime.asked[0].sampling.model_dump() == asked


def test_a_random_seed_is_another_one_each_time(visit: Visit, runtime: RuntimeDouble):
    with_model(runtime)
    page = ask(ask(visit()))
    assert "kept with its answer" in captions(page)
    first, second = (question.sampling.seed for question in runtime.asked)
    assert first is not None and second is not None and first != second


def test_a_seed_per_conversation_is_drawn_with_the_first_question(visit: Visit, runtime: RuntimeDouble):
    with_model(runtime)
    page = choose(visit(), "seed-mode-new", "conversation")
    assert "Drawn with the next question" in captions(page)
    conversation = ask(page).query_params["c"]
    ask(visit(c=conversation))
    first, second = (question.sampling.seed for question in runtime.asked)
    assert first == second is not None
    assert f"This conversation’s seed: {first}" in captions(visit(c=conversation))
    page.button(key="new-chat").click().run()
    ask(page)
    assert runtime.asked[2].sampling.seed not in (None, first)


def test_the_mode_may_be_changed_in_the_middle_of_a_conversation(visit: Visit, runtime: RuntimeDouble):
    with_model(runtime)
    conversation = ask(visit()).query_params["c"]
    page = choose(visit(c=conversation), f"seed-mode-{conversation}", "conversation")
    ask(page)
    kept = runtime.history.conversation(conversation).settings
    assert kept["drawn"] == runtime.asked[1].sampling.seed
    assert kept["seed_mode"] == "conversation"


def test_the_panel_speaks_korean(visit: Visit, runtime: RuntimeDouble):
    with_model(runtime)
    page = visit(lang="ko")
    assert "사실, 숫자, 규정" in captions(page)
    assert [option.content for option in control(page, "preset-new").proto.options] == [
        "정확하게",
        "균형있게",
        "창의적으로",
    ]
