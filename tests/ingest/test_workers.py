"""Files are read in processes within limits: what a file can do costs that file only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.config import Settings
from app.errors import DocumentError
from ingest.pipeline.workers import Workers

# A reader that does what a hostile file may make one do; it takes the place of that of ".txt".
READERS = """
import os, sys, time
from ingest.loaders import READERS
from ingest.loaders.base import Block, SourceDocument

def read(path):
    word = path.read_text(encoding="utf-8").strip()
    if word == "hang":
        time.sleep(60)
    if word == "spin":  # in C, without letting any other thread run
        sum(range(10**12))
    if word == "crash":
        os.abort()
    if word == "leave":
        os._exit(3)
    if word == "memory":
        held = [bytearray(1 << 20) for _ in range(100_000)]
    if word == "swallowed":
        try:
            held = [bytearray(1 << 20) for _ in range(100_000)]
        except MemoryError:
            raise ValueError("no room") from None
    if word == "output":
        for number in range(1000):
            yield SourceDocument("t", [Block("x" * 100_000)], record_id=str(number))
    if word == "print":
        os.write(1, b"D not an answer\\n")
        print("nor is this", flush=True)
    if word == "half":
        word = "half a letter: \\ud800"
    yield SourceDocument("title", [Block(word), Block(str(os.getpid()))], metadata={"tags": ("a", "b")})

READERS[".txt"] = "hostile:read"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the files lie, and the module `hostile`, which the processes import before anything else."""
    (tmp_path / "hostile.py").write_text(READERS, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(
        "ingest.pipeline.workers._START",
        "import json, sys; limits, *sys.path = sys.argv[1:]; import hostile; "
        "from ingest.worker import main; main(**json.loads(limits))",
    )
    return tmp_path


@pytest.fixture
def limited(folder: Path) -> Iterator[Workers]:
    workers = Workers(Settings(read_seconds=1.5, read_memory_mb=200, read_output_mb=2))
    yield workers
    workers.close()


def write(folder: Path, word: str) -> Path:
    path = folder / f"{word}.txt"
    path.write_text(word, encoding="utf-8")
    return path


def texts(workers: Workers, path: Path) -> list[str]:
    return [block.text for document in workers.read(path) for block in document.blocks]


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("hang", r"hang\.txt was not read within 1\.5 seconds: .* raise DOCENT_READ_SECONDS=1\.5"),
        ("spin", r"spin\.txt was not read within 1\.5 seconds: .* raise DOCENT_READ_SECONDS=1\.5"),
        ("crash", r"crash\.txt crashed its reader \(SIGABRT\): .* raise DOCENT_READ_MEMORY_MB=200"),
        ("leave", r"leave\.txt crashed its reader \(exit status 3\)"),
        ("memory", r"memory\.txt needs more than 200 MB of memory .* raise DOCENT_READ_MEMORY_MB=200"),
        ("swallowed", r"swallowed\.txt needs more than 200 MB of memory"),
        ("output", r"output\.txt holds more than 2 MB of text: .* raise DOCENT_READ_OUTPUT_MB=2"),
    ],
)
def test_a_limit_costs_one_file_and_is_named(limited: Workers, folder: Path, word: str, told: str) -> None:
    fine = write(folder, "fine")
    before = texts(limited, fine)
    with pytest.raises(DocumentError, match=told):
        texts(limited, write(folder, word))
    after = texts(limited, fine)
    assert before[0] == after[0] == "fine" and before[1] != after[1]


def test_one_process_reads_many_files_and_what_libraries_print_is_no_answer(
    limited: Workers, folder: Path
) -> None:
    pids = {texts(limited, write(folder, word))[1] for word in ("one", "print", "two")}
    assert len(pids) == 1 and str(os.getpid()) not in pids


def test_documents_come_as_they_were_read(limited: Workers, folder: Path) -> None:
    [document] = limited.read(write(folder, "fine"))
    assert (document.title, document.metadata) == ("title", {"tags": ("a", "b")})
    assert texts(limited, write(folder, "half"))[0] == "half a letter: ?"


def test_errors_of_readers_keep_their_words(limited: Workers, folder: Path) -> None:
    with pytest.raises(DocumentError, match=r"gone\.txt cannot be read: No such file"):
        texts(limited, folder / "gone.txt")
    (folder / "empty.txt").touch()
    with pytest.raises(DocumentError, match=r"empty\.txt is empty \(0 bytes\)"):
        texts(limited, folder / "empty.txt")


def test_what_an_earlier_file_left_behind_is_not_the_next_ones_fault(limited: Workers, folder: Path) -> None:
    fine = write(folder, "fine")
    pid = int(texts(limited, fine)[1])
    os.kill(pid, signal.SIGKILL)
    assert texts(limited, fine)[0] == "fine"


def test_time_that_is_spent_on_what_was_read_does_not_count(limited: Workers, folder: Path) -> None:
    documents = limited.read(write(folder, "fine"))
    next(documents)
    time.sleep(2)
    assert list(documents) == []


def test_closing_ends_what_is_under_way(limited: Workers, folder: Path) -> None:
    caught: list[DocumentError] = []

    def read() -> None:
        try:
            texts(limited, write(folder, "hang"))
        except DocumentError as error:
            caught.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    assert wait_until(lambda: bool(limited._all))
    limited.close()
    thread.join(5)
    assert len(caught) == 1
    with pytest.raises(DocumentError, match="the run has ended"):
        texts(limited, write(folder, "fine"))


def test_keys_are_not_handed_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("HARMLESS", "yes")
    (folder / "hostile.py").write_text(
        READERS.replace("str(os.getpid())", "str(sorted(os.environ))"),
        encoding="utf-8",
    )
    workers = Workers(Settings())
    names = texts(workers, write(folder, "fine"))[1]
    workers.close()
    assert "HARMLESS" in names and "OPENAI_API_KEY" not in names


PARENT = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
import ingest.pipeline.workers as workers
from app.config import Settings
workers._START = workers._START.replace("from ingest", "import hostile; from ingest", 1)
pool = workers.Workers(Settings(read_seconds=30))
list(pool.read(Path(sys.argv[1], "fine.txt")))
[worker] = pool._all
print(worker._process.pid, flush=True)
list(pool.read(Path(sys.argv[1], "hang.txt")))
"""


def test_workers_die_with_the_process_that_started_them(folder: Path) -> None:
    write(folder, "fine"), write(folder, "hang")
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(folder), str(folder)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    assert wait_until(lambda: not alive(pid))


def alive(pid: int) -> bool:
    """Whether it runs; what has ended but was not asked after does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()
