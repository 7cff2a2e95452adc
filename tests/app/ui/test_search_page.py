"""The search page over a scripted searcher: what it asks for, and how hits are shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from page_driver import Visit, html
from runtime_double import PASSAGE, RuntimeDouble
from streamlit.testing.v1 import AppTest

from app.chat.retrieve import Found, Similar
from app.chat.retrieve.query import checked, parse
from app.errors import CollectionBusyError, DocentError
from app.schemas import Chunk, Explanation, Hit, Notice
from app.ui import hit_cards
from app.ui.texts import Texts

EN = Texts("en")


def chunk(text: str = PASSAGE, source: str = "hr/handbook.pdf") -> Chunk:
    return Chunk("c1", "d1", text, 0, 7, ("4 Time off",), "Handbook", source)


def hit(**changes: Any) -> Hit:
    why = Explanation(2, 1, 0.25, 0.5, changes.pop("rerank", None), ("annual", "leav"))
    return Hit(1, 0.75, 0.61, 12.5, changes.pop("chunk", chunk()), why, **changes)


@dataclass
class Searcher:
    """Finds what it is given; `asked` is what it was asked."""

    hits: list[Hit] = field(default_factory=lambda: [hit()])
    error: DocentError | None = None
    notices: tuple[Notice, ...] = ()
    asked: list[tuple[str, int, dict[str, str], float | None]] = field(default_factory=list)

    def find(self, text: str, k: int, where: dict[str, str], *, dense_weight: float | None = None) -> Found:
        self.asked.append((text, k, where, dense_weight))
        if self.error:
            raise self.error
        query = parse(text)
        weight = 0.4 if dense_weight is None else dense_weight
        wanted = {**checked(where), **query.where}
        return Found(self.hits, query.text, wanted, weight, self.notices, {"search": 0.012})

    def similar(self, chunk_id: str, k: int) -> list[Similar]:
        return [Similar(chunk("Unlike <words>.", "other.md"), 0.5, 1.0)]


@pytest.fixture
def searcher(runtime: RuntimeDouble) -> Searcher:
    double = Searcher()
    runtime.searcher = lambda collection=None: double  # type: ignore[attr-defined]
    return double


@pytest.fixture
def search(searcher: Searcher, visit: Visit) -> AppTest:
    return visit().button(key="search").click().run()


def test_it_begins_with_a_hint(search: AppTest, searcher: Searcher):
    assert "source:handbook.pdf" in html(search)
    assert searcher.asked == []
    assert not search.exception


def test_a_query_shows_hits_with_a_bar_for_each_part(search: AppTest, searcher: Searcher):
    shown = html(search.text_input(key="search-query").set_value("annual leave").run())
    assert searcher.asked == [("annual leave", 10, {}, None)]
    for text in ("handbook.pdf", "p. 7", "cosine 0.61 · rank 2", "BM25 12.50 · rank 1", "0.75", "12 ms"):
        assert text in shown
    assert "<mark>Annual</mark> <mark>leave</mark>" in shown
    assert shown.count('class="d-track"') == 3
    assert "width:25.0%" in shown
    assert "meaning 40%, words 60%" in shown


@pytest.mark.parametrize(("parts", "weight"), [("dense", 1.0), ("words", 0.0)])
def test_parts_can_be_toggled(search: AppTest, searcher: Searcher, parts: str, weight: float):
    search.text_input(key="search-query").set_value("leave").run()
    [toggle] = [one for one in search.get("button_group") if one.key == "search-parts"]
    toggle.set_value(parts).run()
    assert searcher.asked[-1][3] == weight


def test_filters_are_passed_on(search: AppTest, searcher: Searcher):
    search.text_input(key="search-query").set_value("leave")
    search.text_input(key="search-source").set_value("handbook.pdf")
    search.text_input(key="search-page").set_value("3-5")
    search.selectbox(key="search-type").set_value("pdf")
    search.number_input(key="search-k").set_value(3).run()
    assert searcher.asked[-1] == ("leave", 3, {"source": "handbook.pdf", "page": "3-5", "type": "pdf"}, None)
    assert "only source:handbook.pdf type:pdf page:3|4|5" in html(search)


def test_a_wrong_filter_is_said(search: AppTest, searcher: Searcher):
    search.text_input(key="search-query").set_value("leave")
    search.text_input(key="search-page").set_value("last").run()
    assert "page=&#x27;last&#x27;" in html(search)
    assert not search.exception


def test_similar_passages_show_both_distances(search: AppTest):
    search.text_input(key="search-query").set_value("leave").run()
    shown = html(search.toggle(key="similar-c1").set_value(True).run())
    assert "other.md" in shown
    assert "cosine <b>0.500</b>" in shown
    assert "Euclidean distance <b>1.000</b>" in shown
    assert "Unlike &lt;words&gt;." in shown


@pytest.mark.parametrize(
    ("query", "said"),
    [("volcano", "Nothing found."), ("page:3 x", "with page:3"), ("?!", "nothing to search for")],
)
def test_finding_nothing_says_why(search: AppTest, searcher: Searcher, query: str, said: str):
    searcher.hits = []
    assert said in html(search.text_input(key="search-query").set_value(query).run())


def test_an_error_is_a_card_below_the_query(search: AppTest, searcher: Searcher):
    searcher.error = CollectionBusyError("It is just being indexed.")
    search.text_input(key="search-query").set_value("leave").run()
    assert "It is just being indexed." in html(search)
    assert search.text_input(key="search-query").value == "leave"


def test_a_notice_is_shown(search: AppTest, searcher: Searcher):
    searcher.notices = (Notice(code="expansion_ignored", values={"kind": "multi"}),)
    assert "not reworded" in html(search.text_input(key="search-query").set_value("leave").run())


def test_the_address_holds_the_query(search: AppTest):
    search.text_input(key="search-query").set_value("annual leave").run()
    assert search.query_params["q"] == "annual leave"
    search.text_input(key="search-query").set_value("").run()
    assert "q" not in search.query_params


def test_it_speaks_korean(searcher: Searcher, visit: Visit):
    page = visit(lang="ko").button(key="search").click().run()
    shown = html(page.text_input(key="search-query").set_value("annual leave").run())
    assert "코사인 유사도 0.61 · 2위" in shown


def test_a_card_escapes_what_documents_say():
    nasty = chunk("annual <script>alert(1)</script> & more", "a/<b>.md")
    shown = hit_cards.card(hit(chunk=nasty, also_in=("<i>.md",), rerank=0.9), 0.4, EN)
    assert "<script>" not in shown
    assert "&lt;b&gt;.md" in shown
    assert "&lt;i&gt;.md" in shown
    assert "d-rerank-part" in shown


def test_a_long_passage_is_cut_around_its_first_match_and_can_be_read_whole():
    long = chunk("Something else. " * 80 + "Then annual leave. " + "More follows. " * 80)
    shown = hit_cards.card(hit(chunk=long), 0.4, EN)
    snippet = shown.split("<details")[0]
    assert "<mark>annual</mark>" in snippet
    assert snippet.count("…") == 2
    assert len(snippet) < 1200
    assert shown.count("More follows.") > 80


def test_a_part_without_weight_says_that_it_did_not_vote():
    unseen = Hit(1, 0.5, None, 3.0, chunk(), Explanation(None, 1, 0.0, 0.5))
    assert "did not vote" in hit_cards.card(unseen, 0.0, EN)
    assert "not among its candidates" in hit_cards.card(unseen, 0.4, EN)


def test_fields_of_the_documents_are_suggested_and_what_is_none_is_named(search: AppTest, searcher: Searcher):
    box = search.multiselect(key="search-fields")
    assert {"author:Kim Minsu", "tags:travel"} <= set(box.options)
    search.text_input(key="search-query").set_value("leave").run()
    search.multiselect(key="search-fields").set_value(["author:Kim Minsu", "type:pdf"]).run()
    assert searcher.asked[-1] == ("leave", 10, {"author": ("kim minsu",), "type": ("pdf",)}, None)
