"""Marks of doubt, summaries and contradictions are ours alone: nothing of a document or an answer is HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from runtime_double import answer, citation

from app.schemas import Answer, CheckedSentence, Contradiction, Reason, Support
from app.ui import support_html, turns
from app.ui.safe_markdown import Mark
from app.ui.texts import Texts

EVIL = '"><img src=x onerror=alert(1)> & <script>alert(2)</script>'
NOTE = '<span class="d-doubt'
SAY = Texts("en")


class Tags(HTMLParser):
    """The names of all tags, and of all attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes.update(name for name, _ in attrs)


def sentence(text: str, support: Support = Support.NOT, *reasons: Reason) -> CheckedSentence:
    return CheckedSentence(text=text, citations=(1,), support=support, reasons=reasons)


def other_number(said: str = "28 days", source: str = "25 days") -> Reason:
    return Reason(code="number", values={"said": said, "source": source})


def checked(text: str, *sentences: CheckedSentence, **changes: object) -> Answer:
    return answer("How many?", text, sentences=sentences, score=0.5, **changes)


def words(of: Answer) -> str:
    return support_html.checked_html(of, {1: Mark("source/m/1", "handbook")}, SAY)


def test_only_doubtful_sentences_have_a_sign_and_it_says_why():
    html = words(
        checked(
            "There are 25 days [1]. There are 28 days [1]. So it is [1].",
            sentence("There are 25 days.", Support.SUPPORTED),
            sentence("There are 28 days.", Support.NOT, other_number()),
            sentence("So it is.", Support.PARTLY, Reason(code="word", values={"said": "so"})),
        )
    )
    first, not_supported, partly = re.split(r"(?=<span class=\"d-doubt)", html)
    assert "25 days" in first and "28 days" in first
    assert 'aria-label="Not supported. The source says “25 days”, not “28 days”."' in not_supported
    assert 'aria-label="Partly supported. “so” is not in the cited passage."' in partly


def test_what_stands_in_no_passage_is_said_once():
    nowhere = (Reason(code="no_citation"), Reason(code="words"), other_number())
    html = words(checked("A gym is paid.", sentence("A gym is paid.", Support.NOT, *nowhere)))
    assert "None of the passages that were found says this.</span>" in html
    assert "25 days" not in html


def test_nothing_that_a_document_or_an_answer_says_becomes_html():
    of = checked(
        f"Lunch is {EVIL} [1].",
        sentence(f"Lunch is {EVIL}.", Support.NOT, other_number(EVIL, EVIL)),
        citations=(citation(1, source=f"{EVIL}.md"), citation(2, source=f"{EVIL}2.md")),
        contradictions=(Contradiction(citations=(1, 2), quotes=(EVIL, EVIL), values=(EVIL, EVIL)),),
    )
    tags = Tags(turns.answer_html(of, "message", SAY))
    assert not tags.seen & {"img", "script"}
    assert not {name for name in tags.attributes if name.startswith("on")}
    assert "&quot;&gt;&lt;img src=x" in words(of)


def test_the_text_of_an_answer_cannot_place_a_note_itself():
    for fake in ("[\ue0000]", "\ue0000", "[\ue000\ue0000]", NOTE + '">!</span>'):
        html = words(
            checked(f"{fake} Lunch is free.", sentence("Lunch is free.", Support.NOT, other_number()))
        )
        assert html.count(NOTE) == 1
        assert html.index("Lunch is free.") < html.index(NOTE)


def test_a_row_has_its_sign_in_the_last_cell():
    html = words(
        checked(
            "| Fee | Euros |\n| --- | --- |\n| locker | 3 |\n| parking | 15 |",
            sentence("| locker | 3 |", Support.SUPPORTED),
            sentence("| parking | 15 |", Support.NOT, other_number("15", "12")),
        )
    )
    assert html.count("<td>") == 4
    assert re.search(r"<td>15<span class=\"d-doubt.*?</td>\n</tr>", html)


def test_an_item_of_a_list_has_its_sign_within():
    html = words(
        checked(
            "- A locker is free [1].\n- Parking is free [1].",
            sentence("- A locker is free.", Support.NOT, other_number()),
            sentence("- Parking is free.", Support.SUPPORTED),
        )
    )
    first, second = re.findall(r"<li>.*?</li>", html, re.DOTALL)
    assert NOTE in first and NOTE not in second


def test_the_summary_counts_and_shows_what_was_told():
    of = checked(
        "…",
        sentence("- **Lunch** is free.", Support.SUPPORTED),
        sentence("| parking | 15 |", Support.NOT, other_number("15", "12")),
    )
    html = support_html.summary_html(of, SAY)
    assert "1 of 2 sentences are backed by the sources" in html
    assert "<q>parking · 15</q>" in html
    assert "Lunch" not in html
    assert support_html.summary_html(answer("?", "Free.", score=None), SAY) == ""


def test_contradictions_stand_side_by_side_with_their_files():
    of = checked(
        "…",
        sentence("There are 25 days.", Support.SUPPORTED),
        citations=(citation(1, source="2023.md", page=None), citation(2, source="2024.md", page=3)),
        contradictions=(
            Contradiction(citations=(1, 2), quotes=("20 days.", "25 days."), values=("20 days", "25 days")),
        ),
    )
    html = support_html.contradictions_html(of, {}, SAY)
    assert html.count("<li>") == 2
    assert re.search(
        r"<b>20 days</b>.*2023\.md</small></li><li><b>25 days</b>.*2024\.md, p\. 3</small>", html
    )
    assert support_html.contradictions_html(checked("…"), {}, SAY) == ""
