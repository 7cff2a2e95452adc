"""How long people wait in the chat: in a real Chromium, from a started server.

usage: python benchmarks/chat.py DOCS_DIR [--repeat 7] [--sessions 20] [--only page answers long …]

Indexes the folder, serves it, and measures (milliseconds; median and worst):

    page     first contentful paint, a place to type, the whole page; each visit in a browser of its own
    answers  from Enter to the first word on the screen, without a language model
    long     opening a conversation of 500 messages, by its address and by a click, beside 200 others
    model    from Enter to the first word with a language model, less what the model's server takes itself
    calls    so many ask at once past any page, the model at 50 words a second: first word as it is sent
    crowd    the same in so many pages, whose browser takes its share of this machine: errors, mixed answers
    crash    the server is killed amid so many answers: words lost after its restart, answers marked

The language model is `benchmarks/model.py`. DOCS_DIR must hold something about leave and days for questions
to be answered: examples/hr does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

# This folder holds an ingest.py that would hide the package; its modules are imported from the root's side.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from playwright.async_api import Browser, Page, async_playwright
from playwright.async_api import Error as PlaywrightError

from app.cli.ui import free_port
from app.config import load_settings
from app.history import History, Status
from app.runtime import build
from app.schemas import Role
from app.ui import launch

FIELD = '[data-testid="stChatInputTextArea"]'
QUESTIONS = (
    "How many days of annual leave do employees have?",
    "Who approves overtime?",
    "When is a fit note needed?",
    "How is travel paid back?",
    "How many days of parental leave are there?",
    "What is the notice period?",
    "How long is the probation period?",
)

# Begun before Enter: milliseconds from there to a word of a new answer on the screen. It looks when something
# changes, and is asked once: twenty pages that look again and again leave little of two cores to what is
# measured.
_WATCH = """() => {
  const before = document.querySelectorAll(".d-answer").length;
  window.waited = new Promise((told) => {
    let asked;
    const look = () => {
      const all = document.querySelectorAll(".d-answer");
      if (all.length <= before || !all[all.length - 1].textContent.trim()) return;
      observer.disconnect();
      requestAnimationFrame(() => told(performance.now() - asked));
    };
    const observer = new MutationObserver(look);
    const begin = () => {
      asked = performance.now();
      observer.observe(document.body, { childList: true, subtree: true, characterData: true });
    };
    window.addEventListener("keydown", begin, { once: true, capture: true });
  });
}"""
# Until the answer is there and the page drawn with it.
_WHOLE = """() => new Promise((told) => {
  const look = () => document.querySelector("[data-live], [data-asking]") ? setTimeout(look, 200) : told();
  look();
})"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("docs", type=Path, help="a folder to index")
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        with build(load_settings(data_dir=data)) as runtime:
            runtime.ingest([given.docs.resolve()])
        long = filled(data)
        asyncio.run(measure(data, long, given.only, given.repeat, given.sessions))


async def measure(data: Path, long: str, only: Sequence[str], repeat: int, sessions: int) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for name in only:
            await PARTS[name](browser, data, long, repeat, sessions)
        await browser.close()


def filled(data: Path, conversations: int = 200, messages: int = 500) -> str:
    """So many conversations, one of which has so many messages; its id."""
    history = History(f"sqlite:///{data / 'conversations.sqlite'}")
    for n in range(conversations):
        chat = history.create(title=f"Conversation {n}", collection="default").id
        history.append(chat, Role.USER, f"Question {n}?")
        history.append(chat, Role.ASSISTANT, f"Answer {n}.")
    long = history.create(title="The long one", collection="default").id
    for n in range(messages // 2):
        history.append(long, Role.USER, f"Question {n} about leave, overtime and travel?")
        words = f"Answer {n}. " + "Every employee has 25 days of paid leave in a year. " * 8
        history.append(long, Role.ASSISTANT, words, status=Status.DONE)
    history.close()
    return long


# -- the parts -------------------------------------------------------------------------------------------


async def page(browser: Browser, data: Path, long: str, repeat: int, sessions: int) -> None:
    with served(data) as address:
        paints, ready, whole = [], [], []
        for _ in range(repeat + 1):
            async with visiting(browser) as tab:
                began = time.perf_counter()
                await tab.goto(address, wait_until="commit")
                await tab.wait_for_selector("textarea:enabled")
                ready.append(1000 * (time.perf_counter() - began))
                await tab.wait_for_selector(f"{FIELD}:enabled")
                whole.append(1000 * (time.perf_counter() - began))
                paints.append(
                    await tab.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
                )
        for name, values in (("first paint", paints), ("ready to type", ready), ("the whole page", whole)):
            told(f"{name} (the first visit of all)", values[:1])
            told(name, values[1:])


async def answers(browser: Browser, data: Path, long: str, repeat: int, sessions: int) -> None:
    with served(data) as address:
        async with visiting(browser) as tab:
            await tab.goto(address)
            waits = [await first_word(tab, QUESTIONS[n % len(QUESTIONS)]) for n in range(repeat + 1)]
        told("question to first word, without a model (cold)", waits[:1])
        told("question to first word, without a model", waits[1:])


async def long_one(browser: Browser, data: Path, long: str, repeat: int, sessions: int) -> None:
    last = "Answer 249."
    with served(data) as address:
        by_address, by_click = [], []
        for _ in range(repeat):
            async with visiting(browser) as tab:
                began = time.perf_counter()
                await tab.goto(f"{address}/?c={long}", wait_until="commit")
                await tab.get_by_text(last).wait_for()
                by_address.append(1000 * (time.perf_counter() - began))
                await tab.get_by_text("New chat").first.click()
                await tab.get_by_text(last).wait_for(state="detached")
                await tab.wait_for_timeout(500)
                began = time.perf_counter()
                await tab.get_by_text("The long one").first.click()
                await tab.get_by_text(last).wait_for()
                by_click.append(1000 * (time.perf_counter() - began))
        told("500 messages, by address", by_address)
        told("500 messages, by a click", by_click)


async def model(browser: Browser, data: Path, long: str, repeat: int, sessions: int) -> None:
    with paced("--words", "30", "--first", "0.3") as url, served(data, **using(url)) as address:
        direct = [straight(url) for _ in range(repeat)]
        waits = []
        for n in range(repeat + 1):
            async with visiting(browser) as tab:  # a new conversation, so that nothing is condensed
                await tab.goto(address)
                waits.append(await first_word(tab, f"{QUESTIONS[n % len(QUESTIONS)]} #m{n}"))
        told("first word of the model, asked directly", direct)
        told("question to first word, with that model", waits[1:])
        over = statistics.median(waits[1:]) - statistics.median(direct)
        told("overhead before the first word", [over])


async def calls(browser: Browser, data: Path, long: str, repeat: int, sessions: int) -> None:
    with paced("--words", "100") as url, served(data, **using(url)) as address:
        called(address, 0)  # warm
        with ThreadPoolExecutor(sessions) as callers:
            waits = list(callers.map(partial(called, address), range(sessions)))
        told(f"{sessions} calls at once: first word", waits, p95=True)


async def crowd(browser: Browser, data: Path, long: str, repeat: int, sessions: int) -> None:
    with paced("--words", "100") as url, served(data, **using(url)) as address:
        async with visiting(browser) as tab:  # warm
            await tab.goto(address)
            await first_word(tab, f"{QUESTIONS[0]} #warm")
        tabs = await opened(browser, address, sessions)
        results = await asyncio.gather(*(crowded(tab, n) for n, tab in enumerate(tabs)))
        waits = [wait for wait, _ in results if wait is not None]
        told(f"{sessions} at once: first word", waits, p95=True)
        print(f"{'  failed':58}{sum(wait is None for wait, _ in results):6}")
        print(f"{'  mixed up or incomplete':58}{sum(not right for _, right in results):6}")
        for tab in tabs:
            await tab.context.close()


async def opened(browser: Browser, address: str, sessions: int) -> list[Page]:
    """So many pages, each in a browser of its own as far as the server can tell."""
    tabs = [await (await browser.new_context()).new_page() for _ in range(sessions)]
    for tab in tabs:
        await tab.goto(address)
        await tab.wait_for_selector(f"{FIELD}:enabled")
    return tabs


async def crowded(tab: Page, n: int) -> tuple[float | None, bool]:
    """One of many sessions: how long it waited, and whether its answer is its own and whole."""
    try:
        wait = await first_word(tab, f"{QUESTIONS[n % len(QUESTIONS)]} #session-{n}-")
        text = await tab.locator(".d-answer").last.inner_text()
        tags = [part for part in text.split() if part.startswith("#session")]
        return wait, tags == [f"#session-{n}-"] and "word91" in text and not await tab.locator(
            '.d-error[role="alert"]'
        ).count()
    except (PlaywrightError, TimeoutError) as error:
        print(f"  session {n}: {type(error).__name__}: {(str(error).splitlines() or [''])[0]}")
        return None, False


def called(address: str, n: int) -> float:
    """Ask as a page does; milliseconds until the first word is sent."""
    began = time.perf_counter()
    body = {"text": f"{QUESTIONS[n % len(QUESTIONS)]} #call-{n}-"}
    headers = {"content-type": "application/json", "origin": address}
    request = urllib.request.Request(f"{address}/ask", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as response:
        answer = json.load(response)["answer"]
    first = 0.0
    with urllib.request.urlopen(f"{address}/live/{answer}") as stream:  # to its end, as a page reads it
        for line in stream:
            if not first and b"d-answer" in line:
                first = 1000 * (time.perf_counter() - began)
    if not first:
        raise RuntimeError(f"call {n}: no word came before the stream ended")
    return first


async def crash(browser: Browser, data: Path, long: str, repeat: int, sessions: int) -> None:
    with paced("--words", "4000", "--per-second", "20") as url:
        with started(data, **using(url)) as (server, address):
            tabs = await opened(browser, address, sessions)
            for n, tab in enumerate(tabs):
                await tab.fill(FIELD, f"{QUESTIONS[n % len(QUESTIONS)]} #session-{n}-")
                await tab.press(FIELD, "Enter")
            answers = [tab.locator("[data-live] .d-answer") for tab in tabs]
            for answer in answers:
                await answer.filter(has_text="word9").wait_for(timeout=60_000)
            seen = [await answer.inner_text() for answer in answers]
            await asyncio.sleep(1)
            os.kill(server.pid, signal.SIGKILL)
            chats = [tab.url.partition("?")[2] for tab in tabs]
            for tab in tabs:
                await tab.context.close()
        with served(data, **using(url)) as address:
            lost = marked = 0
            async with visiting(browser) as tab:
                for n, (chat, text) in enumerate(zip(chats, seen, strict=True)):
                    await tab.goto(f"{address}/?{chat}")
                    await tab.locator(".d-note", has_text="Interrupted").first.wait_for()
                    marked += 1
                    kept = await tab.locator(".d-turn").last.inner_text()
                    asked = await tab.locator(".d-user").inner_text()
                    lost += f"#session-{n}-" not in asked or words(text)[-1] not in words(kept)
        print(f"{f'killed amid {sessions} answers: questions or words lost':58}{lost:6}")
        print(f"{'  partial answers marked as interrupted':58}{marked:6}")


PARTS = {
    "page": page,
    "answers": answers,
    "long": long_one,
    "model": model,
    "calls": calls,
    "crowd": crowd,
    "crash": crash,
}


# -- what they share -------------------------------------------------------------------------------------


async def first_word(tab: Page, question: str) -> float:
    """Ask; milliseconds from Enter to the first word of the answer on the screen."""
    await tab.wait_for_selector(f"{FIELD}:enabled")
    await tab.fill(FIELD, question)
    await tab.evaluate(_WATCH)
    await tab.press(FIELD, "Enter")
    wait: float = await asyncio.wait_for(tab.evaluate("window.waited"), 60)
    await asyncio.wait_for(tab.evaluate(_WHOLE), 90)
    return wait


def words(text: str) -> list[str]:
    return [word for word in text.split() if word.startswith("word")]


def told(name: str, values: Sequence[float], *, p95: bool = False) -> None:
    # By nearest rank: of twenty, the last but one.
    worst = sorted(values)[math.ceil(0.95 * len(values)) - 1] if p95 else max(values)
    print(f"{name:58}{statistics.median(values):6.0f}{worst:8.0f}{' (p95)' if p95 else ''}", flush=True)


@asynccontextmanager
async def visiting(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 1280, "height": 860})
    yield await context.new_page()
    await context.close()


@contextmanager
def served(data: Path, **variables: str) -> Iterator[str]:
    with started(data, **variables) as (_, address):
        yield address


@contextmanager
def started(data: Path, **variables: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    port = free_port("localhost", 8600)
    environment = {**os.environ, "DOCENT_LLM_MODEL": "", "DOCENT_DATA_DIR": str(data), **variables}
    server = subprocess.Popen(
        launch.command(load_settings(), port), env=environment, stdout=subprocess.DEVNULL
    )
    address = f"http://localhost:{port}"
    try:
        wait_for(f"{address}/_stcore/health")
        yield server, address
    finally:
        server.terminate()
        server.wait()


@contextmanager
def paced(*options: str) -> Iterator[str]:
    port = free_port("127.0.0.1", 8700)
    server = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("model.py")), str(port), *options]
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/v1/models")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait()


def using(url: str) -> dict[str, str]:
    return {"DOCENT_LLM_MODEL": "openai:paced", "DOCENT_LLM_BASE_URL": url, "DOCENT_LLM_API_KEY": "none"}


def straight(url: str) -> float:
    """Milliseconds to the first word of the model's server itself."""
    body = {"model": "paced", "stream": True, "messages": [{"role": "user", "content": "Hello"}]}
    request = urllib.request.Request(
        f"{url}/chat/completions", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    began = time.perf_counter()
    with urllib.request.urlopen(request) as answer:
        answer.readline()
        return 1000 * (time.perf_counter() - began)


def wait_for(address: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(address, timeout=1)
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"{address} does not answer.")


def chromium() -> str:
    import shutil

    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return next(filter(None, found), "") or sys.exit("No Chromium is installed.")


if __name__ == "__main__":
    main()
