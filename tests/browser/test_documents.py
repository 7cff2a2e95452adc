"""Files and the chat, in a real Chromium: dropped in, asked about alone, named by @, and gone on with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Serve = Callable[..., str]
Open = Callable[..., Page]

LEAVE = (
    "# 휴가 규정\n\n## 연차 휴가\n\n연차 휴가는 1년에 15일이다. 사흘 전에 부서장에게 신청한다.\n\n"
    "## 병가\n\n병가는 1년에 60일까지 쓸 수 있다. 사흘 넘는 병가에는 진단서를 낸다.\n\n"
    "## 경조 휴가\n\n결혼하는 직원은 경조 휴가 5일을 받는다.\n"
)
TRAVEL = "# Travel\n\n## Hotels\n\nHotels cost at most 120 euros a night, and annual leave is 25 days.\n"

# A drop as a person makes it: over a turn of the conversation, not over the field.
DROP = """async ([name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name, { type: "text/markdown" }));
  const over = document.querySelector(".d-turn");
  for (const kind of ["dragenter", "dragover", "drop"]) {
    over.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
    await new Promise((go) => setTimeout(go, 300));
  }
}"""


def composer(page: Page) -> object:
    return page.get_by_test_id("stChatInputTextArea")


def ask(page: Page, question: str) -> None:
    composer(page).fill(question)
    composer(page).press("Enter")


@pytest.mark.timeout(300)
def test_files_in_the_chat(serve: Serve, open_page: Open, tmp_path: Path):
    leave, broken = tmp_path / "휴가규정.md", tmp_path / "broken.pdf"
    leave.write_text(LEAVE, encoding="utf-8")
    broken.write_bytes(b"%PDF-1.4 and no more")
    page = open_page("ko-KR")
    page.goto(serve())

    # Two files and a question: it waits for them, is about these alone, and tells which one cannot be read.
    expect(composer(page)).to_be_visible(timeout=60_000)
    page.set_input_files('[data-testid="stChatInput"] input[type="file"]', [str(leave), str(broken)])
    ask(page, "연차 휴가는 며칠인가요?")
    expect(page.locator(".d-attached")).to_have_text(["휴가규정.md", "broken.pdf"])
    expect(page.locator(".d-answer")).to_contain_text("15일", timeout=60_000)
    expect(page.locator(".d-unread")).to_have_text("broken.pdf")
    expect(page.locator(".d-only b")).to_have_text("휴가규정.md")

    # What may be asked next is asked by a click.
    following = page.locator(".d-suggest-next button").first
    expect(following).to_be_visible(timeout=60_000)
    question = following.inner_text()
    following.click()
    expect(page.locator(".d-user").last).to_have_text(question)
    expect(page.locator(".d-facts")).to_have_count(2)

    # A file that is dropped anywhere is shown in the composer, and indexed while the chat goes on.
    page.evaluate(DROP, ["travel.md", TRAVEL])
    expect(page.get_by_test_id("stChatInput")).to_contain_text("travel.md")
    page.get_by_test_id("stChatInputSubmitButton").click()
    expect(page.locator(".d-indexing")).to_be_visible()
    expect(page.locator(".d-only b")).to_have_text("travel.md", timeout=60_000)

    # Lifted, and limited again by a name that is chosen from the list.
    page.locator('[data-act="lift"]').click()
    expect(page.locator(".d-only")).to_have_count(0)
    composer(page).press_sequentially("@ㅎㄱㄱ")
    page.get_by_role("option", name="휴가규정.md").click()
    expect(composer(page)).to_have_value("@휴가규정.md ")
    composer(page).press_sequentially("병가는 며칠까지 쓸 수 있나요?")
    composer(page).press("Enter")
    expect(page.locator(".d-mention")).to_have_text("@휴가규정.md")
    expect(page.locator(".d-answer").last).to_contain_text("60일")

    # A wrong name is told with the nearest one.
    expect(page.locator(".d-facts")).to_have_count(3)
    ask(page, "@휴가규칙 연차는?")
    expect(page.locator(".d-error")).to_contain_text("@휴가규정.md")
