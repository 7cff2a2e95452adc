"""Finding, ordering and undoing without a mouse, in a real Chromium against the real server."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect
from support.model_server import ModelServer, Reply

from app.config import load_settings
from app.runtime import build
from app.schemas import Role

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Serve = Callable[..., str]
Open = Callable[..., Page]


@pytest.fixture
def address(serve: Serve, model: ModelServer, tmp_path: Path) -> str:
    """A server over a small handbook, with two conversations."""
    (tmp_path / "handbook.md").write_text("# Leave\n\nEvery employee has 25 days of paid leave a year.\n")
    with build(load_settings(data_dir=tmp_path / "data")) as runtime:
        runtime.ingest([tmp_path / "handbook.md"])
        history = runtime.history
        for question, answer in (
            ("출장비는 어떻게 정산하나요?", "영수증을 냅니다. " * 30),
            ("연차휴가를 쓰려면?", "팀장이 승인합니다. <b>" * 30),
        ):
            made = history.create(collection="default")
            for _ in range(4):
                history.append(made.id, Role.USER, question)
                history.append(made.id, Role.ASSISTANT, answer)
    return serve(
        DOCENT_LLM_MODEL="openai:scripted-model",
        DOCENT_LLM_BASE_URL=model.url,
        DOCENT_LLM_API_KEY="test",
        DOCENT_AUTO_TITLES="true",
    )


def field(page: Page) -> Locator:
    return page.get_by_test_id("stChatInputTextArea")


def rows(page: Page) -> Locator:
    return page.locator(".d-list li a")


def findings(page: Page) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}"
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]


def test_conversations_are_found_ordered_and_brought_back(
    address: str, open_page: Open, model: ModelServer
) -> None:
    page = open_page()
    page.goto(address)
    expect(rows(page)).to_have_count(2)

    a_model_names_a_conversation_and_nobody_has_to_look(page, model)
    search_leads_to_the_message(page)
    commands_are_typed_into_the_composer(page)
    a_draft_stays_with_its_conversation(page)
    the_menu_of_a_row_works_by_keyboard(page)
    folders_stay_folded(page)
    keys_act_where_the_reader_is(page)
    a_running_answer_has_a_dot_and_is_stopped_by_escape(page, model)


def a_model_names_a_conversation_and_nobody_has_to_look(page: Page, model: ModelServer) -> None:
    model.say("There are 25 days of paid leave [1].", "Paid leave a year")
    field(page).fill("How many days of paid leave are there?")
    field(page).press("Enter")
    expect(page.locator(".d-facts")).to_be_visible()
    expect(rows(page).first).to_have_text("Paid leave a year")
    expect(rows(page).first).to_have_attribute("aria-current", "page")


def search_leads_to_the_message(page: Page) -> None:
    page.keyboard.press("Control+k")
    palette = page.locator("dialog.d-palette")
    expect(palette.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("휴가를")
    expect(palette.locator("mark").first).to_have_text("휴가를")
    assert findings(page) == []
    page.keyboard.press("Enter")
    expect(palette).to_be_hidden()
    page.wait_for_url("**m=*")
    found = page.url.partition("m=")[2]
    expect(page.locator(f'[data-message="{found}"]')).to_contain_text("연차휴가를 쓰려면?")
    expect(page.locator(f'[data-message="{found}"]')).to_be_in_viewport()


def commands_are_typed_into_the_composer(page: Page) -> None:
    field(page).click()
    page.keyboard.type("/이름")  # a name in the other language will do
    commands = page.locator(".d-popup [role=option]")
    expect(commands).to_have_count(1)
    # Enter that ends a syllable chooses nothing.
    enter = "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true})"
    field(page).evaluate(f"field => field.dispatchEvent({enter})")
    expect(commands).to_have_count(1)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("휴가 <승인>")
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator(".d-list [aria-current]")).to_have_text("휴가 <승인>")
    expect(field(page)).to_have_value("")


def a_draft_stays_with_its_conversation(page: Page) -> None:
    field(page).fill("half a question")
    rows(page).nth(2).click()
    expect(page.locator(".d-user").first).to_have_text("출장비는 어떻게 정산하나요?")
    expect(field(page)).to_have_value("")
    rows(page).nth(1).click()
    expect(page.locator(".d-user").first).not_to_have_text("출장비는 어떻게 정산하나요?")
    expect(field(page)).to_have_value("half a question")
    page.reload()
    expect(field(page)).to_have_value("half a question")
    field(page).fill("")


def the_menu_of_a_row_works_by_keyboard(page: Page) -> None:
    menu_button = page.get_by_role("button", name="What you can do with “휴가 <승인>”")
    menu_button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Rename")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu_button).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")  # Delete
    expect(rows(page)).to_have_count(2)
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(rows(page)).to_have_count(3)
    expect(page.locator(".d-user").first).to_have_text("연차휴가를 쓰려면?")

    menu_button.click()
    page.get_by_role("menuitem", name="Pin").click()
    expect(page.locator(".d-list h3").first).to_have_text("Pinned")
    expect(rows(page).first).to_have_text("휴가 <승인>")


def folders_stay_folded(page: Page) -> None:
    page.get_by_role("button", name="What you can do with “Paid leave a year”").click()
    page.get_by_role("menuitem", name="Move to folder").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").fill("HR & <more>")
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Save").click()
    folder = page.locator(".d-folder summary")
    expect(folder).to_contain_text("HR & <more>")
    folder.click()
    expect(page.get_by_role("link", name="Paid leave a year")).to_be_hidden()
    page.reload()
    expect(folder).to_be_visible()
    expect(page.get_by_role("link", name="Paid leave a year")).to_be_hidden()
    folder.click()
    expect(page.get_by_role("link", name="Paid leave a year")).to_be_visible()


def keys_act_where_the_reader_is(page: Page) -> None:
    expect(field(page)).to_be_enabled()
    page.mouse.click(1240, 400)
    page.keyboard.press("Shift+?")
    help_ = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(help_).to_contain_text("Ctrl+K")
    page.keyboard.press("Escape")
    expect(help_).to_be_hidden()
    page.keyboard.press("/")
    expect(field(page)).to_be_focused()
    expect(field(page)).to_have_value("")
    page.keyboard.type("?/ and? ")  # only letters here
    expect(field(page)).to_have_value("?/ and? ")
    field(page).fill("")
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(".d-list [aria-current]")).to_have_text("Paid leave a year")
    expect(page.locator(".d-user").last).to_have_text("How many days of paid leave are there?")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("dialog").get_by_role("textbox")).to_have_value(
        "How many days of paid leave are there?"
    )
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Control+b")
    expect(rows(page).first).not_to_be_in_viewport()
    page.keyboard.press("Control+b")
    expect(rows(page).first).to_be_in_viewport()


def a_running_answer_has_a_dot_and_is_stopped_by_escape(page: Page, model: ModelServer) -> None:
    reply = Reply("There are 25 days [1] of leave.", wait=threading.Event())
    model.say(reply)
    field(page).fill("How much leave is there?")
    field(page).press("Enter")
    expect(page.locator("[data-live]")).to_contain_text("There are 25 days")
    page.keyboard.press("Control+Shift+O")
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    expect(page.get_by_role("link", name="Paid leave a year").locator(".d-dot")).to_be_visible()
    page.get_by_role("link", name="Paid leave a year").click()
    expect(page).to_have_url(re.compile(r"\?c="))
    expect(page.locator("[data-live]")).to_contain_text("There are 25 days")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Stopped.")).to_be_visible()
    expect(page.locator(".d-dot")).to_have_count(0)
