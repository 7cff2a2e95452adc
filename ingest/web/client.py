"""One request to a web server that nobody trusts: checked addresses, and limits on time and size."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Any, Self

import httpcore

from app.errors import DocumentError
from ingest.web.addresses import Allowed, Resolve, system_resolve
from ingest.web.network import CheckedNetwork, trusting_context
from ingest.web.trouble import Unreachable
from ingest.web.urls import Url, readable


def _user_agent() -> str:
    try:
        number = version("docent")
    except PackageNotFoundError:  # run from a folder that was not installed
        number = "0"
    return f"Docent/{number} (+obeys robots.txt as Docent)"


USER_AGENT = _user_agent()
_ACCEPT = "text/html,application/xhtml+xml,application/pdf,application/xml;q=0.9,*/*;q=0.8"
_CURES = {
    "CERTIFICATE_VERIFY_FAILED": "this machine does not trust its certificate; install your firm's own in "
    "the system, or name its file in SSL_CERT_FILE",
}
_NEVER_READ = ("audio/", "video/", "font/")
_CHUNK = 65536
_GZIP = 31  # zlib's word for: with gzip's head and checksum
_GZIP_MARK = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a server may cost.

    Attributes:
        body_bytes: longest body, unpacked.
        seconds: longest request, from the first look-up to the last byte.
        silence: longest wait for a connection or the next bytes, in seconds.
        redirects: how many in a row are followed.
        gap: seconds between two requests to a host; robots.txt may ask for more.
        patience: longest wait that a server may ask for, in seconds.
        failures: how many times in a row a host may fail before it is left alone.
        run_bytes: most that is fetched in a run, unpacked.
    """

    body_bytes: int = 64 * 1024**2
    seconds: float = 60
    silence: float = 15
    redirects: int = 5
    gap: float = 0.5
    patience: float = 60
    failures: int = 5
    run_bytes: int = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Response:
    """Status, head with names in lower case, and the unpacked body, which is read only with status 200."""

    status: int
    head: Mapping[str, str]
    body: bytes = b""


class Client:
    """Asks web servers, each connection by an address that was checked just then; see SECURITY.md.

    Proxies of the environment are not used: behind one, an address could not be checked.
    """

    def __init__(self, allowed: Allowed, limits: Limits, resolve: Resolve = system_resolve) -> None:
        self._limits = limits
        self._network = CheckedNetwork(allowed, resolve)
        self._pool = httpcore.ConnectionPool(
            ssl_context=trusting_context(),
            network_backend=self._network,
            max_connections=4,
            keepalive_expiry=5,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.close()

    def get(self, url: Url, head: Mapping[str, str] | None = None) -> Response:
        """What the server answers; a redirect is an answer like others.

        Raises:
            DocumentError: an address that is not public, or a limit was reached; `Unreachable` where it may
                go well another time.
        """
        self._network.deadline = time.monotonic() + self._limits.seconds
        try:
            return self._ask(url, head or {})
        except httpcore.TimeoutException:
            raise Unreachable(
                f"{readable(url)} took too long (no bytes in {self._limits.silence:.0f} s, or more than "
                f"{self._limits.seconds:.0f} s in all): try again later."
            ) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            why = str(error)[:200] or type(error).__name__
            cure = next((text for mark, text in _CURES.items() if mark in why), "try again later")
            raise Unreachable(f"{readable(url)} could not be read ({why}): {cure}.") from None

    def _ask(self, url: Url, head: Mapping[str, str], again: bool = True) -> Response:
        try:
            with self._pool.stream(
                "GET", _wire(url), headers=_request_head(url, head), extensions=self._timeouts()
            ) as answer:
                return self._answer(url, answer)
        except httpcore.RemoteProtocolError:  # a kept connection was closed at this very moment
            if not again:
                raise
        return self._ask(url, head, again=False)

    def _answer(self, url: Url, answer: httpcore.Response) -> Response:
        head = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
        if head.get("content-type", "").lower().startswith(_NEVER_READ):
            return Response(answer.status, head)
        if answer.status != 200:
            joined(answer.iter_stream(), _CHUNK)  # read to its end, a connection serves again
            return Response(answer.status, head)
        coding = head.get("content-encoding", "identity").strip().lower()
        if coding not in ("identity", "gzip", "x-gzip", ""):
            raise DocumentError(
                f"{readable(url)} was sent packed as {coding[:20]!r}, which was not asked for."
            )
        limit = self._limits.body_bytes
        length = head.get("content-length", "")
        if length.isdecimal() and int(length) > limit:
            raise _too_long(url, limit)
        chunks: Iterable[bytes] = answer.iter_stream()
        try:
            body = joined(unpacked(chunks, limit + 1) if "gzip" in coding else chunks, limit)
        except zlib.error as error:
            raise DocumentError(f"{readable(url)} was sent badly packed ({error}).") from None
        if body is None:
            raise _too_long(url, limit)
        return Response(answer.status, head, body)

    def _timeouts(self) -> dict[str, Any]:
        silence = min(self._limits.silence, self._limits.seconds)
        return {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), silence)}


def joined(chunks: Iterable[bytes], limit: int) -> bytes | None:
    """The whole, or None as soon as it is longer than `limit` bytes."""
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)


def unpacked(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """The content of gzip data, in pieces, never much more than `limit` bytes of it.

    Raises:
        zlib.error: it is no gzip data, or ends too early.
    """
    unpacker, made = zlib.decompressobj(_GZIP), 0
    for chunk in chunks:
        data = chunk
        while data and made < limit:
            if unpacker.eof:
                if not data.startswith(_GZIP_MARK[: len(data)]):
                    return  # what follows the last part is filling
                unpacker = zlib.decompressobj(_GZIP)
            piece = unpacker.decompress(data, min(_CHUNK, limit - made))
            made += len(piece)
            yield piece
            data = unpacker.unconsumed_tail or unpacker.unused_data
        if made >= limit:
            return
    if not unpacker.eof:
        raise zlib.error("it ends too early")


def _wire(url: Url) -> httpcore.URL:
    return httpcore.URL(scheme=url.scheme, host=url.host, port=url.port, target=url.target)


def _request_head(url: Url, more: Mapping[str, str]) -> list[tuple[bytes | str, bytes | str]]:
    own = {"Host": url.authority, "User-Agent": USER_AGENT, "Accept": _ACCEPT, "Accept-Encoding": "gzip"}
    return [*own.items(), *more.items()]


def _too_long(url: Url, limit: int) -> DocumentError:
    return DocumentError(
        f"{readable(url)} has more than the {limit / 1024**2:,.0f} MB that are read of a page."
    )
