"""One process that opens files for another; `ingest.pipeline.workers` starts it and holds it to limits.

It has one task, a function that answers a request with some values, such as `documents`, which reads a file.
A line of standard input is a request, as JSON. A line of standard output is a letter and JSON: `D` a value;
then, at last, `.` that this was all, `E` why the file cannot be read, or `M` that memory ran out. JSON, and
not pickle or marshal, because a parser that a hostile file has taken over may say anything: so it can only
lie, and `pipeline.workers` checks the types of what it says.

This module imports the readers alone: a process is ready in a tenth of a second.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from app.errors import DocumentError
from ingest.loaders import SourceDocument, read
from ingest.loaders.options import ReadOptions, reading_with

# How long after its time a process ends itself, if the one that should end it is gone.
_GRACE_SECONDS = 5

Task = Callable[[Any], Iterator[object]]


def documents(path: str) -> Iterator[SourceDocument]:
    """The task of those that read files."""
    return read(Path(path))


def main(memory: int, seconds: float, task: str, **options: Any) -> None:
    """Answer what standard input asks for, until that is closed.

    Args:
        memory: bytes that this process may use.
        seconds: that a request may take.
        task: "module:function" of what answers.
        options: of `ReadOptions`.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who started this
    answers = _own_output()
    _limit_memory(memory)
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_take, args=(requests,), daemon=True).start()
    module, _, name = task.partition(":")
    answer: Task = getattr(import_module(module), name)
    with reading_with(ReadOptions(**options)):
        while _answer(answer, json.loads(requests.get()), answers, seconds):
            pass
    _end()


def _own_output() -> BinaryIO:
    """Standard output for answers alone; what libraries print goes where errors go."""
    answers = os.fdopen(os.dup(1), "wb", 1 << 16)
    os.dup2(2, 1)
    return answers


def _take(requests: queue.SimpleQueue[bytes]) -> None:
    """Input ends when the one who asks is gone, even if it was killed: nobody wants an answer any more."""
    for line in sys.stdin.buffer:
        requests.put(line)
    _end()


def _end() -> None:
    """At once, with the programs that readers started, where this process leads a group of its own."""
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _answer(task: Task, request: Any, answers: BinaryIO, seconds: float) -> bool:
    """Answer one request; whether this process is fit for another."""
    try:
        values = task(request)
        while (value := _next(values, seconds + _GRACE_SECONDS)) is not None:
            _say(answers, b"D", value)
    except (DocumentError, MemoryError) as error:
        if _ran_out(error):
            _say(answers, b"M", None)
            return False
        _say(answers, b"E", str(error))
    else:
        _say(answers, b".", None)
    return True


def _say(answers: BinaryIO, kind: bytes, value: object) -> None:
    """Half letters, as broken documents have them, become "?": nothing after this could store them."""
    line = json.dumps(value, ensure_ascii=False, default=_fields).encode("utf-8", "replace")
    answers.write(kind + line + b"\n")
    if kind != b"D":
        answers.flush()


def _fields(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}


def _ran_out(error: BaseException | None) -> bool:
    """Whether want of memory is at the root of it; readers wrap what they meet."""
    while error is not None:
        if isinstance(error, MemoryError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _next(values: Iterator[object], seconds: float) -> object | None:
    """The system ends this process if it takes longer, whatever it does: Python could be in no state to."""
    if not hasattr(signal, "setitimer"):  # Windows
        return next(values, None)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return next(values, None)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _limit_memory(size: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    if sys.platform == "linux":
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        wanted = size if hard == resource.RLIM_INFINITY else min(size, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (wanted, wanted))
        with suppress(OSError):  # if memory becomes scarce all the same, this process is the one to go
            Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    else:
        threading.Thread(target=_watch_memory, args=(size,), daemon=True).start()


def _watch_memory(size: int) -> None:
    """Where the system takes a limit but does not hold to it (macOS, which counts in bytes)."""
    import resource

    while resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < size:
        time.sleep(0.2)
    _end()
