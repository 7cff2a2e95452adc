"""What a newcomer does, in a real Chromium against the real server."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import docx
import pypdfium2
import pytest
from playwright.sync_api import Page, expect
from support.model_server import ModelServer, Reply

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Serve = Callable[..., str]
Open = Callable[..., Page]

LEAVE = "Every employee has 25 days of paid leave in a calendar year."


def write_pdf(path: Path, lines: list[str]) -> Path:
    """A page of text, by hand."""
    text = "BT /F1 12 Tf 60 760 Td 18 TL " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n".encode()
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    trailer = f"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    path.write_bytes(body + f"xref\n0 6\n0000000000 65535 f \n{table}{trailer}".encode())
    return path


def upload(page: Page, *files: Path) -> None:
    page.set_input_files('[data-testid="stFileUploaderDropzoneInput"]', [str(file) for file in files])


def ask(page: Page, question: str) -> None:
    field = page.get_by_test_id("stChatInputTextArea")
    expect(field).to_be_enabled()
    field.fill(question)
    field.press("Enter")
    expect(page.locator(".d-user").last).to_have_text(question)


def test_from_an_upload_to_a_cited_answer_that_stays(
    serve: Serve, open_page: Open, model: ModelServer, tmp_path: Path
):
    variables = {
        "DOCENT_LLM_MODEL": "openai:scripted-model",
        "DOCENT_LLM_BASE_URL": model.url,
        "DOCENT_LLM_API_KEY": "test",
    }
    page = open_page()
    page.goto(serve(**variables))

    # First start: nothing is there, and the page says what to do.
    expect(page.get_by_role("heading", name="Add documents to begin")).to_be_visible()
    upload(page, write_pdf(tmp_path / "handbook.pdf", ["Leave", LEAVE, "Unused days lapse in March."]))
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()

    # The answer streams, and its mark opens the source with the quote in it.
    written = threading.Event()
    model.say(Reply(f"{LEAVE} [1]", wait=written))
    ask(page, "How many days of paid leave does an employee have?")
    expect(page.locator(".d-live")).to_contain_text("25 days")
    written.set()
    expect(page.locator(".d-facts")).to_be_visible()
    expect(page.locator(".d-live")).to_have_count(0)
    source = page.locator(".d-source")
    expect(source).to_contain_text("handbook.pdf")
    expect(source.locator("mark")).not_to_be_visible()
    source.locator("summary").click()
    expect(source.locator("mark")).to_be_visible()
    expect(source.locator("mark")).to_contain_text("25 days of paid leave")
    expect(source).to_contain_text("p. 1")

    first = page.url.partition("?")[2].partition("#")[0]

    # Stop keeps what there is.
    model.say(Reply("Unused days lapse in March [1], and nobody knows why.", wait=threading.Event()))
    page.get_by_role("button", name="New chat").click()
    ask(page, "When do unused days lapse?")
    expect(page.locator(".d-live")).to_contain_text("lapse in March")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped.")).to_be_visible()
    expect(page.locator(".d-answer")).to_contain_text("Unused days lapse in March")

    # Neither a reload nor another page in the middle of an answer loses a word of it.
    rest = threading.Event()
    model.say(Reply("They lapse in March [1] every year.", wait=rest))
    page.get_by_role("button", name="New chat").click()
    ask(page, "In which month do unused days lapse?")
    expect(page.locator(".d-live")).to_contain_text("They lapse")
    page.reload()
    expect(page.locator(".d-live")).to_contain_text("They lapse")
    page.get_by_role("button", name="Documents").click()
    expect(page.locator(".d-name")).to_have_text(["handbook.pdf"])
    rest.set()
    page.get_by_role("link", name="In which month do unused days lapse").click()
    expect(page.locator(".d-answer")).to_contain_text("every year.")

    # After a restart of the server everything is still there.
    again = serve(**variables)
    page.goto(f"{again}/?{first}")
    expect(page.locator(".d-user")).to_have_text("How many days of paid leave does an employee have?")
    expect(page.locator(".d-answer")).to_contain_text("25 days")
    expect(page.locator(".d-list a")).to_have_count(3)

    page.get_by_role("button", name="New chat").click()
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    a_hostile_answer_does_no_harm(page, model)
    a_download_leaves_an_answer_alone_that_is_being_written(page, model)
    a_refused_key_is_told_with_its_cure(page, model)


def a_hostile_answer_does_no_harm(page: Page, model: ModelServer) -> None:
    leak = model.url.removesuffix("/v1")
    model.say(
        f"Leave is 25 days [1]. ![x]({leak}/image) <img src='{leak}/tag' onerror='document.title=1'> "
        f"[click]({leak}/link) <script>document.title='taken'</script>"
    )
    ask(page, "How many days of paid leave are there?")
    expect(page.locator(".d-facts")).to_be_visible()
    answer = page.locator(".d-answer")
    expect(answer).to_contain_text(f"click ({leak}/link)")
    assert answer.locator("img, script, a:not([href^='source/'])").count() == 0
    assert page.title() == "Docent"
    assert [request.path for request in model.requests if "/v1" not in request.path] == []


def a_download_leaves_an_answer_alone_that_is_being_written(page: Page, model: ModelServer) -> None:
    rest = threading.Event()
    question = "In which month do unused days lapse?"
    model.say(Reply("They lapse in March [1] every year.", wait=rest))
    ask(page, question)
    expect(page.locator(".d-live")).to_contain_text("They lapse")
    page.get_by_role("group", name="What you can do with this answer").get_by_label("More").first.click()
    page.get_by_role("button", name="Export", exact=True).first.click()
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name="Word").click()
    assert download.value.suggested_filename == "How many days of paid leave are there.docx"
    saved = docx.Document(str(download.value.path()))
    assert any(paragraph.text.startswith("Leave is 25 days. x (") for paragraph in saved.paragraphs)
    expect(page.locator(".d-live")).to_contain_text("They lapse")
    page.keyboard.press("Escape")
    rest.set()
    expect(page.locator(".d-answer").last).to_contain_text("every year.")


def a_refused_key_is_told_with_its_cure(page: Page, model: ModelServer) -> None:
    model.say(*[Reply(status=401)] * 3)
    ask(page, "And how many in the first year?")
    expect(page.locator(".d-error")).to_contain_text("refused the key")
    page.get_by_role("button", name="Answer without a model").click()
    expect(page.locator(".d-facts")).to_have_count(2)


def test_a_korean_visit_without_a_model(serve: Serve, open_page: Open, tmp_path: Path):
    address = serve()
    page = open_page("ko-KR", color_scheme="dark")
    page.goto(f"{address}/documents")
    expect(page.get_by_role("heading", name="문서")).to_be_visible()
    expect(page.get_by_text("아직 아무것도 없습니다")).to_be_visible()

    policy = tmp_path / "휴가 규정.md"
    policy.write_text(
        "# 휴가 규정\n\n연차 휴가는 1년에 15일이다. 병가는 60일까지 쓸 수 있다.\n", encoding="utf-8"
    )
    broken = tmp_path / "깨진 파일.pdf"
    broken.write_bytes(b"%PDF-1.4 and no more")
    upload(page, policy, broken)
    expect(page.locator(".d-error")).to_contain_text("깨진 파일.pdf")
    expect(page.locator(".d-name").filter(has_text="휴가 규정.md")).to_be_visible()

    page.get_by_role("button", name="새 대화").click()
    expect(page.get_by_role("heading", name="무엇이 궁금하신가요?")).to_be_visible()
    ask(page, "연차 휴가는 며칠인가요?")
    expect(page.locator(".d-answer")).to_contain_text("15일")
    expect(page.locator(".d-source")).to_contain_text("휴가 규정.md")
    expect(page.get_by_text("언어 모델 없이")).to_be_visible()

    # The conversation is saved as PDF.
    page.get_by_role("button", name="“연차 휴가는 며칠” 대화로 할 수 있는 일").click()
    page.get_by_role("menuitem", name="내보내기").click()
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name="PDF").click()
    assert download.value.suggested_filename == "연차 휴가는 며칠.pdf"
    with pypdfium2.PdfDocument(download.value.path()) as saved:
        assert "휴가 규정.md" in saved[0].get_textpage().get_text_range()
    page.get_by_role("dialog").get_by_role("button", name="Close").click()

    # The language can be switched, and the conversation deleted.
    page.get_by_role("radio", name="English").click()
    expect(page.get_by_role("button", name="New chat")).to_be_visible()
    page.get_by_role("button", name="What you can do with “연차 휴가는 며칠”").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    expect(page.get_by_text("Your conversations will be kept here.")).to_be_visible()
