"""`/live/MESSAGE`: an answer that is being written, as server-sent events.

`paint` holds `{"html": …}`, the whole of what is to be seen; `done` tells that the answer is kept. Whoever
connects late gets all there is, and nobody who leaves disturbs the answer.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from starlette.responses import StreamingResponse
from starlette.routing import Route

from app.ui.live.view import live_html
from app.ui.texts import LANGUAGES, Texts, browser_language

if TYPE_CHECKING:
    from starlette.requests import Request

    from app.chat.jobs import Job
    from app.language import Language
    from app.runtime import Runtime

SECONDS_BETWEEN_LOOKS = 0.05
"""At most so often something is painted; the eye sees no more."""

# All streams are painted by one thread, which has the clicks of all pages to carry, too: what painting costs
# is a fourth of its time at most, however many look on and however long their answers are.
_SHARE = 0.25

# A connection ends by itself, and the browser makes a new one: a server that is to stop waits for none.
_LONGEST_SECONDS = 8.0
_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


def routes(runtime: Callable[[], Runtime], base: str = "") -> list[Route]:
    """At the root, and below the path that Streamlit serves at, where it has one."""

    async def answer(request: Request) -> StreamingResponse:
        job = runtime().jobs.job(request.path_params["message"])
        stream = _events(job, Texts(_language(request)))
        return StreamingResponse(stream, media_type="text/event-stream", headers=_HEADERS)

    prefixes = dict.fromkeys(["", f"/{base.strip('/')}" if base.strip("/") else ""])
    return [Route(f"{prefix}/live/{{message}}", answer) for prefix in prefixes]


async def _events(job: Job | None, say: Texts) -> AsyncIterator[str]:
    """What changes, as it changes. An answer that nobody writes any more is done."""
    yield "retry: 50\n\n"
    seen, end = -1, time.monotonic() + _LONGEST_SECONDS
    pause = SECONDS_BETWEEN_LOOKS
    _looking.add(key := object())
    try:
        while job is not None and not job.done:
            if job.version != seen:
                seen, began = job.version, time.perf_counter()
                yield _event("paint", {"html": live_html(job, say)})
                cost = time.perf_counter() - began
                pause = max(SECONDS_BETWEEN_LOOKS, min(1.0, cost * len(_looking) / _SHARE))
            if time.monotonic() > end:
                return
            await asyncio.sleep(pause)
    finally:
        _looking.discard(key)
    yield _event("done", {})


_looking: set[object] = set()
"""One for each stream that is open."""


def _event(name: str, data: dict[str, str]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _language(request: Request) -> Language:
    asked = request.query_params.get("lang", "")
    return asked if asked in LANGUAGES else browser_language(request.headers.get("accept-language"))
