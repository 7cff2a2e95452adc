"""`/healthz` and `/readyz`: whether this server lives, and whether it can answer questions now."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from app.ready.checks import CHECKS
from app.ready.readiness import Readiness

if TYPE_CHECKING:
    from starlette.requests import Request

    from app.ready.checks import Check
    from app.runtime import Runtime

_HEADERS = {"cache-control": "no-store"}


def routes(runtime: Callable[[], Runtime], is_ending: Callable[[], bool], base: str = "") -> list[Route]:
    """At the root, and below the path that Streamlit serves at, where it has one.

    Args:
        runtime: raises a DocentError where the settings are not sound.
    """
    readiness = Readiness(
        {"settings": runtime} | {name: partial(_check, check, runtime) for name, check in CHECKS.items()},
        lasting={"settings", "embedding"},
    )

    async def lives(_: Request) -> PlainTextResponse:
        return PlainTextResponse("ok", headers=_HEADERS)

    async def ready(_: Request) -> JSONResponse:
        if is_ending():
            return _told({"server": "it is being stopped"})
        return _told(await readiness.look())

    prefixes = dict.fromkeys(["", f"/{base.strip('/')}" if base.strip("/") else ""])
    return [
        Route(f"{prefix}{path}", answer)
        for prefix in prefixes
        for path, answer in {"/healthz": lives, "/readyz": ready}.items()
    ]


def _check(check: Check, runtime: Callable[[], Runtime]) -> str:
    return check(runtime())


def _told(parts: dict[str, str]) -> JSONResponse:
    is_ready = not any(parts.values())
    told = {"ready": is_ready, "parts": {name: why or "ready" for name, why in parts.items()}}
    return JSONResponse(told, 200 if is_ready else 503, _HEADERS)
