"""Answers that are being written survive whatever a reader does, and nothing that was said is ever lost."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from support.model_server import ModelServer, Reply, answering

from app.history import History, Status
from app.schemas import Role

pytestmark = pytest.mark.browser

Serve = Callable[..., str]
Open = Callable[..., Page]


def ask(page: Page, question: str) -> None:
    page.get_by_test_id("stChatInputTextArea").fill(question)
    page.get_by_test_id("stChatInputTextArea").press("Enter")
    expect(page.locator(".d-user").last).to_have_text(question)


def slow(text: str) -> tuple[Reply, threading.Event]:
    """An answer that waits before its last word."""
    rest = threading.Event()
    return Reply(text, wait=rest), rest


def test_an_answer_streams_on_whatever_is_clicked(address: str, open_page: Open, model: ModelServer):
    page = open_page()
    page.goto(address)
    reply, rest = slow("There are 25 days [1] of leave.")
    model.say(reply)
    ask(page, "How much leave is there?")
    live = page.locator("[data-live]")
    expect(live).to_contain_text("There are 25 days")
    expect(live.locator(".d-passages")).to_contain_text("handbook.md")  # its sources are told meanwhile

    # A second tab sees it too, and a dialog, the options or a reload do not disturb it.
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("[data-live]")).to_contain_text("There are 25 days")
    page.get_by_role("button", name=re.compile("default · ")).click()
    page.keyboard.press("Escape")
    page.reload()
    expect(live).to_contain_text("There are 25 days")

    # A question that comes too early waits in the field, and is asked once, afterwards.
    field = page.get_by_test_id("stChatInputTextArea")
    field.fill("And for part-timers?")
    field.press("Enter")
    expect(field).to_have_value("And for part-timers?")
    assert len(page.locator(".d-user").all()) == 1

    reworded = "How much leave is there for part-timers?"
    model.say(reworded, "Part-timers have half of it [1].")
    rest.set()
    expect(page.locator(".d-user")).to_have_text(["How much leave is there?", "And for part-timers?"])
    expect(page.locator(".d-facts")).to_have_count(2)
    expect(page.locator("[data-live]")).to_have_count(0)
    expect(field).to_have_value("")
    expect(other.locator(".d-facts").first).to_be_visible()
    other.close()
    versions_of_an_answer_and_of_a_question_stay_beside_each_other(page, model)


def versions_of_an_answer_and_of_a_question_stay_beside_each_other(page: Page, model: ModelServer) -> None:
    model.say("It is 25 days [1].")
    page.get_by_role("button", name="Answer again").first.click()
    expect(page.locator(".d-answer")).to_contain_text(["It is 25 days"])
    expect(page.locator(".d-version")).to_have_text("2/2")
    page.get_by_role("button", name="Version before").click()
    expect(page.locator(".d-answer")).to_contain_text(["There are 25 days", "Part-timers"])

    page.locator(".d-turn").first.hover()
    page.get_by_role("button", name="Edit and ask again").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Question").fill("How many days off?")
    model.say("25 days off [1].")
    dialog.get_by_role("button", name="Ask").click()
    expect(page.locator(".d-user")).to_have_text(["How many days off?"])
    expect(page.locator(".d-answer")).to_contain_text(["25 days off"])
    page.get_by_role("button", name="Version before").first.click()
    expect(page.locator(".d-user").first).to_have_text("How much leave is there?")
    expect(page.locator(".d-answer").first).to_contain_text("25 days")


@pytest.mark.slow
def test_a_killed_server_loses_no_word_that_was_shown(
    address: str, serve: Serve, open_page: Open, model: ModelServer, tmp_path: Path
):
    page = open_page()
    page.goto(address)
    reply, _ = slow("Every employee has 25 days of paid leave [1] without doubt.")
    model.say(reply)
    ask(page, "How much leave is there?")
    expect(page.locator("[data-live]")).to_contain_text("without")
    page.wait_for_timeout(800)  # what is shown is kept some tenths of a second later
    where = page.url.partition("?")[2]
    port = address.rpartition(":")[2]
    os.kill(int(subprocess.check_output(["pgrep", "-f", f"server.port={port}"]).split()[0]), signal.SIGKILL)
    page.goto(f"{serve(**answering(model))}/?{where}")
    expect(page.locator(".d-answer")).to_contain_text("25 days of paid leave")
    expect(page.get_by_text("Interrupted")).to_be_visible()


def test_a_long_conversation_opens_at_its_end_and_at_any_message(
    address: str, open_page: Open, tmp_path: Path
):
    history = History(f"sqlite:///{tmp_path / 'data' / 'conversations.sqlite'}")
    chat = history.create(title="Long", collection="default").id
    ids = []
    for n in range(100):
        ids.append(history.append(chat, Role.USER, f"Question {n}?").id)
        history.append(chat, Role.ASSISTANT, f"Answer {n}.", status=Status.DONE)
    history.close()
    page = open_page()
    page.goto(f"{address}/?c={chat}")
    expect(page.get_by_text("Answer 99.")).to_be_in_viewport()
    assert page.get_by_text("Question 5?").count() == 0
    page.get_by_role("button", name=re.compile("Show 170 earlier")).click()
    expect(page.get_by_text("Question 71?")).to_be_attached()
    page.goto(f"{address}/?c={chat}&m={ids[5]}")
    expect(page.get_by_text("Question 5?")).to_be_in_viewport()
    page.get_by_role("button", name=re.compile("later messages")).click()
    expect(page.get_by_text("Question 30?")).to_be_attached()
