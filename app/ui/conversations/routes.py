"""What the server answers about conversations besides the pages.

/find?q=             JSON: the conversations that hold every word, with the best message of each
/conversations?c=    the list beside the chat as it is now; `c` is the conversation that is open
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from app.errors import DocentError
from app.ui.conversations import listing
from app.ui.conversations.list_html import address
from app.ui.texts import Texts, texts_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from app.history import Found
    from app.runtime import Runtime

log = logging.getLogger(__name__)

_HEADERS = {"cache-control": "no-store"}
_MOST = 30

Handler = Callable[["Runtime", "Request", Texts], Response]


def routes(runtime: Callable[[], Runtime], base: str = "") -> list[Route]:
    """At the root, and below the path that Streamlit serves at, where it has one."""
    prefixes = dict.fromkeys(["", f"/{base.strip('/')}" if base.strip("/") else ""])
    handlers: dict[str, Handler] = {"find": _find, "conversations": _list}
    return [
        Route(f"{prefix}/{name}", _answering(handler, runtime))
        for prefix in prefixes
        for name, handler in handlers.items()
    ]


def _answering(handler: Handler, runtime: Callable[[], Runtime]) -> Callable[[Request], Response]:
    """A route's function, run in a thread; an error is told in the reader's language."""

    @wraps(handler)
    def answer(request: Request) -> Response:
        say = texts_of(request)
        try:
            return handler(runtime(), request, say)
        except DocentError as error:
            log.warning("conversations could not be read: %s", error)
            return JSONResponse({"error": say.error(error)[0]}, 503, _HEADERS)

    return answer


def _find(runtime: Runtime, request: Request, say: Texts) -> Response:
    found = runtime.history.search(request.query_params.get("q", ""), _MOST)
    return JSONResponse({"found": [_as_data(one, say) for one in found]}, headers=_HEADERS)


def _as_data(one: Found, say: Texts) -> dict[str, Any]:
    """Texts are parts, each with whether it was searched for: never HTML."""
    held = one.conversation
    return {
        "conversation": held.id,
        "message": one.message_id or "",
        "href": address(held.id, message_id=one.message_id or ""),
        "title": _parts(held.title or say("chat.untitled"), one.title_spans),
        "snippet": _parts(one.snippet, one.spans),
        "folder": held.folder,
        "by": say("chat.you" if one.role == "user" else "chat.docent") if one.role else "",
        "updated": held.updated.isoformat(),
    }


def _parts(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[str, bool]]:
    """The text cut at the spans: (part, whether it was found)."""
    parts, end = [], 0
    for start, stop in spans:
        parts += [(text[end:start], False), (text[start:stop], True)]
        end = stop
    return [(part, found) for part, found in [*parts, (text[end:], False)] if part]


def _list(runtime: Runtime, request: Request, say: Texts) -> Response:
    asked = request.query_params
    zone = zone_of(asked.get("zone", ""))
    made = listing.now(runtime, say, asked.get("c", ""), asked.get("chosen", ""), zone)
    return HTMLResponse(made, headers=_HEADERS)


def zone_of(name: str) -> ZoneInfo | None:
    """A time zone by its name; None (this machine's) for one that is not known."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
