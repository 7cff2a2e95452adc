"""Pictures of every page for the documentation, taken in a real Chromium.

usage: python benchmarks/screenshots.py [OUT_DIR] [--only NAME …] [--all]

Indexes examples/hr/documents, serves it with a scripted model (`benchmarks/model.py`), visits each page
and writes a PNG for each scene; OUT_DIR is docs/images if it is not given. The answers are scripted, so
that the pictures can be taken anywhere; search, citations and checks in them are real. One date is wrong on
purpose: the page marks it. --all takes each scene wide and narrow, light and dark, in both languages.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

# This folder holds an ingest.py that would hide the package; its modules are imported from the root's side.
ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT)

from playwright.sync_api import Browser, Page, sync_playwright

from app.config import load_settings
from app.runtime import Runtime, build
from app.ui.texts import Texts
from benchmarks.chat import FIELD, chromium, paced, served, using
from benchmarks.invoices import generate

ASKED = {
    "en": "How many days of annual leave can I carry over, and when do they lapse?",
    "ko": "사용하지 못한 연차는 며칠까지 이월되고 언제까지 써야 하나요?",
}
MORE = {
    "en": "From which day of an illness on is a fit note from the doctor needed?",
    "ko": "병가가 며칠 이상 이어지면 진단서를 내야 하나요?",
}
ANSWERS = {
    "carry over": "Up to 8 days of annual leave may be carried over into the next year [1]. "
    "They must be taken by 31 May; after that they lapse [1].",
    "fit note": "A fit note from the doctor is needed from the eighth day of an illness on [1].",
    "연차는 며칠까지": "사용하지 못한 연차는 6일까지 다음 해로 이월됩니다 [1]. "
    "이월된 연차는 다음 해 7월 31일까지 사용해야 합니다 [1].",
    "진단서": "병가가 4일 이상 이어지면 진단서를 제출해야 합니다 [1].",
    "title": "Leave",
}


class Look(NamedTuple):
    """How a page is visited."""

    language: str = "en"
    scheme: str = "light"
    narrow: bool = False

    @property
    def say(self) -> Texts:
        return Texts("ko" if self.language == "ko" else "en")


Scene = Callable[[Page, str, Look], None]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, nargs="?", default=ROOT / "docs/images")
    parser.add_argument("--only", nargs="+", choices=list(SCENES), default=list(SCENES))
    parser.add_argument("--all", action="store_true", help="every width, theme and language of each scene")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        data, answers = Path(folder) / "data", Path(folder) / "answers.json"
        answers.write_text(json.dumps(ANSWERS), encoding="utf-8")
        with build(load_settings(data_dir=data)) as runtime:
            runtime.ingest([ROOT / "examples/hr/documents"])
            billed(runtime, Path(folder) / "invoices")
        with (
            paced("--answers", str(answers), "--per-second", "200") as url,
            served(data, **using(url)) as address,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
            for name in given.only:
                scene, look = SCENES[name]
                for suffix, one in variants(look, all_of_them=given.all):
                    taken(browser, address, scene, one, given.out / f"{name}{suffix}.png")
            browser.close()


def billed(runtime: Runtime, folder: Path) -> None:
    """A collection of made-up invoices, and a table of them."""
    generate(folder, 12)
    runtime.ingest([folder / "documents"], "bills")
    runtime.extraction("invoice", "bills", model="none").run()


def variants(look: Look, *, all_of_them: bool) -> list[tuple[str, Look]]:
    if not all_of_them:
        return [("", look)]
    return [
        (f"-{language}-{scheme}-{'narrow' if narrow else 'wide'}", Look(language, scheme, narrow))
        for language in ("en", "ko")
        for scheme in ("light", "dark")
        for narrow in (False, True)
    ]


def taken(browser: Browser, address: str, scene: Scene, look: Look, path: Path) -> None:
    """One picture, in a browser of its own."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844} if look.narrow else {"width": 1280, "height": 860},
        device_scale_factor=2 if look.narrow else 1,
        locale="ko-KR" if look.language == "ko" else "en-GB",
        color_scheme="dark" if look.scheme == "dark" else "light",
        timezone_id="Asia/Seoul",
        reduced_motion="reduce",
    )
    context.set_default_timeout(60_000)
    page = context.new_page()
    scene(page, address, look)
    page.wait_for_timeout(900)
    page.screenshot(path=path)
    print(path, flush=True)
    context.close()


# -- scenes ----------------------------------------------------------------------------------------------


def empty(page: Page, address: str, look: Look) -> None:
    page.goto(address)
    page.locator(".d-hero h1").wait_for()
    page.wait_for_timeout(2500)  # its questions are checked by searching


def chat(page: Page, address: str, look: Look) -> None:
    page.goto(address)
    ask(page, ASKED[look.language])


def beside(page: Page, address: str, look: Look) -> None:
    """An answer with the original beside it."""
    chat(page, address, look)
    page.locator(".d-mark a").first.click()
    page.frame_locator(".d-viewer iframe").locator("img, main").first.wait_for()
    page.wait_for_timeout(1200)


def bar(page: Page, address: str, look: Look) -> None:
    """What can be done with an answer."""
    chat(page, address, look)
    page.locator(".d-bar-answer .d-menu summary").last.click()


def palette(page: Page, address: str, look: Look) -> None:
    chat(page, address, look)
    page.keyboard.press("Control+k")
    page.keyboard.type("연차" if look.language == "ko" else "leave")
    page.wait_for_timeout(1200)


def details(page: Page, address: str, look: Look) -> None:
    chat(page, address, look)
    page.locator('[data-act="details"]').last.click()
    page.get_by_role("dialog").wait_for()


def compare(page: Page, address: str, look: Look) -> None:
    chat(page, address, look)
    page.locator('[data-act="regenerate"]').last.click()
    page.locator(".d-version", has_text="2/2").wait_for()
    page.locator(".d-bar-answer .d-menu summary").last.click()
    page.locator('[data-act="compare"]').last.click()
    page.wait_for_timeout(2000)


def options(page: Page, address: str, look: Look) -> None:
    page.goto(address)
    page.locator(FIELD).wait_for()
    page.locator(".st-key-composer-row [data-testid='stPopover'] button").first.click()
    page.wait_for_timeout(800)


def shortcuts(page: Page, address: str, look: Look) -> None:
    page.goto(address)
    page.locator(FIELD).wait_for()
    page.wait_for_timeout(800)
    page.keyboard.press("Control+/")


def prompts(page: Page, address: str, look: Look) -> None:
    page.goto(f"{address}/prompts")
    page.locator(".d-title").wait_for()


def schemas(page: Page, address: str, look: Look) -> None:
    page.goto(f"{address}/schemas")
    page.locator(".d-title").wait_for()


def builder(page: Page, address: str, look: Look) -> None:
    schemas(page, address, look)
    page.evaluate("docent.act('schema-edit', 'contacts')")
    page.wait_for_timeout(2500)


def tables(page: Page, address: str, look: Look) -> None:
    page.goto(f"{address}/tables?table=invoice@bills")
    page.locator("table").first.wait_for()


def documents(page: Page, address: str, look: Look) -> None:
    page.goto(f"{address}/documents")
    page.locator(".d-name").first.wait_for()


def health(page: Page, address: str, look: Look) -> None:
    documents(page, address, look)
    page.get_by_role("radio", name=look.say("health.tab")).click()
    page.locator(".d-h-cards").wait_for()


def search(page: Page, address: str, look: Look) -> None:
    page.goto(f"{address}/search?q={'연차 이월' if look.language == 'ko' else 'annual leave carried over'}")
    page.locator(".d-title").wait_for()
    page.wait_for_timeout(1500)


def ask(page: Page, question: str) -> None:
    page.locator(f"{FIELD}:enabled").fill(question)
    page.locator(FIELD).press("Enter")
    page.locator(".d-facts").wait_for()
    page.locator("[data-live]").wait_for(state="detached")


SCENES: dict[str, tuple[Scene, Look]] = {
    "empty": (empty, Look()),
    "chat-en": (beside, Look()),
    "chat-ko": (beside, Look("ko", "dark")),
    "phone": (chat, Look("ko", narrow=True)),
    "bar": (bar, Look()),
    "palette": (palette, Look()),
    "details": (details, Look()),
    "compare": (compare, Look()),
    "options": (options, Look()),
    "shortcuts": (shortcuts, Look()),
    "prompts": (prompts, Look()),
    "schemas": (schemas, Look()),
    "builder": (builder, Look()),
    "tables": (tables, Look()),
    "documents": (documents, Look()),
    "health": (health, Look()),
    "search": (search, Look()),
}


if __name__ == "__main__":
    main()
