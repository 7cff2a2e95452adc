"""Tables in a browser: made, opened cell by cell, edited, brought up to date, taken away."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from support.accessible import findings

from app.config import load_settings
from app.runtime import build

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Serve = Callable[..., str]
Open = Callable[..., Page]

INVOICES = {
    "a.md": "# Invoice\n\nInvoice number: A-1\nInvoice date: 2024-03-02\nSeller: Han Ltd\n"
    "Total: USD 275.00\n",
    "b.md": "# Invoice\n\nInvoice number: A-2\nInvoice date: 2024-04-02\nSeller: Nuri & Sons\n"
    "Total: USD 90\n",
    "c.md": "# Invoice, corrected\n\nInvoice number: A-1\nInvoice date: 2024-03-02\nTotal: USD 300.00\n",
    "라.md": "# 세금계산서\n\n승인번호: 2024-77\n작성일자: 2024년 5월 3일\n합계금액: 33,000원\n",
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for name, text in INVOICES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def address(serve: Serve, files: Path, tmp_path: Path) -> str:
    index(files, tmp_path)
    return serve()


def index(files: Path, tmp_path: Path) -> None:
    with build(load_settings(data_dir=tmp_path / "data")) as runtime:
        runtime.ingest([files])


def test_a_table_is_made_mended_and_taken_away(address: str, open_page: Open, files: Path, tmp_path: Path):
    page = open_page()
    _is_made(page, address)
    _a_cell_shows_its_evidence(page)
    _a_value_is_edited(page)
    (files / "a.md").write_text(INVOICES["a.md"].replace("Han Ltd", "Hahn Ltd"), encoding="utf-8")
    (files / "e.md").write_text(INVOICES["b.md"].replace("A-2", "A-5"), encoding="utf-8")
    index(files, tmp_path)
    _is_brought_up_to_date(page)
    _is_downloaded(page)
    _says_why_a_cell_is_empty(open_page("ko-KR", color_scheme="dark"), page.url)
    _is_deleted(page)


def _is_made(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Tables").click()
    expect(page.get_by_role("heading", name="Make a table")).to_be_visible()
    expect(page.get_by_text("4 documents to read")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("button", name="Fill the table").click()
    expect(page.get_by_text("Done · 4 read")).to_be_visible()
    table = page.get_by_role("region", name="Invoice · default")
    expect(table.get_by_role("row")).to_have_count(5)
    expect(table.get_by_role("button", name="Seller: Nuri & Sons")).to_be_visible()
    expect(table.get_by_role("button", name=re.compile("^Total: 33,000 KRW"))).to_be_visible()
    page.get_by_text("Documents disagree in one value").click()
    assert findings(page) == []


def _a_cell_shows_its_evidence(page: Page) -> None:
    page.get_by_role("button", name="Seller: Han Ltd").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("mark")).to_have_text("Seller: Han Ltd")
    dialog.get_by_role("link", name="Open the original").click()
    viewer = page.frame_locator(".d-viewer iframe")
    expect(viewer.locator("mark")).to_have_text("Seller: Han Ltd")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator(".d-viewer-close").click()
    expect(page.locator(".d-viewer")).to_be_hidden()


def _a_value_is_edited(page: Page) -> None:
    page.get_by_role("button", name="Invoice date: 2024-03-02").first.click()
    page.get_by_role("textbox", name="Day, such as 2025-03-31").fill("soon")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("'soon' is no date")
    page.get_by_role("dialog").get_by_label("Close").click()
    page.get_by_role("button", name="Seller: Han Ltd").click()
    page.get_by_role("textbox", name="Value").fill("Han Limited")
    page.get_by_role("button", name="Save").click()
    edited = page.get_by_role("button", name="Seller: Han Limited, edited by hand")
    expect(edited).to_be_visible()
    page.reload()
    expect(edited).to_be_visible()


def _is_brought_up_to_date(page: Page) -> None:
    page.get_by_role("button", name="Bring up to date").click()
    expect(page.get_by_text("Done · 2 read · 3 unchanged")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Seller: Han Limited, edited by hand, edited, and")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("It changed since, and now says “Hahn Ltd”.")
    dialog.get_by_role("button", name="Take the document’s").click()
    expect(page.get_by_role("button", name="Seller: Hahn Ltd")).to_be_visible()
    expect(page.get_by_role("region").get_by_role("row")).to_have_count(6)


def _is_downloaded(page: Page) -> None:
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="As CSV").click()
    data = download.value.path().read_bytes()
    lines = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert [line["total"] for line in lines] == ["275", "90", "300", "90", "33000"]
    page.keyboard.press("Escape")


def _says_why_a_cell_is_empty(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("button", name=re.compile("^공급자: 비어 있음:")).first.click()
    expect(page.get_by_role("dialog")).to_contain_text("문서 어디에도 이 값이 없습니다.")
    assert findings(page) == []
    page.goto(f"{url.split('?')[0]}?table=nothing")
    expect(page.get_by_role("alert")).to_be_visible()


def _is_deleted(page: Page) -> None:
    page.get_by_role("button", name="Delete the table").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete the table").click()
    expect(page.get_by_text("No table was made yet.")).to_be_visible()
