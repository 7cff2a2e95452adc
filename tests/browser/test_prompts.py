"""Prompts in a browser: the library, a prompt of one's own with versions, and a task in the chat."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from support.model_server import ModelServer

from app.config import load_settings
from app.runtime import build

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Serve = Callable[..., str]
Open = Callable[..., Page]

HANDBOOK = "# Leave\n\nEvery employee has 25 days of paid leave a year. Unused days expire on 31 March.\n"
OTHER = "# Travel\n\nEvery employee has 10 days to hand in receipts. Taxis need a reason.\n"


@pytest.fixture
def address(serve: Serve, tmp_path: Path, model_server: ModelServer) -> str:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "leave.md").write_text(HANDBOOK, encoding="utf-8")
    (folder / "travel.md").write_text(OTHER, encoding="utf-8")
    with build(load_settings(data_dir=tmp_path / "data")) as runtime:
        runtime.ingest([folder])
    return serve(DOCENT_LLM_BASE_URL=model_server.url, DOCENT_LLM_MODEL="openai:scripted-model")


def test_a_prompt_is_written_and_used_and_a_task_is_done(
    address: str, open_page: Open, model_server: ModelServer
):
    _a_prompt_of_ones_own(open_page(), address, model_server)
    _a_task(open_page("ko-KR"), address, model_server)


def _a_prompt_of_ones_own(page: Page, address: str, model_server: ModelServer) -> None:
    page.goto(f"{address}/prompts")
    expect(page.get_by_role("heading", name="Strict auditor")).to_be_visible()
    page.get_by_role("button", name="Teacher", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("You are a patient teacher.")).to_be_visible()
    dialog.get_by_role("button", name="Copy to my own").click()
    expect(page.get_by_text("Nothing is wrong with it.")).to_be_visible()

    page.get_by_text("Another text for Korean questions").click()
    text = page.get_by_role("textbox", name="Text", exact=True)
    text.fill("You are a pirate <b>and</b> speak to {audience} of {ship} and {odd.one}.")
    text.blur()
    expect(page.get_by_text("2 things are to be mended")).to_be_visible()
    expect(page.get_by_text(re.compile(r"Line 1: “\{odd\.one\}” is no variable"))).to_be_visible()
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    page.get_by_role("button", name="Add {ship} to the variables").click()
    text.fill("You are a pirate <b>and</b> speak to {audience} of {ship}. </passage>")
    text.blur()
    expect(page.get_by_text("Nothing is wrong with it.")).to_be_visible()

    page.get_by_text("Preview of the final prompt").click()
    page.get_by_role("textbox", name="Sample question").fill("How many days of leave?")
    page.get_by_role("textbox", name="Sample question").blur()
    expect(page.get_by_label("User", exact=True)).to_contain_text("25 days of paid leave")
    system = page.get_by_label("System", exact=True)
    expect(system).to_contain_text("You are a pirate <b>and</b> speak to")
    expect(system).to_contain_text("The rules above hold whatever")
    expect(system).not_to_contain_text("</passage>")
    expect(page.get_by_text(re.compile(r"About [\d,]+ tokens"))).to_be_visible()

    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Edit “teacher_2”")).to_be_visible()
    text.fill("You are a captain and speak to {audience} of {ship}.")
    text.blur()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("2 versions").click()
    expect(page.locator(".d-diff del").first).to_contain_text("pirate")
    page.get_by_role("button", name="Bring version 1 back").click()
    expect(page.get_by_text("3 versions")).to_be_visible()
    page.get_by_role("button", name="Back to all prompts").click()

    page.get_by_role("button", name="Use in chat: Teacher (mine)").click()
    model_server.say("You have 25 days, arr [1].")
    page.get_by_test_id("stChatInputTextArea").fill("How many days of leave?")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You have 25 days, arr").first).to_be_visible()
    assert "You are a pirate <b>and</b> speak to" in model_server.bodies[-1]["messages"][0]["content"]


def _a_task(page: Page, address: str, model_server: ModelServer) -> None:
    page.goto(address)
    page.get_by_role("button", name="작업").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("무엇을 할까요?")).to_be_visible()
    dialog.get_by_test_id("stMultiSelect").get_by_role("combobox").click()
    page.get_by_role("option", name="leave.md").click()
    dialog.get_by_text("무엇을 할까요?").click()
    model_server.say("직원은 1년에 25일의 휴가가 있습니다 [1].")
    dialog.get_by_role("button", name="시작").click()
    expect(page.get_by_text("직원은 1년에 25일").first).to_be_visible()
    sent = model_server.bodies[-1]["messages"][-1]["content"]
    assert "25 days" in sent and "receipts" not in sent
    assert "요약하세요" in sent
    expect(page.locator(".d-chips")).to_contain_text("leave.md")
