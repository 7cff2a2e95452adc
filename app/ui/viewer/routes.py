"""What the server answers below `/source/`: only what answers and tables cite, or were made from.

/source/{message}/{n}                 the viewer's page for the mark [n]; ?page=, ?view=, ?before=, ?after=
/source/{message}/{n}/page/{page}     a picture of a page; ?width= in pixels
/source/{message}/{n}/boxes           JSON: pages, their sizes, and where the quote stands on them
/source/{message}/{n}/file            the original itself, to be kept
/source/{message}/closest/{n}…        the same for the closest passages of a refusal
/source/{message}/sent/{n}…           the same for the passages of the prompt, cited or not
/source/{table}/table/{n}…            the same for the cells of a table
/source/{message}/values/{n}…         the same for what the n-th value of a typed answer stands on
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, get_args

from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from app.errors import DocumentError
from app.originals.originals import CITED, Among
from app.ui.viewer import frame
from app.ui.viewer.visit import Handler, RuntimeOf, Visit, answering, html, trouble

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from app.originals import Original
    from app.originals.pdf.drawing import Look

log = logging.getLogger(__name__)

_ASSETS = {frame.STYLE: "text/css", frame.SCRIPT: "text/javascript"}
_YEAR = "public, max-age=31536000, immutable"
_KEPT_APART = {
    "content-security-policy": "default-src 'none'; sandbox",
    "cache-control": "private, no-cache",
    "x-content-type-options": "nosniff",
}


def routes(runtime: RuntimeOf, base: str = "") -> list[Route]:
    """All of the above, at the root and below the path that Streamlit serves at, where it has one."""
    found = []
    for prefix in dict.fromkeys(["", f"/{base.strip('/')}" if base.strip("/") else ""]):
        found.append(Route(f"{prefix}/source/assets/{{name}}", _asset))
        for among in get_args(Among):
            kind = "" if among == CITED else f"/{among}"
            start = f"{prefix}/source/{{message}}{kind}/{{n:int}}"
            for rest, handler in _HANDLERS.items():
                found.append(Route(start + rest, answering(handler, runtime, among)))
        found.append(Route(f"{prefix}/source/{{rest:path}}", answering(_nowhere, runtime)))
    return found


# -- what is answered ------------------------------------------------------------------------------------


def _view(visit: Visit) -> Response:
    found = visit.original()
    if not found.is_pdf or visit.request.query_params.get("view") == "text":
        return _text(visit)
    from app.originals import State

    try:
        look = visit.runtime.originals.look(found)
    except DocumentError as error:
        log.warning("a PDF could not be shown: %s", error)
        return _text(visit, frame.note(visit.say.html("viewer.no_pages"), "warn"))
    asked = visit.request.query_params
    if not look.boxes and found.state is State.CHANGED and not {"page", "view"} & set(asked):
        return _text(visit)  # the words are not in the file of today
    from app.ui.viewer.around_html import View
    from app.ui.viewer.pdf_html import pdf_html

    number = min(max(1, visit.number("page", _first_page(found, look))), max(1, look.pages))
    return html(pdf_html(View(found, str(visit.n), visit.up, visit.say), look, number))


def _text(visit: Visit, trouble: str = "") -> Response:
    from app.originals.passages import STEP
    from app.ui.viewer.around_html import View
    from app.ui.viewer.text_html import text_html

    before, after = visit.number("before", STEP), visit.number("after", STEP)
    found, window = visit.runtime.originals.window(
        visit.message, visit.n, among=visit.among, before=before, after=after
    )
    view = View(found, str(visit.n), visit.up, visit.say)
    return html(text_html(view, window, before, after, trouble))


def _boxes(visit: Visit) -> Response:
    """Boxes as left, top, width and height in parts of the page, from its top left corner as it is shown."""
    from app.originals.pdf.drawing import Look
    from app.ui.viewer.pdf_html import parts

    found = visit.original()
    look = visit.runtime.originals.look(found) if found.is_pdf else Look(0, ())
    return JSONResponse(
        {
            "pages": look.pages,
            "page": _first_page(found, look),
            "share": round(look.share, 4),
            "has_text": look.has_text,
            "state": found.state.value,
            "sizes": [[round(width, 3), round(height, 3)] for width, height in look.sizes],
            "boxes": {
                str(page): [parts(box, look.sizes[page - 1]) for box in boxes]
                for page, boxes in look.boxes.items()
                if page <= len(look.sizes)
            },
        },
        headers={"cache-control": "private, no-cache"},
    )


def _picture(visit: Visit) -> Response:
    found = visit.original()
    page, width = int(visit.request.path_params["page"]), visit.number("width", 1200)
    tag = _tag(found.path, page, width) if found.path else ""
    headers = {"cache-control": "private, no-cache", "etag": tag}
    if tag and visit.request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    picture = visit.runtime.originals.picture(found, page, width)
    return Response(picture.bytes(), media_type=picture.kind, headers=headers)


def _file(visit: Visit) -> Response:
    found = visit.original()
    if found.path is None:
        return trouble(visit, 410, "gone_title", "gone")
    return FileResponse(
        found.path,
        media_type="application/octet-stream",
        filename=_safe_name(found.path.name),
        content_disposition_type="attachment",
        headers=_KEPT_APART,
    )


def _nowhere(visit: Visit) -> Response:
    return trouble(visit, 404, "missing_title", "missing")


_HANDLERS: Mapping[str, Handler] = {
    "": _view,
    "/boxes": _boxes,
    "/page/{page:int}": _picture,
    "/file": _file,
}


def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _ASSETS:
        return Response(status_code=404)
    return Response(frame.asset(name), media_type=_ASSETS[name], headers={"cache-control": _YEAR})


def _first_page(found: Original, look: Look) -> int:
    """The page to open: where the quote begins, else where it is said to."""
    known = min(look.boxes, default=found.citation.page or 1)
    return min(max(1, known), max(1, look.pages))


def _tag(path: Path, page: int, width: int) -> str:
    try:
        state = path.stat()
    except OSError:
        return ""
    told = f"{path}\0{state.st_size}\0{state.st_mtime_ns}\0{page}\0{width}"
    return f'"{hashlib.sha256(told.encode()).hexdigest()[:24]}"'


def _safe_name(name: str) -> str:
    from app.ui.uploads import safe_name

    return safe_name(name)
