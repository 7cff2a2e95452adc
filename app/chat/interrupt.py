"""Leaving a stream at once, even while its next item is being waited for."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")

_POLL_SECONDS = 0.05
_END = object()


class _Reader(threading.Thread):
    """Reads a stream into a queue; stops at the next item after it was left, and closes the stream."""

    def __init__(self, make: Callable[[], Iterator[T]]) -> None:
        super().__init__(name="model-stream", daemon=True)
        self._make = make
        self.items: queue.SimpleQueue[object] = queue.SimpleQueue()
        self.left = threading.Event()
        self.error: BaseException | None = None
        self._context = contextvars.copy_context()  # LangChain finds its tracers there

    def run(self) -> None:
        self._context.run(self._read)

    def _read(self) -> None:
        try:
            stream = self._make()
            try:
                for item in stream:
                    if self.left.is_set():
                        return
                    self.items.put(item)
            finally:
                close = getattr(stream, "close", None)
                if close is not None:
                    close()
        except BaseException as error:  # noqa: BLE001 - it is raised again where the stream is read
            self.error = error
        finally:
            self.items.put(_END)


def interruptible(make: Callable[[], Iterator[T]], cancelled: threading.Event | None) -> Iterator[T]:
    """The items of the stream that `make` gives, until it ends or `cancelled` is set.

    A blocking read cannot be broken off, so it is left to a thread, which closes the stream when the read
    returns. Without `cancelled` the stream is read directly.
    """
    if cancelled is None:
        yield from make()
        return
    if cancelled.is_set():
        return
    reader = _Reader(make)
    reader.start()
    try:
        while not cancelled.is_set():
            with suppress(queue.Empty):
                item = reader.items.get(timeout=_POLL_SECONDS)
                if item is _END:
                    break
                yield item  # type: ignore[misc]
        if reader.error is not None and not cancelled.is_set():
            raise reader.error
    finally:
        reader.left.set()
