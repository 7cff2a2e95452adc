"""Clicks that come while the page's script does what an earlier one asked for: each is done, and once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Open = Callable[..., Page]

# Clicks on a button of the framework's own; something else is told so many milliseconds later.
CLICK = """(later) => {
  document.querySelector('.st-key-documents button').click();
  setTimeout(() => docent.act('indexing-seen', ''), later);
}"""


@pytest.fixture
def page(address: str, open_page: Open) -> Page:
    page = open_page()
    page.goto(address)
    expect(page.get_by_test_id("stChatInputTextArea")).to_be_enabled()
    return page


def test_a_click_is_not_lost_to_another_that_follows_at_any_moment(page: Page):
    for later in range(0, 120, 8):
        page.evaluate(CLICK, later)
        expect(page.get_by_role("heading", name="Documents", exact=True)).to_be_visible()
        page.get_by_role("button", name="New chat").click()
        expect(page.get_by_test_id("stChatInputTextArea")).to_be_enabled()


def test_all_clicks_of_one_moment_are_done_in_their_order(page: Page):
    clicks = (("language", "ko"), ("page", "search"), ("page", "documents"))
    page.evaluate("clicks => clicks.forEach(([name, value]) => docent.act(name, value))", clicks)
    expect(page.get_by_role("heading", name="문서", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="새 대화")).to_be_visible()


def test_what_was_clicked_before_the_page_was_drawn_is_done(address: str, open_page: Open):
    page = open_page()
    page.goto(address, wait_until="commit")
    page.wait_for_function("() => window.docent")
    page.evaluate("() => docent.act('page', 'documents')")
    expect(page.get_by_role("heading", name="Documents", exact=True)).to_be_visible()


def test_a_page_that_is_slow_to_draw_holds_up_no_click_for_long(page: Page):
    # As if no page were ever drawn to its end from here on.
    page.evaluate("() => document.body.insertAdjacentHTML('afterbegin', '<i hidden data-drawn=\"1\"></i>')")
    clicks = (("indexing-seen", ""), ("page", "documents"))
    page.evaluate("clicks => clicks.forEach(([name, value]) => docent.act(name, value))", clicks)
    expect(page.get_by_role("heading", name="Documents", exact=True)).to_be_visible()


def test_a_button_that_is_pressed_while_the_page_is_handed_over_does_what_it_says(
    address: str, open_page: Open
):
    page = open_page()
    page.goto(address, wait_until="commit")
    page.locator('#d-early [data-value="documents"]').hover()
    page.mouse.down()
    page.wait_for_function("() => document.querySelector('[data-drawn]')")
    page.mouse.up()
    expect(page.get_by_role("heading", name="Documents", exact=True)).to_be_visible()
