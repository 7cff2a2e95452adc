"""The pages' style sheet and script, each put together from the files of a folder.

`styles/*.css`: the colours come first, what narrow pages change comes last. `scripts/*.js`: `docent.js`,
which the others build on, comes first. A new part is a new file.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

FOLDER = Path(__file__).parent
PLACE = "docent"
"""The folder of the address that they are served in."""

_KINDS = {"docent.css": "text/css", "docent.js": "text/javascript"}
_YEAR = "public, max-age=31536000, immutable"


def colours() -> str:
    """The variables that all pages take their colours from, for pages of another frame."""
    return (FOLDER / "styles/colours.css").read_text(encoding="utf-8")


@cache
def asset(name: str) -> str:
    """The text of `docent.css` or `docent.js`."""
    if name.endswith(".css"):
        return _joined("styles", "css", first="colours", last="narrow")
    return _joined("scripts", "js", first="docent")


def _joined(folder: str, suffix: str, first: str, last: str = "") -> str:
    files = sorted(
        (FOLDER / folder).glob(f"*.{suffix}"), key=lambda it: (it.stem != first, it.stem == last, it.stem)
    )
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


@cache
def version() -> str:
    """Changes with the assets, so that browsers may keep them."""
    return hashlib.sha256("".join(map(asset, _KINDS)).encode()).hexdigest()[:12]


def links(between: str = "") -> str:
    """What loads both, and what is seen before the script runs; it stands at the end of the first body.

    There it comes after the framework's own styles, which ours are to win over. The addresses are relative,
    as the framework's own are.
    """
    return (
        f'<link rel="stylesheet" href="./{PLACE}/docent.css?{version()}">{between}'
        f'<script src="./{PLACE}/docent.js?{version()}"></script>'
    )


def routes(base: str = "") -> list[Route]:
    """At the root, and below the path that Streamlit serves at, where it has one."""
    prefixes = dict.fromkeys(["", f"/{base.strip('/')}" if base.strip("/") else ""])
    return [Route(f"{prefix}/{PLACE}/{{name}}", _answer) for prefix in prefixes]


def _answer(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _KINDS:
        return Response(status_code=404)
    return Response(asset(name), media_type=_KINDS[name], headers={"cache-control": _YEAR})
