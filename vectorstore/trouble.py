"""What goes wrong between a client and its server, read from whatever a client library raises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any


class Trouble(StrEnum):
    """What is wrong, as the end of a sentence that begins with the server's name."""

    DOWN = "cannot be reached"
    SLOW = "did not answer in time"
    DROPPED = "broke the connection off"
    BUSY = "has too much to do"
    FAILED = "failed"
    KEY = "lets nobody in with these credentials"
    FULL = "is full"
    VERSION = "does not speak the language of this client"
    TLS = "has a certificate that is not trusted, or none"
    REFUSED = "refuses the request"


MAY_PASS = frozenset({Trouble.DOWN, Trouble.SLOW, Trouble.DROPPED, Trouble.BUSY, Trouble.FAILED})
"""What the same request may be spared a little later."""

_STATUS = {
    401: Trouble.KEY, 402: Trouble.FULL, 403: Trouble.KEY, 405: Trouble.VERSION, 407: Trouble.KEY,
    408: Trouble.SLOW, 410: Trouble.VERSION, 425: Trouble.BUSY, 426: Trouble.VERSION, 429: Trouble.BUSY,
    501: Trouble.VERSION, 502: Trouble.DOWN, 503: Trouble.BUSY, 504: Trouble.SLOW, 505: Trouble.VERSION,
    507: Trouble.FULL,
}  # fmt: skip
_GRPC = {
    "UNAVAILABLE": Trouble.DOWN, "DEADLINE_EXCEEDED": Trouble.SLOW, "CANCELLED": Trouble.DROPPED,
    "RESOURCE_EXHAUSTED": Trouble.BUSY, "ABORTED": Trouble.BUSY, "INTERNAL": Trouble.FAILED,
    "UNKNOWN": Trouble.FAILED, "DATA_LOSS": Trouble.FAILED, "UNAUTHENTICATED": Trouble.KEY,
    "PERMISSION_DENIED": Trouble.KEY, "UNIMPLEMENTED": Trouble.VERSION,
}  # fmt: skip
# PostgreSQL's own codes, or their first two signs.
_SQLSTATE = {
    "08": Trouble.DROPPED, "28": Trouble.KEY, "40": Trouble.BUSY, "42501": Trouble.KEY, "53": Trouble.BUSY,
    "53100": Trouble.FULL, "55P03": Trouble.BUSY, "57014": Trouble.SLOW, "57P": Trouble.DOWN,
    "58030": Trouble.FAILED, "58P01": Trouble.VERSION, "0A000": Trouble.VERSION, "3D000": Trouble.REFUSED,
}  # fmt: skip
# Classes of the clients, of httpx, urllib3 and Python itself, by name: none of them need be installed.
_CLASSES = {
    "SSLError": Trouble.TLS, "SSLCertVerificationError": Trouble.TLS,
    "ReadTimeout": Trouble.SLOW, "WriteTimeout": Trouble.SLOW, "PoolTimeout": Trouble.SLOW,
    "ConnectTimeout": Trouble.DOWN, "ConnectError": Trouble.DOWN, "gaierror": Trouble.DOWN,
    "ConnectionRefusedError": Trouble.DOWN, "MilvusUnavailableException": Trouble.DOWN,
    "PoolTimeoutError": Trouble.DOWN, "TimeoutError": Trouble.SLOW,
    "ServerVersionIncompatibleException": Trouble.VERSION, "VersionMismatchError": Trouble.VERSION,
    "ResponseParsingError": Trouble.VERSION, "JSONDecodeError": Trouble.VERSION,
    "UnsupportedProtocol": Trouble.REFUSED, "InvalidURL": Trouble.REFUSED, "QuotaError": Trouble.FULL,
    "ResourceExhaustedResponse": Trouble.BUSY,
    "RateLimitError": Trouble.BUSY, "ChromaAuthError": Trouble.KEY, "AuthorizationError": Trouble.KEY,
    "RemoteProtocolError": Trouble.DROPPED, "NetworkError": Trouble.DROPPED,
    "IncompleteRead": Trouble.DROPPED, "ConnectionError": Trouble.DROPPED, "EOFError": Trouble.DROPPED,
}  # fmt: skip
# What is said where a class or a code says too little, or the wrong thing; the first that fits counts.
_SAID = (
    (re.compile(r"no space left|dis[ck] (?:is |almost )?full|(?:disk|storage|memory) (?:quota|limit)"
                r"|quota.{0,20}exhausted|quota exceeded|quota (?:is )?(?:used up|full)", re.I), Trouble.FULL),
    (re.compile(r"CERTIFICATE_VERIFY_FAILED|WRONG_VERSION_NUMBER|certificate verify failed|SSL_ERROR_SSL"
                r"|does not support SSL|invalid peer certificate", re.I), Trouble.TLS),
    (re.compile(r"password authentication failed|no password supplied|role .* does not exist"
                r"|no pg_hba\.conf entry", re.I), Trouble.KEY),
    (re.compile(r"server closed the connection|connection reset|SSL SYSCALL error|terminating connection"
                r"|connection (?:is|was|has been) (?:lost|closed)|consuming input failed"
                r"|socket (?:is )?closed|EOF detected", re.I), Trouble.DROPPED),
    (re.compile(r"connection refused|could not (?:connect|translate)|failed to (?:connect|resolve)"
                r"|no route to host|network is unreachable|name or service not known|starting up", re.I),
     Trouble.DOWN),
    (re.compile(r"timed? ?out|timeout expired|deadline exceeded", re.I), Trouble.SLOW),
)  # fmt: skip
# What these say is about the call, and not about the server.
_OF_THE_CALLER = (ValueError, TypeError, LookupError, AttributeError, AssertionError, NotImplementedError)


def trouble(error: BaseException) -> Trouble | None:
    """What is wrong; None for an error that is not the server's, such as a wrong argument."""
    everything = list(_chain(error))
    said = _by_words(everything)
    if said in (Trouble.FULL, Trouble.TLS):
        return said
    for each in everything:
        if (known := _by_code(each)) is not None:
            return known
    known = said or next(filter(None, map(_by_class, everything)), None)
    return None if known is None and isinstance(error, _OF_THE_CALLER) else known or Trouble.REFUSED


def status_of(error: BaseException) -> int | None:
    """The HTTP status that an error of a client, or what caused it, carries."""
    return next((code for each in _chain(error) if (code := _status(each)) is not None), None)


def retry_after(error: BaseException) -> float | None:
    """The seconds that the server asks to wait; None where it says nothing, or a date."""
    for each in _chain(error):
        headers = getattr(each, "headers", None) or getattr(getattr(each, "response", None), "headers", None)
        given: Any = getattr(each, "retry_after", getattr(each, "retry_after_s", None))
        if given is None and headers is not None and hasattr(headers, "items"):
            given = {str(name).lower(): value for name, value in headers.items()}.get("retry-after")
        if given is not None and re.fullmatch(r"\d+(\.\d+)?", str(given)):
            return float(given)
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was raised for."""
    seen: set[int] = set()
    each: Any = error
    while isinstance(each, BaseException) and id(each) not in seen:
        seen.add(id(each))
        yield each
        each = each.__cause__ or getattr(each, "source", None) or each.__context__


def _by_code(error: BaseException) -> Trouble | None:
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        known = next((_SQLSTATE[state[:n]] for n in (5, 3, 2) if state[:n] in _SQLSTATE), Trouble.REFUSED)
        return known
    if (code := _status(error)) is not None:
        return _STATUS.get(code, Trouble.FAILED if code >= 500 else None)
    name = getattr(_called(error, "code"), "name", None)
    return _GRPC.get(name) if isinstance(name, str) else None


def _by_class(error: BaseException) -> Trouble | None:
    return next((_CLASSES[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in _CLASSES), None)


def _by_words(errors: list[BaseException]) -> Trouble | None:
    words = "\n".join(map(str, errors))
    return next((trouble for pattern, trouble in _SAID if pattern.search(words)), None)


def _status(error: BaseException) -> int | None:
    for value in (
        getattr(error, "status_code", None),
        getattr(getattr(error, "response", None), "status_code", None),
        _called(error, "code"),
    ):
        if isinstance(value, int) and 400 <= value < 600:
            return value
    return None


def _called(error: BaseException, name: str) -> Any:
    """Chroma and gRPC have the code behind a method, others as an attribute."""
    value = getattr(error, name, None)
    return value() if callable(value) else value
