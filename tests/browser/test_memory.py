"""A long conversation in a real Chromium: what it remembers is seen, changed, and used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.config import Settings
from app.runtime import build
from app.schemas import Question, Role

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Serve = Callable[..., str]
Open = Callable[..., Page]


def long_conversation(folder: Path) -> str:
    """Documents, and a conversation on them that fills the memory; its id."""
    handbook = folder / "handbook.md"
    handbook.write_text(
        "# Leave\n\nEvery employee has 25 days of paid leave a year.\n\n"
        "# Sick leave\n\nSick leave needs a doctor's note after three days.\n",
        encoding="utf-8",
    )
    with build(Settings(data_dir=folder / "data")) as runtime:
        runtime.ingest([handbook])
        history = runtime.history
        chat = history.create(collection="default").id
        for n in range(32):
            said = "I work part-time in Busan, staff number 4471. " if n == 0 else ""
            asked = f"{said}How many days of leave does rule {n} of the handbook grant to employees?"
            history.append(chat, Role.USER, asked)
            told = f"Rule {n} grants {n + 10} days of paid leave in each calendar year. " * 3
            last = history.append(chat, Role.ASSISTANT, told)
        assert runtime.memory.renew(last.id, Question(text="?"))
    return chat


def test_earlier_turns_are_seen_summarised_and_changed(serve: Serve, open_page: Open, tmp_path: Path):
    chat = long_conversation(tmp_path)
    page = open_page()
    address = serve()
    page.goto(f"{address}/?c={chat}")
    fold = page.locator(".d-summary")
    expect(fold).to_contain_text("Earlier turns, summarised")
    expect(fold.locator(".d-summary-text")).not_to_be_visible()
    # It is reached and opened with the keyboard.
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(fold.locator(".d-summary-text")).to_contain_text("staff number 4471")
    expect(fold).to_contain_text("picked without a model")

    # Another text takes its place, and stays after a reload.
    fold.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Summary").fill("I am the head of the Busan office.")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    expect(fold.locator(".d-summary-mark")).to_have_text("edited")
    page.reload()
    expect(fold).to_contain_text("I am the head of the Busan office.")

    # A follow-up says what was searched in its place; a question of its own says nothing.
    field = page.get_by_test_id("stChatInputTextArea")
    for text in ("When does sick leave need a doctor's note?", "And after how many days?"):
        field.fill(text)
        field.press("Enter")
        expect(page.locator(".d-user").last).to_have_text(text)
        expect(page.locator("[data-live]")).to_have_count(0)
        expect(page.locator(".d-facts").last).to_be_visible()
    searched = page.locator(".d-searched")
    expect(searched).to_have_count(1)
    expect(searched).to_contain_text("doctor's note? And after how many days?")

    # What was automatic comes back, and in Korean the same words are Korean.
    page.goto(f"{address}/?c={chat}&lang=ko")
    fold.locator("summary").click()
    fold.get_by_role("button", name="고치기").click()
    page.get_by_role("dialog").get_by_role("button", name="자동 요약으로 되돌리기").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".d-summary-mark")).to_have_count(0)
    expect(fold).to_contain_text("앞선 대화 요약")
    expect(fold.locator(".d-summary-text")).to_contain_text("staff number 4471")
