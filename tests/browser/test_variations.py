"""One question in several ways: from the options to answers side by side, and to the one that is kept."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from support.model_server import ModelServer, Reply

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Serve = Callable[..., str]
Open = Callable[..., Page]

ANSWERS = ("There are 25 days [1] a year.", "Employees have 25 days [1] of leave.", "It is 25 days [1] paid.")


def ask(page: Page, question: str) -> None:
    page.get_by_test_id("stChatInputTextArea").fill(question)
    page.get_by_test_id("stChatInputTextArea").press("Enter")


def serious(page: Page) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def test_a_question_is_asked_in_several_ways_and_one_answer_is_kept(
    address: str, open_page: Open, model: ModelServer
):
    page = open_page()
    page.goto(address)

    # A preset is chosen, and stays what it is when the panel was closed.
    options = page.get_by_role("button", name=re.compile("default · "))
    options.click()
    page.get_by_role("radio", name="Creative").or_(page.get_by_role("button", name="Creative")).click()
    expect(page.get_by_text("Varies freely")).to_be_visible()
    expect(options).to_contain_text("Creative")
    page.keyboard.press("Escape")

    # The next question is asked at three temperatures, which are written side by side.
    page.get_by_role("button", name="Ask the next question several ways").click()
    expect(page.get_by_role("dialog")).to_contain_text("Temperatures")
    assert serious(page) == []
    page.get_by_role("button", name="Use for the next question").click()
    expect(page.locator(".d-next")).to_contain_text("Temperature: 0 · 0.5 · 1")
    rest = threading.Event()
    model.say(*[Reply(text, wait=rest) for text in ANSWERS])
    ask(page, "How much leave is there?")
    sides = page.locator(".d-side")
    for side in (sides.first, sides.last):
        expect(side.locator("[data-live]")).to_contain_text("25 days", timeout=60_000)
    expect(page.locator(".d-verdict")).to_contain_text("as soon as both answers are complete")
    rest.set()
    expect(page.locator(".d-verdict")).to_contain_text("of the words are the same")
    expect(sides.locator(".d-facts")).to_have_count(2)
    expect(sides.first.locator(".d-only").first).to_be_visible()
    expect(sides.last.locator(".d-settings")).to_contain_text("temperature 0.5 · seed")
    assert sorted(body["temperature"] for body in model.bodies) == [0, 0.5, 1]
    assert len({body["seed"] for body in model.bodies}) == 1
    assert serious(page) == []

    # Its address leads there again, on a phone one below the other.
    phone = open_page()
    phone.set_viewport_size({"width": 390, "height": 844})
    phone.goto(page.url)
    expect(phone.locator(".d-only").first).to_be_visible()
    boxes = [phone.locator(".d-side").nth(i).bounding_box() for i in (0, 1)]
    assert boxes[0] and boxes[1] and boxes[0]["x"] == boxes[1]["x"] and boxes[0]["y"] < boxes[1]["y"]
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390

    # One is kept: the conversation goes on from it, with the options that it had.
    seen = sides.last.locator(".d-answer").inner_text()
    [kept] = [first for first in ("There are", "Employees", "It is") if first in seen]
    page.get_by_role("button", name="Keep this one").click()
    expect(page.locator(".d-version")).to_have_text("2/3")
    expect(page.locator(".d-answer")).to_contain_text(kept)
    expect(options).to_contain_text("Creative")
    model.say("And 25 days [1] more.")
    ask(page, "And next year?")
    expect(page.locator(".d-facts")).to_have_count(2)
    assert model.bodies[-1]["temperature"] == 1
    assert any(kept in str(message["content"]) for message in model.bodies[-1]["messages"])

    # Any two answers can be compared later, too.
    page.locator("details.d-menu > summary").first.click()
    page.get_by_role("button", name="Compare answers").first.click()
    expect(page.locator(".d-verdict")).to_contain_text("of the words are the same")
    page.get_by_role("button", name="Back to the conversation").click()
    expect(page.locator(".d-version")).to_have_text("2/3")
