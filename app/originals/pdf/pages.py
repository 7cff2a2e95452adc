"""Pages of PDFs for those who show them: asked of a process with limits, and kept for a while."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from pydantic import TypeAdapter

from app.errors import DocumentError
from app.originals.pdf.drawing import TASK, Look, Picture
from app.originals.pdf.quotes import Quote
from ingest.pipeline.workers import Workers

if TYPE_CHECKING:
    from app.config import Settings

T = TypeVar("T")

# Somebody waits for a page: what takes longer than this is not worth it.
_LONGEST_SECONDS = 20.0
# PDFium works in one process; a second one begins only while the first is busy.
_PROCESSES = 2
_KEPT_BYTES = 48 << 20
_KEPT_LOOKS = 8 << 20
WIDTHS = (600, 900, 1200, 1600, 2200, 3000)
"""Widths in pixels that pages are drawn in; others are rounded up, so that few are drawn and kept."""


class Pages:
    """Safe to use from many threads; processes begin when they are first needed and end with `close`."""

    def __init__(self, settings: Settings) -> None:
        limits = {"read_seconds": min(settings.read_seconds, _LONGEST_SECONDS)}
        self._workers = Workers(settings.model_copy(update=limits), TASK)
        self._free = threading.BoundedSemaphore(_PROCESSES)
        self._pictures: _Kept[Picture] = _Kept(_KEPT_BYTES, lambda picture: len(picture.data))
        self._looks: _Kept[Look] = _Kept(_KEPT_LOOKS, lambda look: 64 * len(look.sizes) + 1024)

    def warm(self) -> None:
        """Let a process be ready for the first request."""
        with suppress(DocumentError), self._free:
            list(self._workers.ask({}, Path(), _LOOK))

    def look(self, path: Path, quote: Quote) -> Look:
        """How many pages there are, and where the quote stands on them.

        Raises:
            DocumentError: the file cannot be opened, or not within the limits.
        """
        request = {"path": str(path), "quote": asdict(quote)}
        return self._looks.get((*_state(path), quote), lambda: self._ask(request, path, _LOOK))

    def picture(self, path: Path, page: int, width: int) -> Picture:
        """A page, drawn about `width` pixels wide.

        Args:
            page: from 1.

        Raises:
            DocumentError: the page cannot be drawn, or not within the limits, or there is none.
        """
        width = next((one for one in WIDTHS if one >= width), WIDTHS[-1])
        request = {"path": str(path), "page": page, "width": width}
        return self._pictures.get((*_state(path), page, width), lambda: self._ask(request, path, _PICTURE))

    def close(self) -> None:
        """End the processes. May be called twice."""
        self._workers.close()

    def _ask(self, request: object, path: Path, answer: TypeAdapter[T]) -> T:
        with self._free:
            (value,) = self._workers.ask(request, path, answer)
            return value


_LOOK: TypeAdapter[Look] = TypeAdapter(Look)
_PICTURE: TypeAdapter[Picture] = TypeAdapter(Picture)


def _state(path: Path) -> tuple[str, int, int]:
    try:
        found = path.stat()
    except OSError as error:
        raise DocumentError(f"{path.name} cannot be shown: {error.strerror or error}.") from error
    return str(path), found.st_size, found.st_mtime_ns


class _Kept(Generic[T]):
    """The values that were used last, as many as there is room for."""

    def __init__(self, room: int, size: Callable[[T], int]) -> None:
        self._room, self._size = room, size
        self._values: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            if key not in self._values:
                self._values[key] = value
                self._room -= self._size(value)
            while self._room < 0 and len(self._values) > 1:
                self._room += self._size(self._values.popitem(last=False)[1])
        return value
