"""One click on a mark shows the original beside the chat, in a real Chromium against the real server."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page, expect
from support.model_server import ModelServer, Reply

sys.path.insert(0, str(Path(__file__).parents[1] / "ingest"))  # for `doubles`

from doubles import paragraph, write_pdf

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Serve = Callable[..., str]
Open = Callable[..., Page]

LEAVE = "Every employee has 25 days of paid leave in a calendar year."
QUESTION = "How many days of paid leave does an employee have?"


def handbook(path: Path) -> Path:
    pages = [
        paragraph(f"Chapter {n} of the handbook.", "It binds all staff of the house.") for n in (1, 2, 3)
    ]
    pages[1] = paragraph("Leave grows with the years of service.", LEAVE, "Unused days lapse in March.")
    return write_pdf(path, pages, title="Handbook")


def index(folder: Path, data: Path) -> None:
    environment = {**os.environ, "DOCENT_DATA_DIR": str(data)}
    command = [sys.executable, "-m", "ingest", str(folder)]
    subprocess.run(command, env=environment, check=True, capture_output=True)


def ask(page: Page, question: str) -> None:
    field = page.get_by_test_id("stChatInputTextArea")
    expect(field).to_be_enabled()
    field.fill(question)
    field.press("Enter")
    expect(page.locator(".d-user").last).to_have_text(question)


def opened(page: Page) -> FrameLocator:
    expect(page.locator(".d-viewer")).to_be_visible()
    return page.frame_locator(".d-viewer iframe")


def test_an_uploaded_pdf_opens_on_its_page_while_another_answer_is_written(
    serve: Serve, open_page: Open, model: ModelServer, tmp_path: Path
):
    page = open_page()
    address = serve(
        DOCENT_LLM_MODEL="openai:scripted-model", DOCENT_LLM_BASE_URL=model.url, DOCENT_LLM_API_KEY="test"
    )
    page.goto(address)
    page.set_input_files(
        '[data-testid="stFileUploaderDropzoneInput"]', [str(handbook(tmp_path / "handbook.pdf"))]
    )
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    model.say(f"{LEAVE} [1]")
    ask(page, QUESTION)
    expect(page.locator(".d-facts")).to_be_visible()

    rest = threading.Event()
    model.say(Reply("They lapse in March [1] every year.", wait=rest))
    ask(page, "When do unused days lapse?")
    expect(page.locator(".d-live")).to_contain_text("They lapse")
    chip = page.locator(".d-answer .d-mark a").first
    chat = page.get_by_test_id("stMain").bounding_box()
    chip.click()
    viewer = opened(page)
    the_quote_is_boxed(viewer)
    narrowed, panel = page.get_by_test_id("stMain").bounding_box(), page.locator(".d-viewer").bounding_box()
    assert chat and narrowed and panel
    assert narrowed["x"] + narrowed["width"] <= panel["x"] + 1 < chat["x"] + chat["width"]
    expect(page.locator(".d-live")).to_contain_text("They lapse")
    rest.set()
    expect(page.locator(".d-facts")).to_have_count(2)
    expect(page.locator(".d-answer").last).to_contain_text("every year.")
    the_quote_is_boxed(viewer)

    pages_are_turned(page, viewer)
    sizes_change_and_the_box_stays(viewer)

    page.keyboard.press("Escape")
    expect(page.locator(".d-viewer")).to_be_hidden()
    expect(chip).to_be_focused()
    page.locator(".d-source summary").first.click()
    page.get_by_role("link", name="Open the original").first.click()
    the_quote_is_boxed(opened(page))
    page.get_by_role("button", name="Close the source").click()
    expect(page.locator(".d-viewer")).to_be_hidden()

    # The same in a tab of its own.
    page.goto(f"{address}/{chip.get_attribute('href')}")
    expect(page.locator(".sheet .ink rect")).to_have_count(1)
    expect(page.get_by_role("link", name="Open in a tab")).to_be_hidden()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "handbook.pdf"


def the_quote_is_boxed(viewer: FrameLocator) -> None:
    """Around the second line of the second page, whose base line is 14.3 points below 700."""
    expect(viewer.locator("input[name=page]")).to_have_value("2")
    image, box = viewer.locator(".sheet img"), viewer.locator(".sheet .ink rect")
    expect(box).to_have_count(1)
    drawn(viewer)
    around, place = image.bounding_box(), box.bounding_box()
    assert around and place
    scale = around["width"] / 595
    baseline = around["y"] + (842 - 685.7) * scale
    assert place["y"] < baseline - 6 * scale
    assert abs(place["y"] + place["height"] - baseline) < 7 * scale
    assert abs(place["x"] - around["x"] - 72 * scale) < 5 * scale


def drawn(viewer: FrameLocator) -> None:
    expect(viewer.locator(".sheet:not(.waiting) img")).to_be_visible()
    image = viewer.locator(".sheet img")
    assert image.evaluate("async (image) => (await image.decode(), image.naturalWidth)") >= 600


def pages_are_turned(page: Page, viewer: FrameLocator) -> None:
    image = viewer.locator(".sheet img")
    viewer.get_by_role("link", name="Next page").click()
    expect(image).to_have_attribute("alt", "Page 3 of handbook.pdf")
    expect(viewer.locator(".sheet .ink rect")).to_have_count(0)
    expect(viewer.locator(".next")).to_have_attribute("aria-disabled", "true")
    drawn(viewer)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(image).to_have_attribute("alt", "Page 1 of handbook.pdf")
    viewer.locator("input[name=page]").fill("2")
    viewer.locator("input[name=page]").press("Enter")
    the_quote_is_boxed(viewer)


def sizes_change_and_the_box_stays(viewer: FrameLocator) -> None:
    image = viewer.locator(".sheet img")
    before = image.bounding_box()
    for _ in range(4):
        viewer.get_by_role("button", name="Larger").click()
    expect(viewer.locator(".zoom")).to_have_text("300 %")
    after = image.bounding_box()
    assert before and after and after["width"] > 2.5 * before["width"]
    expect(image).not_to_have_attribute("src", "1/page/2?width=1200")
    the_quote_is_boxed(viewer)
    viewer.get_by_role("button", name="Fit to width").click()
    the_quote_is_boxed(viewer)


def test_notes_and_tables_of_a_folder_open_with_the_passage_marked(
    serve: Serve, open_page: Open, tmp_path: Path
):
    folder = tmp_path / "docs"
    folder.mkdir()
    rules = "\n\n".join(f"Rule {n} is about something else altogether." for n in range(1, 80))
    (folder / "휴가 규정.md").write_text(
        f"# 규정\n\n{rules}\n\n# 휴가\n\n연차 휴가는 1년에 15일이다.\n", encoding="utf-8"
    )
    (folder / "fees.csv").write_text("service,fee\nparking,12 euros\nlocker,3 euros\n", encoding="utf-8")
    index(folder, tmp_path / "data")
    address = serve()

    page = open_page("ko-KR", color_scheme="dark")
    page.goto(address)
    ask(page, "연차 휴가는 며칠인가요?")
    page.locator(".d-answer .d-mark a").first.click()
    viewer = opened(page)
    mark = viewer.locator(".cited mark")
    expect(mark).to_contain_text("연차 휴가는 1년에 15일이다.")
    expect(mark).to_be_in_viewport()
    expect(viewer.get_by_role("link", name="내려받기")).to_be_visible()

    page.get_by_role("button", name="새 대화").click()
    expect(page.locator(".d-viewer")).to_be_hidden()
    (folder / "fees.csv").write_text("service,fee\nparking,99 euros\n", encoding="utf-8")
    ask(page, "What is the fee for a locker?")
    page.locator(".d-answer .d-mark a").first.click()
    viewer = opened(page)
    expect(viewer.locator(".cited td mark").last).to_contain_text("3 euros")
    expect(viewer.get_by_text("색인한 뒤에 바뀐 파일입니다")).to_be_visible()

    page.set_viewport_size({"width": 390, "height": 780})
    panel = page.locator(".d-viewer").bounding_box()
    assert panel and (panel["x"], panel["width"]) == (0, 390)
    assert viewer.locator("html").evaluate("(root) => root.scrollWidth") <= 390
