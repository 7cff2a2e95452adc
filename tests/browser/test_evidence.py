"""What an answer is worth can be seen sentence by sentence, in a real Chromium against the real server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect
from support.model_server import ModelServer, Reply

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Serve = Callable[..., str]
Open = Callable[..., Page]

DOCUMENTS = {
    "leave-2023.md": "# Leave\n\nFull-time employees receive 20 days of paid leave in a calendar year.\n",
    "leave-2024.md": "# Leave\n\nFull-time employees receive 25 days of paid leave in a calendar year.\n",
    "parking.md": "# Parking\n\nVisitors collect their badge at reception.\n\n"
    "The barrier of the car park closes at 22:00.\n",
}
QUESTION = (
    "How many days of paid leave do employees receive, and when does the barrier of the car park close?"
)
RIGHT = "Full-time employees receive 25 days of paid leave in a calendar year"
WRONGLY_CITED = "Visitors collect their badge at reception"
CHANGED = "The barrier of the car park closes at 23:00"
MADE_UP = "Gym memberships in Berlin are refunded"
ANSWER = f"{RIGHT} {{25 days}}. {WRONGLY_CITED} {{25 days}}. {CHANGED} {{barrier}}. {MADE_UP}."


class Citing(ModelServer):
    """Puts the number of the passage that holds these words in the place of `{words}`."""

    def next_reply(self, body: dict[str, Any]) -> Reply:
        reply = super().next_reply(body)
        said = "\n".join(str(message["content"]) for message in body["messages"])
        passages = re.findall(r"^\[(\d+)\] [^\n]*\n<passage>(.*?)</passage>", said, re.DOTALL | re.MULTILINE)

        def number(match: re.Match[str]) -> str:
            return next(f"[{n}]" for n, text in passages if match[1] in text)

        return Reply(re.sub(r"\{(.+?)\}", number, reply.text))


@pytest.fixture
def model() -> Iterator[Citing]:
    with Citing() as server:
        yield server


@pytest.fixture
def address(serve: Serve, model: Citing, tmp_path: Path) -> str:
    folder = tmp_path / "docs"
    folder.mkdir()
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    environment = {**os.environ, "DOCENT_DATA_DIR": str(tmp_path / "data")}
    command = [sys.executable, "-m", "ingest", str(folder)]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return serve(
        DOCENT_LLM_MODEL="openai:scripted-model", DOCENT_LLM_BASE_URL=model.url, DOCENT_LLM_API_KEY="test"
    )


def ask(page: Page, question: str) -> None:
    field = page.get_by_test_id("stChatInputTextArea")
    expect(field).to_be_enabled()
    field.fill(question)
    field.press("Enter")
    expect(page.locator(".d-facts")).to_be_visible()
    expect(page.locator(".d-user")).to_have_text(question)


def viewer(page: Page) -> FrameLocator:
    expect(page.locator(".d-viewer")).to_be_visible()
    return page.frame_locator(".d-viewer iframe")


def open_original(page: Page, card: Locator) -> None:
    """A page that is still being drawn anew closes a card, and with it goes the click."""
    link = card.get_by_role("link", name="Open the original")
    for _ in range(3):
        if not link.is_visible():
            card.locator("summary").click()
        link.click()
        with suppress(AssertionError):
            expect(page.locator(".d-viewer")).to_be_visible(timeout=8_000)
            return


def shows(page: Page, file: str, words: str) -> None:
    """The viewer is open on this file, with these words marked."""
    expect(viewer(page).get_by_role("heading", level=1)).to_have_text(file)
    expect(viewer(page).locator(".cited mark").first).to_contain_text(words)
    page.get_by_role("button", name="Close the source").click()
    expect(page.locator(".d-viewer")).to_be_hidden()


def test_each_sentence_shows_what_it_is_worth(address: str, open_page: Open, model: Citing) -> None:
    page = open_page()
    page.goto(address)
    model.say(ANSWER)
    ask(page, QUESTION)
    only_doubtful_sentences_are_marked(page)
    reasons_are_readable(page)
    mended_marks_lead_to_the_right_place(page)
    both_sides_of_a_disagreement_are_shown(page)
    page.reload()
    only_doubtful_sentences_are_marked(page)
    mended_marks_lead_to_the_right_place(page)
    page.set_viewport_size({"width": 390, "height": 800})
    reasons_are_readable(page)


def only_doubtful_sentences_are_marked(page: Page) -> None:
    words = page.locator(".d-answer")
    expect(words.locator(".d-doubt")).to_have_count(2)
    text = words.inner_text()
    signs = [match.start() for match in re.finditer("!", text)]
    assert text.index(CHANGED) < signs[0] < text.index(MADE_UP) < signs[1]
    expect(page.locator(".d-check > summary")).to_have_text("2 of 4 sentences are backed by the sources")


def reasons_are_readable(page: Page) -> None:
    changed, made_up = page.locator(".d-doubt").first, page.locator(".d-doubt").last
    why = changed.locator(".d-why")
    expect(changed).to_be_visible()
    expect(why).to_be_hidden()
    changed.locator(".d-sign").hover()
    expect(why).to_have_text("Not supported. The source says “22:00”, not “23:00”.")
    within(page, why)
    page.mouse.move(0, 0)
    expect(why).to_be_hidden()
    made_up.focus()
    within(page, made_up.locator(".d-why"))
    expect(page.get_by_role("note", name="None of the passages that were found says this.")).to_be_focused()
    made_up.blur()


def within(page: Page, shown: Locator) -> None:
    """It is visible, and nothing cuts it off."""
    expect(shown).to_be_visible()
    box, size = shown.bounding_box(), page.viewport_size
    assert box and size
    assert box["x"] >= 0 and box["x"] + box["width"] <= size["width"]
    over = "one => { const b = one.getBoundingClientRect(); const at = (x) => one.contains("
    over += "document.elementFromPoint(x, b.y + b.height / 2)); return at(b.left + 4) && at(b.right - 4) }"
    assert shown.evaluate(over)


def mended_marks_lead_to_the_right_place(page: Page) -> None:
    page.locator(".d-check > summary").click()
    mended = page.locator(".d-check li").filter(has_text=WRONGLY_CITED)
    expect(mended).to_contain_text("Supported.")
    expect(mended).to_contain_text("the mark was corrected")
    page.locator(".d-answer .d-mark a").nth(1).click()
    shows(page, "parking.md", WRONGLY_CITED)


def both_sides_of_a_disagreement_are_shown(page: Page) -> None:
    sides = page.get_by_role("region", name="The sources disagree").get_by_role("listitem")
    expect(sides).to_have_count(2)
    for file, value in {"leave-2024.md": "25 days", "leave-2023.md": "20 days"}.items():
        side = sides.filter(has_text=file)
        expect(side.locator("b")).to_have_text(value)
        side.get_by_role("link").click()
        shows(page, file, value)


def test_a_refusal_says_why_and_shows_what_is_closest(address: str, open_page: Open, model: Citing) -> None:
    page = open_page()
    page.goto(address)
    model.say("The documents do not contain an answer to this question.")
    ask(page, "Which colour is the badge that visitors collect?")
    for _ in range(2):
        refusal = page.locator(".d-refusal")
        expect(refusal).to_contain_text("Not found in your documents")
        expect(refusal).to_contain_text("they say nothing about “colour”")
        closest = page.get_by_role("region", name="Closest passages").locator(".d-source").first
        expect(closest).to_contain_text("parking.md")
        open_original(page, closest)
        shows(page, "parking.md", "badge")
        page.reload()
