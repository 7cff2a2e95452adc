"""How servers are reached: what is tried again, for how long, and what people are told."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.config import Settings
from app.errors import BackendRefusedError, BackendUnavailableError, DocentError, StorageError
from vectorstore import remote as module
from vectorstore.remote import Remote, shown
from vectorstore.trouble import Trouble, retry_after, trouble

REQUEST = httpx.Request("GET", "http://localhost")


def status(code: int, said: str = "", **headers: str) -> Exception:
    answer = httpx.Response(code, text=said, headers=headers, request=REQUEST)
    return httpx.HTTPStatusError(said, request=REQUEST, response=answer)


def by_name(name: str, base: type[Exception] = Exception, said: str = "", **fields: Any) -> Exception:
    """An error as a library that is not installed here may raise it."""
    error: Exception = type(name, (base,), fields)(said)
    return error


class GrpcCode:
    def __init__(self, name: str) -> None:
        self.name = name


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (ConnectionRefusedError(111, "Connection refused"), Trouble.DOWN),
        (httpx.ConnectError("[Errno -2] Name or service not known"), Trouble.DOWN),
        (httpx.ConnectTimeout("timed out"), Trouble.SLOW),
        (httpx.ReadTimeout("timed out"), Trouble.SLOW),
        (TimeoutError(), Trouble.SLOW),
        (ConnectionResetError(104, "Connection reset by peer"), Trouble.DROPPED),
        (httpx.RemoteProtocolError("Server disconnected without sending a response."), Trouble.DROPPED),
        (httpx.ReadError(""), Trouble.DROPPED),
        (status(429, "slow down"), Trouble.BUSY),
        (status(503), Trouble.BUSY),
        (status(500, "boom"), Trouble.FAILED),
        (status(401), Trouble.KEY),
        (status(403), Trouble.KEY),
        (status(410, "The v1 API is deprecated"), Trouble.VERSION),
        (status(400, "bad filter"), Trouble.REFUSED),
        (status(507), Trouble.FULL),
        (status(500, "write failed: No space left on device"), Trouble.FULL),
        (status(429, "You have reached the monthly quota: storage quota exceeded"), Trouble.FULL),
        (httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate"), Trouble.TLS),
        (ssl.SSLError("[SSL: WRONG_VERSION_NUMBER] wrong version number"), Trouble.TLS),
        (by_name("RpcError", code=lambda self: GrpcCode("UNAVAILABLE")), Trouble.DOWN),
        (by_name("RpcError", code=lambda self: GrpcCode("DEADLINE_EXCEEDED")), Trouble.SLOW),
        (by_name("RpcError", code=lambda self: GrpcCode("UNAUTHENTICATED")), Trouble.KEY),
        (by_name("RpcError", code=lambda self: GrpcCode("UNIMPLEMENTED")), Trouble.VERSION),
        (by_name("DiskFull", said="could not extend file", sqlstate="53100"), Trouble.FULL),
        (by_name("TooManyConnections", sqlstate="53300"), Trouble.BUSY),
        (by_name("QueryCanceled", sqlstate="57014"), Trouble.SLOW),
        (by_name("AdminShutdown", sqlstate="57P01"), Trouble.DOWN),
        (by_name("InvalidPassword", sqlstate="28P01"), Trouble.KEY),
        (by_name("DeadlockDetected", sqlstate="40P01"), Trouble.BUSY),
        (by_name("SyntaxError_", sqlstate="42601"), Trouble.REFUSED),
        (
            by_name(
                "OperationalError", said='connection failed: FATAL:  password authentication failed for "x"'
            ),
            Trouble.KEY,
        ),
        (by_name("OperationalError", said="server closed the connection unexpectedly"), Trouble.DROPPED),
        (by_name("JSONDecodeError", ValueError, "unexpected character: line 1"), Trouble.VERSION),
        (caused(RuntimeError("the client says little"), status(503)), Trouble.BUSY),
        (by_name("ResponseHandlingException", source=httpx.ReadTimeout("timed out")), Trouble.SLOW),
        (RuntimeError("something that nobody knows"), Trouble.REFUSED),
        (ValueError("k must be positive"), None),
        (caused(ValueError("Could not connect"), httpx.ConnectError("refused")), Trouble.DOWN),
    ],
)
def test_reads_what_clients_raise(error: Exception, found: Trouble | None) -> None:
    assert trouble(error) is found


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (status(429, **{"Retry-After": "7"}), 7.0),
        (status(429), None),
        (status(503, **{"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}), None),
        (by_name("ApiError", headers={"retry-after": "1.5"}), 1.5),
        (by_name("RateLimitError", retry_after=3), 3.0),
        (ValueError("no answer"), None),
    ],
)
def test_reads_how_long_to_wait(error: Exception, seconds: float | None) -> None:
    assert retry_after(error) == seconds


# -- tries --------------------------------------------------------------------------------------------


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    taken: list[float] = []
    monkeypatch.setattr(module.time, "sleep", taken.append)
    yield taken


def settings(**changed: Any) -> Settings:
    given = {"chroma_url": "https://user:pass-word@db.example.com:8443/chroma?x=1", "chroma_token": "tok-1"}
    return Settings(**(given | changed))


def chroma(**changed: Any) -> Remote:
    return Remote("Chroma", "chroma_url", settings(**changed), key="chroma_token", library="chromadb")


class Answers:
    """A request that raises what it is given, one after the other, and then answers."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.asked = list(errors), 0

    def __call__(self, word: str) -> str:
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        return word


def test_tries_again_with_longer_pauses(pauses: list[float]) -> None:
    request = Answers(*[ConnectionRefusedError("refused")] * 3)
    assert chroma(server_retries=3).call(request, "yes") == "yes"
    assert len(pauses) == 3
    assert all(0.125 * 2**n <= pause <= 0.25 * 2**n for n, pause in enumerate(pauses))


def test_waits_as_long_as_the_server_asks(pauses: list[float]) -> None:
    request = Answers(status(429, **{"Retry-After": "4"}))
    assert chroma().call(request, "yes") == "yes"
    assert pauses == [4.0]


def test_does_not_wait_beyond_its_time(pauses: list[float]) -> None:
    request = Answers(status(429, **{"Retry-After": "60"}))
    with pytest.raises(BackendUnavailableError, match="DOCENT_SERVER_RETRIES"):
        chroma(server_seconds=5).call(request, "no")
    assert (request.asked, pauses) == (1, [])


def test_gives_up_after_its_tries(pauses: list[float]) -> None:
    request = Answers(*[ConnectionResetError("reset")] * 9)
    with pytest.raises(BackendUnavailableError, match="broke the connection off"):
        chroma(server_retries=2).call(request, "no")
    assert request.asked == 3


def test_what_will_not_pass_is_not_tried_again(pauses: list[float]) -> None:
    request = Answers(status(401))
    with pytest.raises(BackendRefusedError, match="DOCENT_CHROMA_TOKEN"):
        chroma().call(request, "no")
    assert (request.asked, pauses) == (1, [])


@pytest.mark.parametrize("error", [ValueError("k"), DocentError("ours"), KeyError("id")])
def test_what_is_not_the_servers_fault_is_passed_on(error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        chroma().call(Answers(error), "no")
    assert caught.value is error


def test_a_request_that_hangs_is_left_alone() -> None:
    began = time.monotonic()
    with pytest.raises(BackendUnavailableError, match=r"DOCENT_SERVER_SECONDS=0\.2"):
        chroma(server_seconds=0.2).call(time.sleep, 2)
    assert time.monotonic() - began < 1.5


# -- what people are told -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (ConnectionRefusedError("refused"), BackendUnavailableError, "Start the server"),
        (TimeoutError(), BackendUnavailableError, "DOCENT_SERVER_SECONDS=30"),
        (status(429), BackendUnavailableError, "DOCENT_SERVER_RETRIES=0"),
        (status(403), BackendRefusedError, "Correct the key in DOCENT_CHROMA_TOKEN"),
        (status(507), StorageError, "Free space there"),
        (status(501), BackendRefusedError, "for chromadb 1."),
        (ssl.SSLError("CERTIFICATE_VERIFY_FAILED"), BackendRefusedError, "the certificate"),
        (status(400, "tok-1 and pass-word were wrong"), BackendRefusedError, "Check the address"),
    ],
)
def test_names_setting_value_and_cure_without_secrets(error: Exception, kind: type, words: str) -> None:
    with pytest.raises(kind) as caught:
        chroma(server_retries=0).call(Answers(error), "no")
    said = str(caught.value)
    assert said.startswith("DOCENT_CHROMA_URL=https://db.example.com:8443/chroma: Chroma ")
    assert words in said
    assert "tok-1" not in said and "pass-word" not in said and "\n" not in said


def test_says_that_a_key_is_missing() -> None:
    with pytest.raises(BackendRefusedError, match="It wants a key: set DOCENT_CHROMA_TOKEN"):
        chroma(chroma_token=None, server_retries=0).call(Answers(status(401)), "no")


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("postgresql://me:secret@db:5432/docent?password=secret", "postgresql://db:5432/docent"),
        ("host=db password=secret dbname=docent", "host=db … dbname=docent"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("", ""),
    ],
)
def test_shows_addresses_without_secrets(address: str, seen: str) -> None:
    assert shown(address) == seen
