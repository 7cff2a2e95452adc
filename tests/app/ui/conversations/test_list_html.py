"""The list beside the chat: its order, its links, and foreign titles that stay text."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from app.history import Conversation
from app.ui.conversations.list_html import Look, address, list_html
from app.ui.texts import Texts

ENGLISH = Texts("en")


def conversation(id: str, title: str = "", days: int = 0, **changes: object) -> Conversation:
    moment = datetime.now(UTC) - timedelta(days=days)
    given = {"id": id, "title": title or id, "collection": "default", "settings": {}}
    return Conversation.model_validate(given | {"created": moment, "updated": moment} | changes)


def order(html: str) -> list[str]:
    """Headings, folders and rows, as they follow one another."""
    found = re.findall(r'<h3 class="d-day">([^<]*)|data-folder="([^"]*)"|data-conversation="([^"]*)"', html)
    return [next(filter(None, one)) for one in found]


def test_pinned_ones_come_first_then_folders_then_days():
    held = [
        conversation("p", days=40, pinned=True, folder="HR"),
        conversation("a"),
        conversation("b", folder="인사"),
        conversation("c", days=3),
        conversation("d", days=4, folder="HR"),
        conversation("e", days=5, folder="인사"),
        conversation("f", days=400),
    ]
    html = list_html(held, Look(ENGLISH, zone=UTC))
    assert order(html) == [
        "Pinned", "p", "HR", "d", "인사", "b", "e", "Today", "a", "Last 7 days", "c", "Older", "f",
    ]  # fmt: skip


def test_a_row_is_a_link_that_marks_the_open_one_and_the_busy_one():
    html = list_html([conversation("a"), conversation("b")], Look(ENGLISH, "a", {"b"}, chosen="ko"))
    first, second = re.findall(r"<li .*?</li>", html)
    assert 'href="./?c=a&amp;lang=ko" data-act="open" data-value="a" aria-current="page"' in first
    assert "d-dot" not in first
    assert "aria-current" not in second
    assert 'aria-label="Being answered"' in second


@pytest.mark.parametrize("foreign", ['"><script>alert(1)</script>', "<img src=x onerror=y>", "' onclick='x"])
def test_foreign_titles_and_folders_are_text(foreign: str):
    html = list_html([conversation("a", foreign, folder=foreign), conversation(foreign)], Look(ENGLISH))
    assert "<script" not in html
    assert "<img" not in html
    assert "' onclick" not in html


def test_an_empty_list_says_so_and_a_cut_one_too():
    assert "Your conversations will be kept here." in list_html([], Look(ENGLISH))
    assert "Only the newest 1 are listed" in list_html([conversation("a")], Look(ENGLISH, is_cut=True))
    assert "새 대화" in list_html(
        [conversation("a", " ").model_copy(update={"title": ""})], Look(Texts("ko"))
    )


def test_an_address_leads_to_a_message_in_the_chosen_language():
    assert address("c 1", "ko", "m&1") == "./?c=c+1&m=m%261&lang=ko"
