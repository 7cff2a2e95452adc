"""`/live/MESSAGE`: an answer that is being written, as server-sent events.

`paint` holds `{"html": …}`, the whole of what is to be seen; `done` tells that the answer is kept. Whoever
connects late gets all there is, and nobody who leaves disturbs the answer.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.routing import Route

from app.errors import DocentError
from app.ui.live.view import live_html
from app.ui.texts import Texts, texts_of
from app.ui.turns import message_html

if TYPE_CHECKING:
    from starlette.requests import Request

    from app.chat.job import Job
    from app.runtime import Runtime

SECONDS_BETWEEN_LOOKS = 0.05
"""At most so often something is painted; the eye sees no more."""

# Painting is given up first where there is more to do than can be done: who is woken so many seconds late is
# on a machine that has too much to do, and a core paints so many times a second, all answers together.
_LATE = 0.02
_PAINTED_PER_CORE = 20

# A connection ends by itself, and the browser makes a new one: a server that is to stop waits for none.
_LONGEST_SECONDS = 8.0
# By all who are connected; the event loop's own thread alone touches it.
_followed: list[Job] = []
_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


def routes(runtime: Callable[[], Runtime], base: str = "") -> list[Route]:
    """At the root, and below the path that Streamlit serves at, where it has one."""

    async def answer(request: Request) -> StreamingResponse:
        message, say = request.path_params["message"], texts_of(request)
        job = await run_in_threadpool(runtime().jobs.job, message)
        kept = "" if job else await run_in_threadpool(_kept, runtime(), message, say)
        stream = _events(job, say) if job else _ended(kept)
        return StreamingResponse(stream, media_type="text/event-stream", headers=_HEADERS)

    prefixes = dict.fromkeys(["", f"/{base.strip('/')}" if base.strip("/") else ""])
    return [Route(f"{prefix}/live/{{message}}", answer) for prefix in prefixes]


def _kept(runtime: Runtime, message: str, say: Texts) -> str:
    """The answer as it was kept: whoever is late sees it before the page is drawn with it."""
    try:
        return message_html(runtime.history.message(message), say)
    except DocentError:
        return ""


async def _ended(html: str) -> AsyncIterator[str]:
    """An answer that nobody writes any more is done."""
    if html:
        yield _event("paint", {"html": html})
    yield _event("done", {})


async def _events(job: Job, say: Texts) -> AsyncIterator[str]:
    """What changes, as it changes."""
    yield "retry: 50\n\n"
    seen, end = -1, time.monotonic() + _LONGEST_SECONDS
    pause = SECONDS_BETWEEN_LOOKS
    with _listening(job) as changed:
        while not job.done:
            if job.version != seen:
                seen, spoke = job.version, bool(job.text)
                yield _event("paint", {"html": live_html(job, say)})
                pause = await _paused(max(pause, _share()) if spoke else SECONDS_BETWEEN_LOOKS)
            elif time.monotonic() > end:
                return
            else:
                await _either(changed, end - time.monotonic())
    if job.version != seen:
        yield _event("paint", {"html": live_html(job, say)})
    yield _event("done", {})


@contextmanager
def _listening(job: Job) -> Iterator[asyncio.Event]:
    """What is set whenever the answer changes."""
    loop, changed = asyncio.get_running_loop(), asyncio.Event()

    def tell() -> None:
        # One call is enough until it is looked at: words a second, of many answers, are not worth one each.
        if not changed.is_set():
            loop.call_soon_threadsafe(changed.set)

    forget = job.listen(tell)
    _followed.append(job)
    try:
        yield changed
    finally:
        _followed.remove(job)
        forget()


def _share() -> float:
    """Seconds between two paints of one answer, if all that are followed now are painted as often."""
    return len(_followed) / (_PAINTED_PER_CORE * (os.cpu_count() or 1))


async def _paused(seconds: float) -> float:
    """Wait; how long to wait the next time."""
    due = time.monotonic() + seconds
    await asyncio.sleep(seconds)
    is_late = time.monotonic() - due > _LATE
    return min(1.0, 1.5 * seconds) if is_late else max(SECONDS_BETWEEN_LOOKS, 0.8 * seconds)


async def _either(changed: asyncio.Event, seconds: float) -> None:
    """Until it is set, or the time is over."""
    with suppress(TimeoutError):
        await asyncio.wait_for(changed.wait(), max(0.0, seconds))
    changed.clear()


def _event(name: str, data: dict[str, str]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
