"""Ratings of answers, and conversations that are copied, shared and imported, in a real Chromium."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.config import load_settings
from app.runtime import build

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Serve = Callable[..., str]
Open = Callable[..., Page]

LEAVE = "# Leave\n\nEvery employee has 25 days of paid leave in a calendar year.\n"


def ask(page: Page, question: str) -> None:
    field = page.get_by_test_id("stChatInputTextArea")
    expect(field).to_be_enabled()
    field.fill(question)
    field.press("Enter")
    expect(page.locator(".d-user").last).to_have_text(question)
    expect(page.locator(".d-facts").last).to_be_visible()


def in_menu(page: Page, name: str) -> None:
    page.locator(".d-bar-answer details.d-menu summary").last.click()
    page.locator(".d-menu[open]").get_by_role("button", name=name).click()


def test_an_answer_is_rated_and_its_conversation_goes_around(serve: Serve, open_page: Open, tmp_path: Path):
    file = tmp_path / "leave.md"
    file.write_text(LEAVE, encoding="utf-8")
    with build(load_settings(data_dir=tmp_path / "data")) as runtime:
        runtime.ingest([file])
    page = open_page()
    address = serve()
    page.goto(address)
    ask(page, "How many days of paid leave are there?")
    an_answer_is_rated_and_corrected(page)
    the_rating_is_saved_as_a_data_set(page)
    what_is_shared_is_read_and_continued(page, open_page(), address)
    a_file_is_imported_once(page, tmp_path)


def an_answer_is_rated_and_corrected(page: Page) -> None:
    page.get_by_role("button", name="Bad answer").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Incomplete").click()
    field = dialog.get_by_role("textbox", name="The answer as it should be")
    expect(field).to_have_value(re.compile("25"))
    field.fill("Each employee has **25 days** a year [1].")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="Bad answer")).to_have_attribute("aria-pressed", "true")
    correction = page.locator(".d-correction")
    correction.locator("summary").click()
    expect(correction.locator("strong")).to_have_text("25 days")
    expect(correction.locator("a[href^='source/']")).to_have_count(1)


def the_rating_is_saved_as_a_data_set(page: Page) -> None:
    page.locator(".d-foot").get_by_role("button", name="Feedback").click()
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name="Download one example").click()
    assert download.value.suggested_filename == "docent-dpo.jsonl"
    [line] = download.value.path().read_text(encoding="utf-8").splitlines()
    row = json.loads(line)
    assert row["chosen"][0]["content"] == "Each employee has **25 days** a year [1]."
    assert row["prompt"][-1]["role"] == "user"
    page.get_by_role("dialog").get_by_role("button", name="Close").click()


def what_is_shared_is_read_and_continued(page: Page, other: Page, address: str) -> None:
    in_menu(page, "Share up to here")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Make a link").click()
    link = dialog.get_by_test_id("stCode").inner_text().strip()
    assert link.startswith(f"{address}/?share=")
    dialog.get_by_role("button", name="Close").click()
    ask(page, "How many days of paid leave does an employee have in a year?")

    other.goto(link)
    expect(other.locator(".d-user")).to_have_text(["How many days of paid leave are there?"])
    expect(other.get_by_test_id("stChatInputTextArea")).to_have_count(0)
    expect(other.get_by_role("button", name="Bad answer")).to_have_count(0)
    other.locator(".d-answer a[href^='source/']").first.click()
    expect(other.frame_locator("iframe").locator("mark").first).to_contain_text("25")
    other.get_by_role("button", name="Close").first.click()
    other.get_by_role("button", name="Continue in my own copy").click()
    expect(other.get_by_test_id("stChatInputTextArea")).to_be_enabled()
    expect(other.locator(".d-user")).to_have_count(1)
    assert "share=" not in other.url

    in_menu(page, "Share up to here")
    dialog.get_by_role("button", name="Stop sharing").click()
    expect(dialog.get_by_text("What is shared")).to_have_count(0)
    dialog.get_by_role("button", name="Close").click()
    other.goto(link)
    expect(other.get_by_text("Nothing is shared under this link any more.")).to_be_visible()

    in_menu(page, "Branch into a new conversation")
    expect(page.get_by_role("button", name="(branch)").first).to_be_visible()
    expect(page.locator(".d-user")).to_have_count(2)


def a_file_is_imported_once(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "minutes.md"
    file.write_text("# Trip\n\n**User:** Where to?\n\n**Assistant:** <b>Seoul</b>.\n", encoding="utf-8")
    for told in ("One conversation imported.", "One was here already."):
        import_file(page, file)
        expect(page.get_by_text(told)).to_be_visible()
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.locator(".d-user")).to_have_text("Where to?")
        expect(page.locator(".d-answer")).to_have_text("<b>Seoul</b>.")
    broken = tmp_path / "broken.json"
    broken.write_text("[\n{", encoding="utf-8")
    import_file(page, broken)
    expect(page.get_by_role("dialog").get_by_text("Line 2")).to_be_visible()


def import_file(page: Page, file: Path) -> None:
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    page.locator(".d-foot").get_by_role("button", name="Import").click()
    dialog = page.get_by_role("dialog")
    dialog.locator('[data-testid="stFileUploaderDropzoneInput"]').set_input_files(str(file))
    dialog.get_by_role("button", name="Import", exact=True).click()
