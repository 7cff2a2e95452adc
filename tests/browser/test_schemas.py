"""Schemas in a browser: one is built and used in the chat, and its values lead to their places."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from support.accessible import findings
from support.model_server import ModelServer, Reply, answering

from app.config import load_settings
from app.runtime import build

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Serve = Callable[..., str]
Open = Callable[..., Page]

LEASE = """# 임대차 계약서

임대인: 박서연
임차인: 가온정밀 주식회사
보증금: 일금 50,000,000원
월세: 2,500,000원
계약 시작일: 2024년 3월 2일
"""
OBJECT = {"임대인": "박서연", "보증금": 50000000, "시작일": "2024-03-02", "특약": "반려동물 금지"}


@pytest.fixture
def address(serve: Serve, tmp_path: Path, model: ModelServer) -> str:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "임대차.md").write_text(LEASE, encoding="utf-8")
    folder = tmp_path / "schemas"
    folder.mkdir()
    (folder / "broken.yaml").write_text("fields: {합계: {pattern: '(?=x)'}}\n", encoding="utf-8")
    with build(load_settings(data_dir=tmp_path / "data")) as runtime:
        runtime.ingest([tmp_path / "files"])
    return serve(DOCENT_SCHEMA_DIR=str(folder), **answering(model))


def test_a_schema_is_built_and_its_answer_shows_where_each_value_stands(
    address: str, open_page: Open, model: ModelServer, tmp_path: Path
):
    page = open_page("ko-KR", color_scheme="dark")
    _the_shelf(page, address)
    _a_schema_of_ones_own(page)
    _a_typed_answer(page, model, tmp_path)
    _on_a_phone(page)


def _the_shelf(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="스키마").click()
    expect(page.get_by_role("heading", name="약 정보")).to_be_visible()
    expect(page.get_by_text("쓸 수 없는 스키마 1개")).to_be_visible()
    expect(page.get_by_text(re.compile("“합계”, 형식: “\\(\\?=x\\)” 형식은 쓸 수 없습니다"))).to_be_visible()
    assert findings(page) == []
    page.get_by_role("button", name="청구서", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("대금을 내야 하는 마지막 날.", exact=True)).to_be_visible()
    assert findings(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def _a_schema_of_ones_own(page: Page) -> None:
    page.get_by_role("button", name="새 스키마").click()
    page.get_by_role("textbox", name="이름", exact=True).fill("임대차 요약")
    field = page.get_by_role("textbox", name="항목 이름")
    for number, name in enumerate(OBJECT):
        field.fill(name)
        if number < len(OBJECT) - 1:
            page.get_by_role("button", name="항목 더하기").click()
            expect(field).to_have_value("")
    field.blur()
    rows = page.locator(".d-open-field > span:not(.d-icon)")
    expect(rows).to_have_text(["임대인", "보증금", "시작일", "특약"])
    for name, kind in (("보증금", "금액"), ("시작일", "날짜")):
        page.get_by_role("button", name=re.compile(f"^{name}")).click()
        expect(field).to_have_value(name)
        page.get_by_role("combobox", name="종류").click()
        page.get_by_role("option", name=kind, exact=True).click()
        expect(page.get_by_role("button", name=re.compile(f"^{name} ?{kind}"))).to_be_visible()
    expect(page.get_by_text("고칠 것이 없습니다.")).to_be_visible()
    expect(page.get_by_label("JSON 스키마").locator("visible=true").last).to_contain_text('"format": "money"')
    assert findings(page) == []

    up = page.get_by_role("button", name="“특약” 위로")
    up.focus()
    page.keyboard.press("Enter")
    expect(rows).to_have_text(["임대인", "보증금", "특약", "시작일"])
    expect(up).to_be_focused()
    page.get_by_role("button", name="저장", exact=True).click()
    expect(page.get_by_role("heading", name="“임대차 요약” 고치기")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("button", name="YAML 파일").click()
    assert "name: 임대차 요약" in Path(saved.value.path()).read_text(encoding="utf-8")
    page.get_by_role("button", name="스키마 목록으로").click()
    page.get_by_role("button", name="채팅에서 쓰기: 임대차 요약").click()


def _a_typed_answer(page: Page, model: ModelServer, tmp_path: Path) -> None:
    go_on = threading.Event()
    model.say(Reply(json.dumps(OBJECT, ensure_ascii=False), wait=go_on))
    page.get_by_test_id("stChatInputTextArea").fill("이 임대차 계약의 조건은?")
    page.keyboard.press("Enter")
    expect(page.get_by_text("채우는 중이며")).to_be_visible()
    expect(page.locator("[data-live] dd").first).to_have_text("박서연")
    go_on.set()
    values = page.locator(".d-typed:not(.d-live) dd")
    expect(values.nth(1)).to_contain_text("50,000,000")
    expect(values.nth(1)).to_contain_text("원문 “")
    expect(values.nth(3)).to_contain_text("2024-03-02")
    expect(values.nth(2)).to_contain_text("모델은 “반려동물 금지”")
    assert findings(page) == []

    values.nth(3).get_by_role("link").click()
    expect(page.frame_locator(".d-viewer iframe").locator("mark").first).to_contain_text("2024년 3월 2일")
    page.keyboard.press("Escape")
    with page.expect_download() as saved:
        page.get_by_role("button", name="JSON으로 저장").click()
    assert saved.value.suggested_filename == "임대차 요약.json"
    data = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))
    assert data == OBJECT | {"특약": None}


def _on_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    expect(page.locator(".d-typed dd").first).to_be_visible()
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide)
    assert findings(page, ".d-typed") == []
