"""A run that is killed: the next one loses nothing, and asks nothing again that was stored."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from support.desk import Desk
from support.invoices import Invoices

DOCUMENTS, SECONDS = 60, 0.05
ROOT = Path(__file__).parents[3]

RUN = """
import sys
from pathlib import Path
sys.path[:0] = [{root!r}, {tests!r}]
from support.desk import Desk
from support.invoices import Invoices
desk = Desk(Path({folder!r}))
desk.filler = Invoices(Path({log!r}), {seconds})
desk.run(parallel={parallel})
"""


def killed_after(folder: Path, log: Path, count: int, parallel: int) -> None:
    """Run in a process of its own, and kill it once so many documents were asked."""
    given = {"root": str(ROOT), "tests": str(ROOT / "tests"), "folder": str(folder), "log": str(log)}
    code = RUN.format(**given, seconds=SECONDS, parallel=parallel)
    before = len(asked(log))
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        deadline = time.monotonic() + 60
        while len(asked(log)) < before + count and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        process.kill()
    assert len(asked(log)) >= before + count


def asked(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8").splitlines() if log.exists() else []


def goes_on(tmp_path: Path, kills: list[int], parallel: int) -> None:
    """Kill a run so many times, then let it end; hold rows and what was asked against each other."""
    log = tmp_path / "asked"
    desk = Desk(tmp_path)
    desk.write({f"{n:02}.md": f"No: A-{n}\nTotal: {n}\nItem: pen = {n}\n" for n in range(DOCUMENTS)})
    for count in kills:
        killed_after(tmp_path, log, count, parallel)
    desk.filler = Invoices(log)
    with desk.tables.open("invoice@default") as table:
        stored = {one.source for one in table.documents()}
    assert 0 < len(stored) < DOCUMENTS
    report = desk.run(parallel=parallel)
    assert report.done == DOCUMENTS - len(stored)
    with desk.tables.open("invoice@default") as table:
        rows = table.rows()
    assert [row.document.source for row in rows] == sorted(f"{n:02}.md" for n in range(DOCUMENTS))
    assert all(row.data["total"] == row.data["items"][0]["price"] for row in rows)
    assert all(len(row.evidence) == 6 for row in rows)
    counted = Counter(asked(log))
    assert set(counted) == {f"{n:02}.md" for n in range(DOCUMENTS)}
    # Only what was under way when it was killed, and never stored, is asked again.
    assert sum(counted.values()) - DOCUMENTS <= len(kills) * parallel * 2
    assert not [name for name in stored if counted[name] > 1 + len(kills)]
    assert desk.run().done == 0


def test_a_killed_run_is_gone_on_with(tmp_path: Path):
    goes_on(tmp_path, [20], parallel=4)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_runs_that_are_killed_again_and_again(tmp_path: Path, seed: int):
    draw = random.Random(seed)
    # More than are asked and not yet kept, so that each kill finds something stored.
    goes_on(tmp_path, [draw.randint(9, 12) for _ in range(4)], parallel=draw.choice([1, 4]))
