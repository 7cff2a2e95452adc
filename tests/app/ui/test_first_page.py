"""What the browser gets first bears our name, and every answer carries the rules."""

from __future__ import annotations

from importlib.resources import files

import pytest
from starlette.types import Message, Receive, Scope, Send

from app.ui.first_page import BrowserRules, FirstPage, rename

PAGE = files("streamlit").joinpath("static/index.html").read_text(encoding="utf-8")


def test_the_frameworks_page_is_ours():
    page = rename(PAGE, "ko")
    assert "<title>Docent</title>" in page
    assert "<title>Streamlit" not in page
    assert '<html lang="ko">' in page
    assert "data:image/svg+xml;base64," in page
    assert "SourceSans" not in page
    assert "자바스크립트가 필요합니다" in page
    assert page.count("<noscript>") == 1


async def answer(
    middleware: type[BrowserRules] | type[FirstPage], accept: str, kind: str, body: bytes
) -> tuple[dict[bytes, bytes], bytes]:
    """Headers and body of a GET, through one middleware, from a server that says `body` in two parts."""

    async def server(scope: Scope, receive: Receive, send: Send) -> None:
        length = str(len(body)).encode()
        headers = [(b"content-type", kind.encode()), (b"content-length", length), (b"etag", b"x")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body[:5], "more_body": True})
        await send({"type": "http.response.body", "body": body[5:]})

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    headers = [(b"accept", accept.encode()), (b"accept-encoding", b"gzip"), (b"accept-language", b"ko-KR")]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": headers}
    await middleware(server)(scope, receive, send)
    return dict(sent[0]["headers"]), b"".join(message.get("body", b"") for message in sent)


async def test_a_page_is_renamed_whole_and_its_length_is_right():
    headers, body = await answer(FirstPage, "text/html", "text/html; charset=utf-8", PAGE.encode())
    assert b"<title>Docent</title>" in body
    assert headers[b"content-length"] == str(len(body)).encode()
    assert b"etag" not in headers


@pytest.mark.parametrize(("accept", "kind"), [("*/*", "text/html"), ("text/html", "application/json")])
async def test_what_is_no_page_passes_unchanged(accept: str, kind: str):
    headers, body = await answer(FirstPage, accept, kind, b"<title>Streamlit</title>")
    assert body == b"<title>Streamlit</title>"
    assert headers[b"etag"] == b"x"


async def test_every_answer_tells_the_browser_to_load_from_here_only():
    headers, _ = await answer(BrowserRules, "*/*", "text/html", b"<p>hello</p>")
    assert b"default-src 'self'" in headers[b"content-security-policy"]
    assert headers[b"referrer-policy"] == b"no-referrer"
    assert headers[b"etag"] == b"x"


def test_the_page_shows_what_was_made_early_and_loads_what_every_chat_needs():
    page = rename(PAGE, "en", "<div id='early'></div>")
    assert "<div id='early'></div>" in page
    for part in ("ChatInput", "BidiComponent", "Html"):
        assert f'rel="modulepreload" crossorigin href="./static/js/{part}.' in page
