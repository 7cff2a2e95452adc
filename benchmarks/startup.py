"""What a user waits for: help, the first paint of the chat, an unchanged ingest, and a search's memory.

usage: python benchmarks/startup.py DOCS_DIR [--runs 3]

Every figure is of fresh processes; the chat is painted by a Chromium on this machine. Prints the median.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

DOCENT = str(Path(sys.executable).with_name("docent"))
INGEST = [sys.executable, "-m", "ingest"]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("docs", type=Path, help="a folder to index")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DOCENT_DATA_DIR"] = folder
        docs = str(given.docs.resolve())
        run([*INGEST, docs, "--json"])
        seconds: dict[str, Callable[[], float]] = {
            "python -m ingest --help": lambda: run([*INGEST, "--help"]),
            "unchanged second run": lambda: run([*INGEST, docs, "--json"]),
            "docent search": lambda: run([DOCENT, "search", "What is covered?", "--json"]),
            "first paint of the chat": first_paint,
        }
        for name, measure in seconds.items():
            print(f"{name:28} {statistics.median(measure() for _ in range(given.runs)):6.2f} s")
        for name, query in {"English": "What is covered?", "Korean": "보장 범위는 무엇인가요?"}.items():
            print(f"{'peak memory, ' + name + ' search':28} {peak([DOCENT, 'search', query]):4.0f} MB")


def run(command: list[str]) -> float:
    """Seconds that the command takes."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def peak(command: list[str]) -> float:
    """Peak memory of the command in MB, asked of a process whose only child it is."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, capture_output=True);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], check=True, capture_output=True, text=True)
    return int(done.stdout) / 1024


def first_paint() -> float:
    """Seconds from the start of `docent ui` until the chat's input can be seen, in an open browser."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(locale="en-US")
        began = time.perf_counter()
        with server() as address:
            page.goto(address)
            page.locator("textarea").first.wait_for()
            seconds = time.perf_counter() - began
        browser.close()
    return seconds


@contextmanager
def server() -> Iterator[str]:
    """A running chat: its address, once it has printed it."""
    with subprocess.Popen(
        [DOCENT, "ui"], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found is not None
            yield found.group()
        finally:
            os.killpg(process.pid, 15)


if __name__ == "__main__":
    main()
