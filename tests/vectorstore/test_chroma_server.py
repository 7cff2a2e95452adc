"""Chroma on a server keeps the contract, and says what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from support.faults import Fault, FaultProxy
from support.server_contract import ServerContract
from support.servers.tls import certificate, tls_before
from support.vector_contract import DIMENSION, axis, vectors

from app.config import Settings
from app.errors import (
    BackendRefusedError,
    CollectionDamagedError,
    ConfigurationError,
)
from vectorstore import index_class, open_index
from vectorstore.base import Place

TOKEN = "chroma-token-5678"


class TestChromaServer(ServerContract):
    backend = "chroma"
    address = "chroma_url"

    @pytest.fixture
    def reach(self, chroma_options: dict[str, Any]) -> dict[str, Any]:
        return chroma_options


@pytest.fixture
def port(chroma_options: dict[str, Any]) -> int:
    return int(urlsplit(chroma_options["chroma_url"]).port or 0)


def at(folder: Path, url: str, name: str = "docent_own_1", **more: Any) -> Place:
    return Place(folder / "c", name, Settings(chroma_url=url, server_seconds=5, server_retries=0, **more))


def test_embedded_without_an_address(tmp_path: Path, chroma_options: dict[str, Any]) -> None:
    kind = index_class("chroma")
    assert kind.many_writers(at(tmp_path, "http://localhost:1"))
    assert not kind.many_writers(at(tmp_path, ""))
    index = open_index("chroma", at(tmp_path, ""), DIMENSION)
    index.upsert(["a"], axis(0)[None], [{}])
    index.close()
    assert kind.exists(at(tmp_path, ""))
    assert not kind.exists(at(tmp_path, chroma_options["chroma_url"]))


def test_many_may_write_at_once(tmp_path: Path, chroma_options: dict[str, Any]) -> None:
    place = at(tmp_path, chroma_options["chroma_url"], "docent_many")

    def write(number: int) -> None:
        index = open_index("chroma", place, DIMENSION)
        for part in range(5):
            ids = [f"{number}/{part}/{n}" for n in range(40)]
            index.upsert(ids, vectors(40, seed=number), [{"n": number}] * 40)
        index.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    index = open_index("chroma", place, DIMENSION)
    assert len(index.ids()) == index.count() == 800
    assert len(index.search(axis(0), 800)) == 800
    index.close()
    index_class("chroma").drop(place)


def test_wide_vectors_are_sent_in_parts_that_the_server_takes(
    tmp_path: Path, chroma_options: dict[str, Any]
) -> None:
    place = at(tmp_path, chroma_options["chroma_url"], "docent_wide")
    index = open_index("chroma", place, 4096)
    rows = np.random.default_rng(0).normal(size=(300, 4096)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    index.upsert([str(n) for n in range(300)], rows, [{}] * 300)
    assert index.count() == 300
    assert index.get(["7"])["7"] == pytest.approx(rows[7], abs=1e-6)
    index.close()
    index_class("chroma").drop(place)


# -- keys and certificates ----------------------------------------------------------------------------


def test_sends_its_token(tmp_path: Path, port: int) -> None:
    """Chroma 1.x checks none itself: what stands before it does, and reads one of two headers."""
    with FaultProxy("127.0.0.1", port) as proxy:
        place = at(tmp_path, f"http://127.0.0.1:{proxy.port}", chroma_token=TOKEN)
        open_index("chroma", place, DIMENSION).close()
        sent = [line.lower() for request in proxy.requests for line in request.splitlines()]
        assert len(proxy.requests) == sent.count(f"x-chroma-token: {TOKEN}")
        assert len(proxy.requests) == sent.count(f"authorization: bearer {TOKEN}")
        proxy.behave(Fault(status=401))
        with pytest.raises(BackendRefusedError, match="Correct the key in DOCENT_CHROMA_TOKEN") as caught:
            open_index("chroma", place, DIMENSION)
        assert TOKEN not in str(caught.value)
        without = at(tmp_path, f"http://127.0.0.1:{proxy.port}")
        with pytest.raises(BackendRefusedError, match="It wants a key: set DOCENT_CHROMA_TOKEN"):
            open_index("chroma", without, DIMENSION)
        proxy.heal()
    index_class("chroma").drop(at(tmp_path, f"http://127.0.0.1:{port}"))


def test_speaks_tls_with_an_authority_of_ones_own(tmp_path: Path, port: int) -> None:
    files = certificate(tmp_path)
    with tls_before(port, files) as secure:
        url = f"https://127.0.0.1:{secure}"
        place = at(tmp_path, url, "docent_tls", chroma_ca=files[0])
        index = open_index("chroma", place, DIMENSION)
        index.upsert(["a"], axis(0)[None], [{}])
        assert index.search(axis(0), 1)[0].id == "a"
        index.close()
        index_class("chroma").drop(place)
        with pytest.raises(BackendRefusedError, match=r"DOCENT_CHROMA_URL=https.*set DOCENT_CHROMA_CA to"):
            open_index("chroma", at(tmp_path, url, "docent_tls"), DIMENSION)


def test_https_to_a_server_without_it_is_said(tmp_path: Path, port: int) -> None:
    with pytest.raises(BackendRefusedError, match="http:// or https://"):
        open_index("chroma", at(tmp_path, f"https://127.0.0.1:{port}"), DIMENSION)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_an_authority_that_cannot_be_read_is_said(tmp_path: Path, port: int, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content:
        file.write_text(content)
    with pytest.raises(ConfigurationError, match=r"DOCENT_CHROMA_CA=.*ca\.pem"):
        open_index("chroma", at(tmp_path, f"http://127.0.0.1:{port}", chroma_ca=file), DIMENSION)


# -- other servers ------------------------------------------------------------------------------------


@pytest.fixture
def stranger() -> Iterator[tuple[str, dict[str, Any]]]:
    """A server that is no Chroma of this version, and what it says."""
    says: dict[str, Any] = {"status": 200, "body": b"<html>hello</html>"}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(says["status"])
            self.end_headers()
            self.wfile.write(says["body"])

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", says
        server.shutdown()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>hello</html>"),
        (200, b'{"greeting": "hello"}'),
        (200, b"[]"),
        (404, b'{"detail":"Not Found"}'),
        (410, b'{"error":"Unimplemented","message":"The v1 API is deprecated. Please use /v2 apis"}'),
    ],
)
def test_a_server_of_another_kind_or_version_is_said(
    tmp_path: Path, stranger: tuple[str, dict[str, Any]], status: int, body: bytes
) -> None:
    url, says = stranger
    says |= {"status": status, "body": body}
    with pytest.raises(BackendRefusedError, match=rf"DOCENT_CHROMA_URL={url}.*for chromadb 1\."):
        open_index("chroma", at(tmp_path, url), DIMENSION)


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://localhost", "http://", "chroma"])
def test_an_address_that_is_none_is_said(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigurationError, match="http://localhost:8000"):
        open_index("chroma", at(tmp_path, url), DIMENSION)


@pytest.mark.parametrize("wrong", [{"chroma_tenant": "nobody"}, {"chroma_database": "nowhere"}])
def test_a_tenant_or_database_that_is_not_there_is_said(
    tmp_path: Path, chroma_options: dict[str, Any], wrong: dict[str, str]
) -> None:
    with pytest.raises(ConfigurationError, match=r"(nobody|nowhere).*DOCENT_CHROMA_DATABASE"):
        open_index("chroma", at(tmp_path, chroma_options["chroma_url"], **wrong), DIMENSION)


def test_an_index_that_was_deleted_meanwhile_is_said(tmp_path: Path, chroma_options: dict[str, Any]) -> None:
    place = at(tmp_path, chroma_options["chroma_url"], "docent_gone")
    index = open_index("chroma", place, DIMENSION)
    index_class("chroma").drop(place)
    with pytest.raises(CollectionDamagedError, match=r"DOCENT_CHROMA_URL=.*--rebuild"):
        index.search(axis(0), 1)
    index.close()
