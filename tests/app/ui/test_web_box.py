"""Web pages on the documents page: adding them, their rows, and taking them out."""

from __future__ import annotations

import pytest
from page_driver import Visit, html, until
from runtime_double import Collection, RuntimeDouble, file
from streamlit.testing.v1 import AppTest

from app.ui import documents_page, upload_box
from app.ui.links import is_address, linked
from app.ui.texts import Texts
from ingest.pipeline import Progress
from ingest.web import Site
from ingest.web.client import Response
from ingest.web.store import PageStore
from ingest.web.urls import parse

EN = Texts("en")
PAGE = "https://example.org/handbook/"


@pytest.fixture
def documents(visit: Visit) -> AppTest:
    return visit().button(key="documents").click().run()


def send(page: AppTest, address: str) -> AppTest:
    page.text_input(key="web-address").set_value(address)
    return next(button for button in page.button if button.label == "Add").click().run()


@pytest.mark.parametrize("typed", [PAGE, " example.org/handbook/ "])
def test_an_address_is_indexed(documents: AppTest, runtime: RuntimeDouble, typed: str):
    documents.number_input(key="web-depth").set_value(2)
    documents.number_input(key="web-pages").set_value(50)
    send(documents, typed)
    until(documents, "Done in 0.40 s.")
    assert runtime.ingested == [[Site.of(PAGE, 2, 50)]]


@pytest.mark.parametrize(
    "typed", ["ftp://example.org/", "https://me:geheim@example.org/", "file:///etc/passwd"]
)
def test_what_is_no_web_address_is_refused(documents: AppTest, runtime: RuntimeDouble, typed: str):
    send(documents, typed)
    assert "cannot be read" in html(documents)
    assert "geheim" not in html(documents)
    assert runtime.ingested == []


def test_pages_have_rows_with_links():
    row = documents_page.row_html(file("https://example.org/a/<b>&/"), EN, None)
    assert 'href="https://example.org/a/&lt;b&gt;&amp;/"' in row
    assert ">&lt;b&gt;&amp;</a><small>https://example.org/a/</small>" in row
    assert ">Web<" in row


@pytest.mark.parametrize(
    "source", ["javascript:alert(1)", "data:text/html,x", "hr/handbook.pdf", "//example.org"]
)
def test_nothing_else_becomes_a_link(source: str):
    assert not is_address(source)
    assert linked(source, "<name>") == "&lt;name&gt;"


def test_what_is_happening_is_told():
    share, text = upload_box.describe(Progress("fetch", files_done=3, path=PAGE), EN)
    assert share == 0
    assert text == f"Fetching pages · 3 pages · {PAGE}"


def test_a_page_is_taken_out_with_its_copy(documents: AppTest, runtime: RuntimeDouble):
    store = PageStore(runtime.settings.data_dir)
    copy = store.keep(parse(PAGE), Response(200, {"content-type": "text/html"}, b"words")).file
    info = file(PAGE, path=PAGE)
    runtime.shelf["default"] = Collection([info])
    upload_box.delete(info, "default")
    assert runtime.collection("default").files() == []
    assert not copy.exists()
