"""How an answer came about, running it again, and going on with it, in a real browser."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from support.model_server import ModelServer, Reply

from app.config import load_settings
from app.runtime import build

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Serve = Callable[..., str]
Open = Callable[..., Page]


def ask(page: Page, question: str) -> None:
    page.get_by_test_id("stChatInputTextArea").fill(question)
    page.get_by_test_id("stChatInputTextArea").press("Enter")
    expect(page.locator(".d-user").last).to_have_text(question)


def test_an_answer_is_explained_repeated_and_gone_on_with(
    serve: Serve, open_page: Open, model_server: ModelServer, tmp_path: Path
):
    note = tmp_path / "handbook.md"
    note.write_text("# Leave\n\nEvery employee has 25 days of paid leave a year.\n")
    with build(load_settings(data_dir=tmp_path / "data")) as runtime:
        runtime.ingest([note])
    variables = {"DOCENT_LLM_MODEL": "openai:scripted-model", "DOCENT_LLM_BASE_URL": model_server.url}
    address = serve(**variables)
    page = open_page()
    page.goto(address)

    # Its record: times, model, passages with their originals, and the prompt, which is text and nothing else.
    model_server.say("Every employee has 25 days [1].", "All employees have 25 days [1].")
    ask(page, "How much <b>leave</b> is there?")
    page.get_by_role("button", name="How this answer came about").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".d-timeline i")).to_have_count(4)
    for told in ("fp_scripted", "chatcmpl-1", "Searching", "Cost", "default (state"):
        expect(dialog).to_contain_text(told)
    dialog.get_by_text("User", exact=False).last.click()
    expect(dialog.locator("pre").last).to_contain_text("How much <b>leave</b> is there?")
    dialog.locator(".d-sent a").first.click()
    expect(page.frame_locator(".d-viewer iframe").locator("body")).to_contain_text("25 days of paid leave")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    # Run again: the other words and what is the same are shown when it is done.
    page.locator(".d-bar-answer .d-menu summary").click()
    page.get_by_role("button", name="Run again and compare").click()
    expect(dialog.locator("ins")).to_contain_text("All employees have")
    expect(dialog.locator("del")).to_contain_text("Every employee has")
    expect(dialog).to_contain_text("The prompt that was sent is the same")
    page.keyboard.press("Escape")
    expect(page.locator(".d-version")).to_have_text("2/2")

    # A server that dies in the middle leaves the words that were there, and they can be gone on with.
    rest = threading.Event()
    reworded = "How much more leave is there?"
    model_server.say(reworded, Reply("There are 25 days of leave [1] here. And more", wait=rest))
    ask(page, "And how much more?")
    expect(page.locator("[data-live]")).to_contain_text("here. And")
    page.wait_for_timeout(1000)  # what is shown is kept a moment later
    port = address.rpartition(":")[2]
    os.kill(int(subprocess.check_output(["pgrep", "-f", f"server.port={port}"]).split()[0]), signal.SIGKILL)
    rest.set()
    model_server.say("leave [1] here. And more is not known.")
    page.goto(f"{serve(**variables)}/?{page.url.partition('?')[2]}")
    expect(page.locator(".d-turn").last).to_contain_text("There are 25 days of leave")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".d-turn").last).to_contain_text("here. And more is not known.")
    expect(page.locator(".d-turn").last.locator(".d-source")).to_have_count(1)
