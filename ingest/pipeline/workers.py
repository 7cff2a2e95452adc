"""Files are opened in processes of their own: one that hangs, crashes or bursts costs that file alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeVar

from pydantic import TypeAdapter, ValidationError

from app.errors import DocumentError
from ingest.loaders import SourceDocument
from ingest.loaders.options import ReadOptions

if TYPE_CHECKING:
    from app.config import Settings

T = TypeVar("T")

READING = "ingest.worker:documents"
"""The task of processes that read files; see `ingest.worker`."""

# The path is that of this process: a module that lies in the folder one stands in is none of ours.
_START = (
    "import json, sys; limits, *sys.path = sys.argv[1:]; "
    "from ingest.worker import main; main(**json.loads(limits))"
)
_SECONDS_BETWEEN_LOOKS = 0.1
# More processes than this wait for the one that embeds, whatever the machine.
_MOST = 8
# A reader has no use for these, and what takes it over shall not find them.
_SECRET = ("KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL")


class _Ended(Exception):
    """The process is gone, or not to be used any more; the message is what to tell of the file."""


class Workers:
    """Processes for the threads that read, one each at most; started when first needed, closed by `close`.

    Args:
        settings: the limits, and what readers are told.
        task: what the processes do, as "module:function"; see `ingest.worker`.

    Attributes:
        count: how many files may be read at once; at least two, so that one that hangs does not hold up all.
    """

    def __init__(self, settings: Settings, task: str = READING) -> None:
        self.count = settings.read_workers or min(_MOST, max(2, os.cpu_count() or 1))
        self._settings = settings
        self._task = task
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._watchdog = threading.Thread(target=self._watch, name="docent-read-limits", daemon=True)

    def read(self, path: Path) -> Iterator[SourceDocument]:
        """What `ingest.loaders.read` yields; of processes whose task is `READING`.

        Raises:
            DocumentError: the file cannot be read, or not within the limits; the message names the setting.
        """
        return self.ask(str(path), path, _documents())

    def ask(self, request: object, path: Path, answer: TypeAdapter[T]) -> Iterator[T]:
        """What the task answers.

        Args:
            request: for the task, as it goes into JSON.
            path: of the file that this is about, to be named.
            answer: the type of what is answered.

        Raises:
            DocumentError: as in `read`.
        """
        while True:
            worker = self._take(path)
            was_new, began, is_fit = worker.is_new, False, False
            try:
                for value in worker.ask(request, path, answer):
                    began = True
                    yield value
                is_fit = True
                return
            except DocumentError:
                is_fit = True
                raise
            except _Ended as end:
                # What earlier files left behind in a process is not this file's fault.
                if was_new or began or worker.expired or self._closed.is_set():
                    raise DocumentError(str(end)) from None
            finally:
                self._give_back(worker, is_fit)

    def close(self) -> None:
        """End all processes, whatever they are doing; reads that are under way fail. May be called twice."""
        self._closed.set()
        with self._lock:
            idle, self._idle = self._idle, []
            busy = self._all.difference(idle)
        for worker in busy:
            worker.kill()  # the thread that uses it clears up
        for worker in idle:
            self._give_back(worker, is_fit=False)
        if self._watchdog.is_alive():
            self._watchdog.join()

    def _take(self, path: Path) -> _Worker:
        with self._lock:
            if self._idle:
                return self._idle.pop()
            if self._closed.is_set():
                raise DocumentError(f"{path.name} was not read: the run has ended.")
            try:
                worker = _Worker(self._settings, self._task)
            except OSError as error:
                raise DocumentError(
                    f"{path.name} cannot be read: no process can be started for it ({error.strerror}). "
                    "End other programs, or set DOCENT_READ_WORKERS=1."
                ) from error
            self._all.add(worker)
            if self._watchdog.ident is None:
                self._watchdog.start()
            return worker

    def _give_back(self, worker: _Worker, is_fit: bool) -> None:
        with self._lock:
            if is_fit and not self._closed.is_set():
                self._idle.append(worker)
                return
            self._all.discard(worker)
        worker.close()

    def _watch(self) -> None:
        while not self._closed.wait(_SECONDS_BETWEEN_LOOKS):
            now = time.monotonic()
            with self._lock:
                late = [worker for worker in self._all if worker.deadline < now]
            for worker in late:
                worker.expire()


class _Worker:
    """One process and what goes to it and comes from it; used by one thread at a time.

    Attributes:
        is_new: no file was read in it yet.
        deadline: when its answer must be there, on the monotonic clock; infinite while none is awaited.
        expired: it was ended because it took too long.
    """

    def __init__(self, settings: Settings, task: str) -> None:
        self._settings = settings
        limits = {"memory": settings.read_memory_mb << 20, "seconds": settings.read_seconds, "task": task}
        start = json.dumps(limits | asdict(ReadOptions.of(settings)))
        self._process = subprocess.Popen(  # noqa: S603 - this same Python, and nothing of a document's
            [sys.executable, "-P", "-c", _START, start, *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=1 << 16,
            env=_environment(),
            start_new_session=True,
        )
        self._requests: IO[bytes] = self._process.stdin  # type: ignore[assignment]
        self._answers: IO[bytes] = self._process.stdout  # type: ignore[assignment]
        self._left = settings.read_seconds
        self.is_new = True
        self.deadline = float("inf")
        self.expired = False

    def ask(self, request: object, path: Path, answer: TypeAdapter[T]) -> Iterator[T]:
        self.is_new, self._left = False, self._settings.read_seconds
        self._ask(request)
        room = self._settings.read_output_mb << 20
        while True:
            line = self._answer(path, room)
            room -= len(line)
            kind, said = line[:1], line[1:]
            if kind == b"D":
                yield self._value(path, said, answer)
            elif kind == b".":
                return
            elif kind == b"E":
                raise DocumentError(str(json.loads(said)))
            elif kind == b"M":
                raise _Ended(self._memory(path))
            else:
                raise _Ended(self._crash(path))

    def _ask(self, request: object) -> None:
        with suppress(OSError):  # it is gone; what follows will tell
            self._requests.write(json.dumps(request).encode() + b"\n")
            self._requests.flush()

    def _answer(self, path: Path, room: int) -> bytes:
        """The next line. Only time that is spent waiting for it counts."""
        began = time.monotonic()
        self.deadline = began + self._left
        line = self._answers.readline(room + 1)
        self.deadline = float("inf")
        self._left -= time.monotonic() - began
        if self.expired:
            raise _Ended(self._time(path))
        if len(line) > room:
            raise _Ended(self._output(path))
        return line

    def _value(self, path: Path, said: bytes, answer: TypeAdapter[T]) -> T:
        try:
            return answer.validate_json(said)
        except ValidationError:  # no task of ours says such things
            raise _Ended(self._crash(path)) from None

    def expire(self) -> None:
        self.expired = True
        self.kill()

    def close(self) -> None:
        self.kill()
        self._process.wait()
        for pipe in (self._requests, self._answers):
            with suppress(OSError):
                pipe.close()

    def kill(self) -> None:
        """With the programs that it started itself: they are in its group."""
        if self._process.poll() is not None:
            return
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()

    # -- what to tell of a file that does not fit --------------------------------------------------------

    def _time(self, path: Path) -> str:
        limit = f"{self._settings.read_seconds:g}"
        return (
            f"{path.name} was not read within {limit} seconds: open it in its own program and save it anew "
            f"or in parts, or raise DOCENT_READ_SECONDS={limit}."
        )

    def _memory(self, path: Path) -> str:
        limit = self._settings.read_memory_mb
        return (
            f"{path.name} needs more than {limit:,} MB of memory to be read: split it into smaller files, or "
            f"raise DOCENT_READ_MEMORY_MB={limit}."
        )

    def _output(self, path: Path) -> str:
        limit = self._settings.read_output_mb
        return (
            f"{path.name} holds more than {limit:,} MB of text: split it into smaller files, or raise "
            f"DOCENT_READ_OUTPUT_MB={limit}."
        )

    def _crash(self, path: Path) -> str:
        return (
            f"{path.name} crashed its reader ({self._ending()}): open it in its own program and save it "
            f"anew; if it is very large, raise DOCENT_READ_MEMORY_MB={self._settings.read_memory_mb}."
        )

    def _ending(self) -> str:
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return "its answer makes no sense"
        with suppress(ValueError):
            return signal.Signals(-code).name
        return f"exit status {code}"


@cache
def _documents() -> TypeAdapter[SourceDocument]:
    return TypeAdapter(SourceDocument)


def _environment() -> dict[str, str]:
    return {
        name: value for name, value in os.environ.items() if not any(part in name.upper() for part in _SECRET)
    }
