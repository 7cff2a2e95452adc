"""One request to the viewer: what it asks for, in which language, and how errors look that it meets."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, cast

from starlette.responses import HTMLResponse, Response

from app.errors import DocentError, DocumentError, NotFoundError
from app.originals.originals import CITED, Among
from app.ui.texts import LANGUAGES, Texts, browser_language
from app.ui.viewer import frame

if TYPE_CHECKING:
    from starlette.requests import Request

    from app.originals import Original
    from app.runtime import Runtime

log = logging.getLogger(__name__)

RuntimeOf = Callable[[], "Runtime"]
Handler = Callable[["Visit"], Response]

_LARGEST_NUMBER = 10**6


@dataclass(frozen=True, slots=True)
class Visit:
    """One request.

    Attributes:
        up: leads from its address to the folder of the viewer.
    """

    request: Request
    runtime: Runtime
    say: Texts
    up: str

    @property
    def message(self) -> str:
        return str(self.request.path_params["message"])

    @property
    def n(self) -> int:
        return int(self.request.path_params["n"])

    @property
    def among(self) -> Among:
        return cast("Among", self.request.path_params["among"])

    def number(self, name: str, default: int) -> int:
        given = self.request.query_params.get(name, "")
        return int(given) if given.isascii() and given.isdigit() and int(given) < _LARGEST_NUMBER else default

    def original(self) -> Original:
        return self.runtime.originals.cited(self.message, self.n, among=self.among)


def answering(handler: Handler, runtime: RuntimeOf, among: Among = CITED) -> Callable[[Request], Response]:
    """A route's function, run in a thread; errors become pages that say what happened."""

    @wraps(handler)
    def answer(request: Request) -> Response:
        request.path_params["among"] = among
        up = "../" * request.url.path.partition("/source/")[2].count("/")
        say = Texts(browser_language(request.headers.get("accept-language")))
        try:
            joined = runtime()
            say = _texts(request, joined)
            return handler(Visit(request, joined, say, up))
        except NotFoundError:
            return html(frame.trouble(say("viewer.missing_title"), say("viewer.missing"), up, say), 404)
        except DocentError as error:
            log.warning("a source could not be shown: %s", error)
            status = 422 if isinstance(error, DocumentError) else 503
            return html(frame.trouble(*say.error(error), up, say), status)
        except Exception:
            # Above this there is only the server's own page with a bare sentence.
            log.exception("A source could not be shown")
            return html(frame.trouble(say("error.unexpected"), "", up, say), 500)

    return answer


def _texts(request: Request, runtime: Runtime) -> Texts:
    chosen = request.query_params.get("lang")
    if chosen in LANGUAGES:
        return Texts(chosen)
    configured = runtime.settings.language
    if configured != "auto":
        return Texts(configured)
    return Texts(browser_language(request.headers.get("accept-language")))


def html(text: str, status: int = 200) -> Response:
    """A page with the rules that hold for it."""
    headers = {"content-security-policy": frame.POLICY, "cache-control": "private, no-cache"}
    return HTMLResponse(text, status, headers)


def trouble(visit: Visit, status: int, title: str, text: str) -> Response:
    """A page that says what is not there; `title` and `text` are keys of the viewer's texts."""
    say = visit.say
    return html(frame.trouble(say(f"viewer.{title}"), say(f"viewer.{text}"), visit.up, say), status)
