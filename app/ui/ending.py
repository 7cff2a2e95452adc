"""The end of a server that is told to stop: answers under way end or are kept, new ones do not begin."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from app.errors import DocentError

if TYPE_CHECKING:
    from types import FrameType

    from app.runtime import Runtime

log = logging.getLogger(__name__)

# For connections that do not end by themselves, such as a download that nobody reads.
_CLOSE_SECONDS = 5

Handler = Callable[[int, "FrameType | None"], Any]


class Ending:
    """Takes SIGTERM before the web server does, which would drop what is being answered.

    Args:
        runtime: the one that is to be closed.
    """

    def __init__(self, runtime: Callable[[], Runtime]) -> None:
        self._runtime = runtime
        self._task: asyncio.Task[None] | None = None
        self._is_near = False

    def is_near(self) -> bool:
        """Whether this server was told to stop."""
        return self._is_near

    @asynccontextmanager
    async def lifespan(self, _app: object) -> AsyncIterator[None]:
        """Around the time in which the server serves."""
        loop, before = asyncio.get_running_loop(), signal.getsignal(signal.SIGTERM)

        def begin(number: int, frame: FrameType | None) -> None:
            if self._is_near:  # told twice: at once
                _leave(before, number, frame)
            self._is_near = True
            loop.call_soon_threadsafe(self._begin, lambda: _leave(before, number, frame))

        signal.signal(signal.SIGTERM, begin)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, before)
            await asyncio.to_thread(self._close)

    def _begin(self, leave: Callable[[], None]) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._end(leave))

    async def _end(self, leave: Callable[[], None]) -> None:
        try:
            await asyncio.to_thread(self._drain)
        finally:
            leave()

    def _drain(self) -> None:
        try:
            self._runtime().drain()
        except DocentError as error:
            log.warning("what was being answered could not be kept: %s", error)

    def _close(self) -> None:
        try:
            self._runtime().close()
        except DocentError as error:
            log.warning("not everything could be closed: %s", error)


def _leave(before: Handler | int | None, number: int, frame: FrameType | None) -> None:
    """End the web server, whose own answer to the signal would be to end the process by it in the end."""
    server: Any = getattr(before, "__self__", None)
    if hasattr(server, "should_exit"):
        server.config.timeout_graceful_shutdown = _CLOSE_SECONDS
        server.should_exit = True
    elif callable(before):
        before(number, frame)
