"""Asking one question in several ways, and comparing what comes of it, over a scripted Runtime."""

from __future__ import annotations

import pytest
from page_driver import Visit, act, html, until
from runtime_double import RuntimeDouble, answer
from streamlit.testing.v1 import AppTest

from app.schemas import Answer, Question, Role


@pytest.fixture(autouse=True)
def with_model(runtime: RuntimeDouble) -> None:
    runtime.settings = runtime.settings.model_copy(update={"llm_model": "openai:scripted"})
    runtime.script = by_temperature


def by_temperature(question: Question) -> Answer:
    """Says its temperature, so that answers differ."""
    sampling = question.sampling
    text = f"It is {sampling.temperature:g} degrees [1]."
    return answer(question.text, text, temperature=sampling.temperature, seed=sampling.seed)


def ask(page: AppTest, shows: str) -> AppTest:
    page.chat_input(key="question").set_value("How warm?").run()
    until(page, shows)
    return page


def test_the_next_question_is_asked_in_several_ways(visit: Visit, runtime: RuntimeDouble):
    page = act(visit(), "several", "new")
    page.button(key="use-variations").click()
    act(page, "several", "new")  # in a browser the dialog stays by itself
    assert "Next question: Temperature: 0 · 0.5 · 1" in html(page)
    ask(page, "of the words are the same")
    assert sorted(asked.sampling.temperature or 0.0 for asked in runtime.asked) == [0.0, 0.5, 1.0]
    assert len({asked.sampling.seed for asked in runtime.asked}) == 1

    # Side by side: the first two, with what they were asked with, and what differs.
    shown = html(page)
    assert "temperature 0 · seed" in shown and "temperature 0.5 · seed" in shown
    assert '<mark class="d-only"><span class="d-unseen">only here: </span>0.5</mark> degrees' in shown
    boxes = [box.options for box in page.selectbox if box.key and box.key.startswith("compare-")]
    assert boxes[0] == ["Answer 1 · temperature 0", "Answer 2 · temperature 0.5", "Answer 3 · temperature 1"]
    assert len(boxes[1]) == 2

    # Another one is chosen and kept; the conversation goes on from it, and the next question is asked once.
    [left] = [box for box in page.selectbox if box.label == "One answer"]
    left.set_value(left.value if "Answer 3" in left.value else boxes[0][2]).run()
    act(page, "keep", runtime.history.tree(page.query_params["c"]).nodes[-1].id)
    assert "compare" not in page.query_params
    assert "It is 1 degrees" in html(page) and "3/3" in html(page)
    assert "Next question" not in html(page)


def test_an_answer_is_compared_with_another_one(visit: Visit, runtime: RuntimeDouble):
    page = ask(visit(), "It is 0 degrees")
    [asked, _] = runtime.history.messages(page.query_params["c"])
    act(page, "compare", asked.id)
    assert page.query_params["compare"] == asked.id
    assert "There is only one answer" in html(page)
    act(page, "variations", asked.id)
    page.segmented_control(key="vary").set_value("seed")
    act(page, "variations", asked.id)
    assert any("At temperature 0" in caption.value for caption in page.caption)
    page.button(key="use-variations").click()
    act(page, "variations", asked.id)
    until(page, "Both answers are the same, word by word")
    assert len(runtime.history.tree(asked.conversation_id).children[asked.id]) == 3
    act(page, "close-compare", asked.id)
    assert "3" in html(page) and "d-compare" not in html(page)


def test_a_plan_can_be_given_up_and_what_is_no_plan_cannot_be_used(visit: Visit):
    page = act(visit(lang="ko"), "several", "new")
    page.multiselect(key="vary-temperatures").set_value(["0.5", "뜨겁게"])
    act(page, "several", "new")
    assert any("뜨겁게" in caption.value for caption in page.caption)
    assert page.button(key="use-variations").disabled
    page.multiselect(key="vary-temperatures").set_value(["0.5", "0.9"])
    act(page, "several", "new")
    page.button(key="use-variations").click()
    act(page, "several", "new")
    assert "다음 질문: 온도: 0.5 · 0.9" in html(page)
    assert "d-next" not in html(act(page, "one-answer", "new"))


def test_without_a_model_only_models_can_be_compared(visit: Visit, runtime: RuntimeDouble):
    runtime.settings = runtime.settings.model_copy(update={"llm_model": ""})
    page = act(visit(), "several", "new")
    assert any("nothing to vary" in caption.value for caption in page.caption)
    assert not [one for one in page.segmented_control if one.key == "vary"]


@pytest.mark.parametrize("forged", ["no-such-message", "<b>"])
def test_a_question_that_is_gone_or_of_another_conversation_is_said(
    visit: Visit, runtime: RuntimeDouble, forged: str
):
    here, there = (runtime.history.create(collection="default") for _ in range(2))
    runtime.history.append(here.id, Role.USER, "Mine?")
    other = runtime.history.append(there.id, Role.USER, "Secret?")
    assert "no longer in the conversation" in html(visit(c=here.id, compare=forged))
    page = visit(c=here.id, compare=other.id)
    assert "no longer in the conversation" in html(page) and "Secret?" not in html(page)
    assert not page.exception
