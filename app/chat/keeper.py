"""Keeps what grows, some times a second, also while nothing is added to it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

SECONDS = 0.3


class Keeper(Generic[T]):
    """Calls `keep` with each thing it was given, again and again, from one thread, until it is taken back.

    Args:
        keep: must not raise.
        version: what has the same version as last time is left alone.
    """

    def __init__(self, keep: Callable[[T], None], version: Callable[[T], object]) -> None:
        self._keep = keep
        self._version = version
        self._lock = threading.Lock()
        self._kept: dict[T, object] = {}
        self._thread: threading.Thread | None = None
        self._filled = threading.Event()

    def add(self, thing: T) -> None:
        with self._lock:
            self._kept[thing] = self._version(thing)
            self._filled.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)
                self._thread.start()

    def remove(self, thing: T) -> None:
        """From the return of this on, it is not kept any more."""
        with self._lock:
            self._kept.pop(thing, None)
            if not self._kept:
                self._filled.clear()

    def _run(self) -> None:
        pause = threading.Event()
        while self._filled.wait():
            pause.wait(SECONDS)
            for thing in list(self._kept):
                with self._lock:
                    self._look(thing)

    def _look(self, thing: T) -> None:
        if thing not in self._kept:
            return
        now = self._version(thing)
        if now != self._kept[thing]:
            self._keep(thing)
            self._kept[thing] = now
