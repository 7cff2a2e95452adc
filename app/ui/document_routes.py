"""What the chat asks the server about documents, past the page's script; JSON.

/names?collection=&q=                 files and folders for what is typed after an @
/suggestions/start/{collection}       questions to begin with, as HTML; ?files= limits them, ?lang=
/suggestions/after/{message}          questions to go on with after an answer
/indexing/{collection}                the run that is under way, or what came of the last one, as HTML
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.errors import DocentError
from app.ui.indexing_html import run_html
from app.ui.suggest_html import questions_html
from app.ui.texts import Texts, texts_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from app.runtime import Runtime
    from app.ui.indexing import Indexing
    from app.ui.suggesting import Suggestions

MOST_NAMES = 20
_LONGEST_NAME = 200
# A browser waits so long at most, and then asks again.
_SECONDS = 25.0
# A server that is to stop waits for nobody who waits for suggestions.
_SECONDS_BETWEEN_LOOKS = 0.25
_AGAIN: dict[str, Any] = {"again": True}
_NOTHING: dict[str, Any] = {"html": ""}


def routes(
    runtime: Callable[[], Runtime],
    indexing: Callable[[], Indexing],
    suggestions: Callable[[], Suggestions],
    is_near: Callable[[], bool] = bool,
    base: str = "",
) -> list[Route]:
    """At the root, and below the path that Streamlit serves at, where it has one.

    Args:
        is_near: whether the server was told to stop.
    """

    async def names(request: Request) -> Any:
        asked = request.query_params
        return await run_in_threadpool(_names, runtime(), asked.get("collection", ""), asked.get("q", ""))

    async def start(request: Request) -> Any:
        files = [one for one in request.query_params.get("files", "").split(",") if one]
        collection = request.path_params["collection"]
        run = indexing().run_of(collection)
        if run is not None and run.running and files:
            return _AGAIN
        say = texts_of(request)
        made = await run_in_threadpool(suggestions().starters, collection, say.language, files)
        return await _questions(made, "start", say, is_near)

    async def after(request: Request) -> Any:
        made = await run_in_threadpool(suggestions().follow_ups, request.path_params["message"])
        return await _questions(made, "next", texts_of(request), is_near)

    async def run(request: Request) -> Any:
        found = indexing().run_of(request.path_params["collection"])
        html = run_html(found, request.path_params["collection"], texts_of(request))
        return {"html": html, "running": found is not None and found.running}

    answers: Mapping[str, Callable[[Request], Awaitable[Any]]] = {
        "/names": names,
        "/suggestions/start/{collection}": start,
        "/suggestions/after/{message}": after,
        "/indexing/{collection}": run,
    }
    prefixes = dict.fromkeys(["", f"/{base.strip('/')}" if base.strip("/") else ""])
    return [
        Route(f"{prefix}{path}", _json(answer)) for prefix in prefixes for path, answer in answers.items()
    ]


def _json(answer: Callable[[Request], Awaitable[Any]]) -> Callable[[Request], Awaitable[JSONResponse]]:
    """What is not there, or cannot be read, is nothing to suggest."""

    async def respond(request: Request) -> JSONResponse:
        try:
            told = await answer(request)
        except DocentError:
            told = _NOTHING
        return JSONResponse(told, headers={"cache-control": "no-store"})

    return respond


async def _questions(
    made: Future[tuple[str, ...]], kind: str, say: Texts, is_near: Callable[[], bool]
) -> dict[str, Any]:
    coming, end = asyncio.wrap_future(made), time.monotonic() + _SECONDS
    while not is_near() and time.monotonic() < end:
        done, _ = await asyncio.wait([coming], timeout=_SECONDS_BETWEEN_LOOKS)
        if done:
            return {"html": questions_html(coming.result(), kind, say)}
    return _AGAIN


def _names(runtime: Runtime, collection: str, typed: str) -> dict[str, Any]:
    from app.chat.retrieve.names import best, places, quoted

    found = best(typed[:_LONGEST_NAME], places(runtime.collection(collection)), MOST_NAMES)
    return {
        "names": [
            {"name": one.name, "label": one.label, "mention": quoted(one.name), "folder": one.is_folder}
            for one in found
        ]
    }
