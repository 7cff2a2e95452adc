"""What the server adds around the pages: rules for the browser, and a first page under our own name."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.language import Language
from app.ui import assets, theme
from app.ui.preload import preloads
from app.ui.texts import Texts, browser_language

FOLDER = Path(__file__).parent
LOGO = FOLDER / "logo.svg"

# Whatever an answer or a document may smuggle onto a page, the browser loads and sends it nowhere else.
_POLICY = "; ".join(
    (
        "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:",
        "connect-src 'self' data: blob:{sockets}",
        "frame-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
# Names of hosts as browsers write them; anything else would be a rule of its own.
_HOST = re.compile(r"[\w.-]+(?::\d{1,5})?|\[[0-9a-fA-F:.]+\](?::\d{1,5})?")
HEADERS = {
    "content-security-policy": _POLICY.format(sockets=""),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class BrowserRules:
    """Adds `HEADERS` to every answer of the server; one with a stricter policy of its own keeps that."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": _ruled(message["headers"], _header(scope, b"host"))}
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


def _ruled(headers: Iterable[tuple[bytes, bytes]], host: str) -> list[tuple[bytes, bytes]]:
    given = {name.lower(): value for name, value in headers}
    strict = given.get(b"content-security-policy", b"").startswith(b"default-src 'none'")
    rules = {**HEADERS, "content-security-policy": policy(host)}
    if strict:
        del rules["content-security-policy"]
    ours = {name.encode(): value.encode() for name, value in rules.items()}
    return [*(pair for pair in headers if pair[0].lower() not in ours), *ours.items()]


def policy(host: str) -> str:
    """What a page may load; `host` is its own, whose sockets some browsers do not count to it."""
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return _POLICY.format(sockets=sockets)


class FirstPage:
    """Gives the page that the browser gets before anything else our name, mark and colours.

    Args:
        early: what that page shows until the framework has drawn another; HTML, made in a thread.
    """

    def __init__(self, app: ASGIApp, early: Callable[[Scope], str] = lambda _: "") -> None:
        self._app = app
        self._early = early

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _asks_for_a_page(scope):
            await self._app(scope, receive, send)
            return
        language = browser_language(_header(scope, b"accept-language"))
        # Uncompressed, because it is read here; it is a small page.
        headers = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
        held: list[Message] = []

        async def hold(message: Message) -> None:
            if not held and not _is_page(message):  # such as a large file: it passes as it comes
                await send(message)
                return
            held.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                early = await run_in_threadpool(self._early, scope)
                for made in _renamed(held, language, early):
                    await send(made)

        await self._app({**scope, "headers": headers}, receive, hold)


def _asks_for_a_page(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["method"] == "GET" and "text/html" in _header(scope, b"accept")


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def _is_page(start: Message) -> bool:
    if start["type"] != "http.response.start" or start["status"] != 200:
        return False
    kinds = [value for name, value in start["headers"] if name.lower() == b"content-type"]
    return any(kind.startswith(b"text/html") for kind in kinds)


def _renamed(messages: list[Message], language: Language, early: str) -> list[Message]:
    start, *parts = messages
    headers = {name.lower(): value for name, value in start["headers"]}
    page = rename(b"".join(part.get("body", b"") for part in parts).decode(), language, early).encode()
    headers[b"content-length"] = str(len(page)).encode()
    headers.pop(b"etag", None)
    return [
        {**start, "headers": list(headers.items())},
        {"type": "http.response.body", "body": page},
    ]


def _after_what_is_early(page: str) -> str:
    """The framework's script is fetched at once and run when all else is on the screen: it takes a second."""

    def later(found: re.Match[str]) -> str:
        made = "Object.assign(document.createElement('script'), {type: 'module', crossOrigin: '', src: '%s'})"
        start = f"() => setTimeout(() => document.head.append({made % found[1]}))"
        ahead = f'<link rel="modulepreload" crossorigin href="{found[1]}">'
        return f"{ahead}<script>addEventListener('load', {start})</script>"

    return re.sub(r'<script type="module" crossorigin src="([\w./-]+)"></script>', later, page, count=1)


def rename(page: str, language: Language, early: str = "") -> str:
    """The framework's first page as ours; what is not found in it stays as it is."""
    page, ahead = _after_what_is_early(page), preloads(page)
    mark = base64.b64encode(LOGO.read_bytes()).decode()
    light, dark = theme.LIGHT["backgroundColor"], theme.DARK["backgroundColor"]
    first_colours = (
        f"<style>:root {{ color-scheme: light dark; background: {light}; }} "
        f"@media (prefers-color-scheme: dark) {{ :root {{ background: {dark}; }} }}</style>"
    )
    say = Texts(language)
    page = page.replace('<html lang="en">', f'<html lang="{language}">')
    page = page.replace("<title>Streamlit</title>", f"<title>Docent</title>{first_colours}")
    page = page.replace('href="./favicon.png"', f'href="data:image/svg+xml;base64,{mark}"')
    page = page.replace("</body>", f"{assets.links(early)}{ahead}</body>")
    page = re.sub(r"<link\s+rel=\"preload\"[^>]*SourceSans[^>]*>", "", page)
    return re.sub(
        r"<noscript>.*?</noscript>",
        f"<noscript><p>{say.html('chat.no_script')}</p></noscript>",
        page,
        flags=re.DOTALL,
    )
