"""Whether the viewer boxes the right words, and how long a page takes to open with them.

usage: python benchmarks/viewer.py DOCS_DIR [--sentences 200] [--seed 1] [--show]

Indexes the PDFs of a folder, draws sentences of their chunks at random, and lets a server cite each of them.
The text under the boxes that it gives is read back from the file by PDFium, and compared with the sentence:

    right      share of the sentences whose boxes hold them: F1 of their pairs of letters is at least .9
    F1         the mean of it
    first      of all: the server has just started and has nothing open yet
    cold       from a click to the last byte of the page and its picture, which nobody has looked at before
    warm       the same once more
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
import unicodedata
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ctypes import byref, c_double
from pathlib import Path
from typing import Any, NamedTuple

# This folder holds an ingest.py that would hide the package; its modules are imported from the root's side.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from app.cli.ui import free_port
from app.config import load_settings
from app.runtime import Runtime, build
from app.schemas import Answer, Chunk, Citation, Role, Seconds, Tokens
from app.sentences import sentence_spans
from app.ui import launch

_RIGHT = 0.9
_SHOWN = 160


class Drawn(NamedTuple):
    """A sentence, the file that it is from, and the address at which it is cited."""

    sentence: str
    path: Path
    address: str


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("docs", type=Path, help="a folder with PDFs")
    parser.add_argument("--sentences", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print the sentences that are not boxed right")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(data_dir=Path(folder))
        with build(settings) as runtime:
            runtime.ingest([given.docs.resolve()])
            drawn = list(cited(runtime, given.sentences, random.Random(given.seed)))
        with served(Path(folder)) as server:
            report(server, drawn, show=given.show)


def report(server: str, drawn: Sequence[Drawn], *, show: bool) -> None:
    first = opened(server, drawn[0])
    cold = [opened(server, one) for one in drawn[1:]]
    warm = [opened(server, one) for one in drawn]
    scores = []
    for one in drawn:
        under = " ".join(text_under(one.path, boxes(server, one)))
        scores.append(f1(one.sentence, under))
        if show and scores[-1] < _RIGHT:
            print(f"{scores[-1]:.2f} {one.path.name}: {one.sentence[:_SHOWN]!r}\n     {under[:_SHOWN]!r}")
    right = sum(score >= _RIGHT for score in scores)
    print(f"{len(drawn)} sentences: {right / len(drawn):.1%} right, F1 {statistics.fmean(scores):.3f}")
    print(f"first {first:5.0f} ms")
    for name, times in (("cold", cold), ("warm", warm)):
        ordered = sorted(times)
        p50, p95 = (ordered[int(share * (len(ordered) - 1))] for share in (0.5, 0.95))
        print(f"{name:5} {p50:5.0f} ms p50 {p95:5.0f} ms p95")


# -- what is cited -----------------------------------------------------------------------------------------


def cited(runtime: Runtime, count: int, chance: random.Random) -> Iterator[Drawn]:
    """Sentences at random, each the source of an answer of its own."""
    collection = runtime.collection()
    chunks = collection.chunks(sorted(collection.catalog.chunks.ids())).values()
    places = [
        (chunk, span)
        for chunk in chunks
        if chunk.origin and chunk.origin.path.lower().endswith(".pdf")
        for span in sentence_spans(chunk.text)
    ]
    conversation = runtime.history.create(collection=runtime.settings.collection)
    for chunk, span in chance.sample(places, min(count, len(places))):
        citation = cite(chunk, *span)
        message = runtime.history.append(conversation.id, Role.ASSISTANT, "[1]", record=answer(citation))
        yield Drawn(citation.quote, Path(chunk.origin.path), f"/source/{message.id}/1")


def cite(chunk: Chunk, begin: int, end: int) -> Citation:
    page, page_end = chunk.page_at(begin), chunk.page_at(end - 1)
    return Citation(
        n=1,
        source=chunk.source,
        page=page,
        page_end=page_end if page_end != page else None,
        quote=chunk.text[begin:end],
        score=1.0,
        chunk_id=chunk.id,
        context=chunk.text,
        title=chunk.title,
        headings=chunk.headings,
    )


def answer(citation: Citation) -> Answer:
    return Answer(
        question="",
        standalone="",
        answer="[1]",
        refused=False,
        citations=(citation,),
        model=None,
        temperature=None,
        seed=None,
        fingerprint=None,
        tokens=Tokens(),
        seconds=Seconds(),
    )


# -- the server --------------------------------------------------------------------------------------------


@contextmanager
def served(folder: Path) -> Iterator[str]:
    settings = load_settings(data_dir=folder)
    port = free_port("localhost", settings.port)
    environment = {**os.environ, "DOCENT_DATA_DIR": str(folder)}
    command = launch.command(settings, port)
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://localhost:{port}"
    try:
        while True:
            try:
                get(f"{address}/_stcore/health")
                break
            except OSError:
                if server.poll() is not None:
                    sys.exit("The server did not start.")
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait()


def get(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=60) as found:
        return found.read()


def opened(server: str, one: Drawn) -> float:
    """Milliseconds until the page and its picture are there."""
    began = time.perf_counter()
    page = get(server + one.address).decode()
    if picture := re.search(r'<img src="([^"]+)"', page):
        get(f"{server}{one.address.rpartition('/')[0]}/{picture[1]}")
    return (time.perf_counter() - began) * 1000


def boxes(server: str, one: Drawn) -> dict[str, Any]:
    return json.loads(get(f"{server}{one.address}/boxes"))


# -- what stands under the boxes ---------------------------------------------------------------------------


def text_under(path: Path, found: dict[str, Any]) -> Iterator[str]:
    """By PDFium's own search in a rectangle, which knows nothing of how the boxes were made."""
    import pypdfium2

    with pypdfium2.PdfDocument(path) as document:
        for number, on_page in found["boxes"].items():
            page = document[int(number) - 1]
            text_page = page.get_textpage()
            for box in on_page:
                yield text_page.get_text_bounded(*on_paper(page, *box))
            text_page.close()
            page.close()


def on_paper(page: Any, left: float, top: float, across: float, down: float) -> list[float]:
    """Left, bottom, right and top in the page's own coordinates."""
    import pypdfium2.raw as pdfium

    fine = 1_000_000
    corners = []
    for x, y in ((left, top), (left + across, top + down)):
        at_x, at_y = c_double(), c_double()
        point = round(x * fine), round(y * fine)
        pdfium.FPDF_DeviceToPage(page.raw, 0, 0, fine, fine, 0, *point, byref(at_x), byref(at_y))
        corners.append((at_x.value, at_y.value))
    (x0, y0), (x1, y1) = corners
    return [min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)]


def f1(one: str, other: str) -> float:
    """How much of the pairs of letters of two texts both have, in [0, 1]."""
    mine, theirs = pairs(one), pairs(other)
    return 2 * (mine & theirs).total() / max(1, mine.total() + theirs.total())


def pairs(text: str) -> Counter[str]:
    letters = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))
    return Counter(letters[n : n + 2] for n in range(max(1, len(letters) - 1)))


if __name__ == "__main__":
    main()
