"""`POST /ask`: a question goes past the page's script, as its answer comes.

It is given JSON, `{"conversation": id, "text": …}`; of a new one the id is "", and `"options"` come too.
What it answers is `{"conversation", "answer", "html"}`, ids and both turns as they are to be seen, or
`{"problem": …}`, what went wrong in the reader's language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.errors import DocentError, StoppingError
from app.ui import asking, bar_html, shell, turn_html
from app.ui.options import Options
from app.ui.texts import Texts, texts_of

if TYPE_CHECKING:
    from starlette.requests import Request

# What is there so soon needs no stream of its own.
_SECONDS = 0.3
_HEADERS = {"cache-control": "no-store"}
# Characters may take four bytes, and JSON may write each as six.
_MOST_BYTES = 6 * asking.LONGEST_QUESTION + 100_000


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=asking.LONGEST_QUESTION)
    conversation: str = ""
    options: dict[str, Any] = {}


def routes(base: str = "") -> list[Route]:
    """At the root, and below the path that Streamlit serves at, where it has one."""
    prefixes = dict.fromkeys(["", f"/{base.strip('/')}" if base.strip("/") else ""])
    return [Route(f"{prefix}/ask", _ask, methods=["POST"]) for prefix in prefixes]


async def _ask(request: Request) -> JSONResponse:
    if not _is_of_our_page(request):
        return JSONResponse({"problem": "This is for Docent's own pages."}, 403, _HEADERS)
    if int(request.headers.get("content-length") or _MOST_BYTES + 1) > _MOST_BYTES:
        return JSONResponse({"problem": "The question is too long."}, 413, _HEADERS)
    try:
        asked = _Asked.model_validate_json(await request.body())
    except ValidationError:
        return JSONResponse({"problem": "This is no question."}, 400, _HEADERS)
    return await run_in_threadpool(_begin, asked, texts_of(request))


def _is_of_our_page(request: Request) -> bool:
    """Another site's page can send neither JSON nor our origin without asking first, which is not granted."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return False
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host")


def _begin(given: _Asked, say: Texts) -> JSONResponse:
    runtime = shell.runtime()
    try:
        held = runtime.history.conversation(given.conversation) if given.conversation else None
        options = (
            Options.of(held, runtime.settings) if held else Options.restored(given.options, runtime.settings)
        )
        asked = asking.keep(given.text, held, options)
        job = asking.answer(asked, options)
    except DocentError as error:
        status = 503 if isinstance(error, StoppingError) else 409
        return JSONResponse({"problem": say.error(error)[0]}, status, _HEADERS)
    html = turn_html.question(asked, [asked.id], say)
    if asking.is_quick(options) and job.wait(_SECONDS):
        html += turn_html.answer(runtime.history.message(job.message_id), [job.message_id], say)
    else:
        html += turn_html.live(job.message_id, say) + bar_html.stop([job.message_id], say)
    told = {"conversation": asked.conversation_id, "answer": job.message_id, "html": html}
    return JSONResponse(told, headers=_HEADERS)
