"""Qdrant keeps the contract: in a folder, and on a server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.keyword_contract import KeywordIndexContract
from support.server_contract import ServerContract
from support.servers.qdrant import KEY, qdrant_server, qdrant_stub
from support.vector_contract import DIMENSION, EmbeddedContract, axis

from app.config import Settings
from app.errors import BackendRefusedError, CollectionDamagedError, ConfigurationError
from vectorstore import open_index
from vectorstore.base import Place, VectorIndex
from vectorstore.keywords import open_keywords


@pytest.fixture(scope="module")
def qdrant() -> Iterator[str]:
    with qdrant_server() as address:
        yield address


class TestQdrantLocal(EmbeddedContract):
    backend = "qdrant"
    alone = True
    vital = "*.json"


class TestQdrantServer(ServerContract):
    backend = "qdrant"
    address = "qdrant_url"
    key = "qdrant_api_key"
    rows, cut_after = 100, 5_000  # the engine behind it takes its time for each

    @pytest.fixture
    def reach(self, qdrant: str) -> dict[str, Any]:
        return {"qdrant_url": qdrant, "qdrant_api_key": KEY}

    def test_an_index_that_somebody_removed_is_said(self, index: VectorIndex, place: Place) -> None:
        type(index).drop(place)
        with pytest.raises(CollectionDamagedError, match=r"DOCENT_QDRANT_URL=.*--rebuild"):
            index.search(axis(0), 1)

    def test_a_file_that_holds_no_certificates_is_said(self, place: Place, tmp_path: Path) -> None:
        (tmp_path / "ca.pem").write_text("no certificate")
        given = self.options | {"qdrant_ca": tmp_path / "ca.pem"}
        with pytest.raises(ConfigurationError, match=r"DOCENT_QDRANT_CA=.*ca\.pem"):
            open_index(self.backend, replace(place, settings=Settings(**given)), DIMENSION)

    def test_plain_http_where_tls_is_asked_for_is_said(self, place: Place) -> None:
        given = self.options | {"qdrant_url": self.options["qdrant_url"].replace("http:", "https:")}
        with pytest.raises(BackendRefusedError, match="certificate"):
            open_index(self.backend, replace(place, settings=Settings(**given)), DIMENSION)


class TestQdrantLocalKeywords(KeywordIndexContract):
    backend = "qdrant"


class TestQdrantServerKeywords(KeywordIndexContract):
    backend = "qdrant"

    @pytest.fixture(autouse=True)
    def reached(self, qdrant: str) -> None:
        self.options = {"qdrant_url": qdrant, "qdrant_api_key": KEY}

    def test_a_reader_begins_nothing(self, place: Place) -> None:
        with pytest.raises(CollectionDamagedError, match=r"DOCENT_QDRANT_URL=.*--rebuild"):
            open_keywords(self.backend, place, read_only=True)


def test_an_older_server_is_told_apart(tmp_path: Path) -> None:
    with qdrant_stub("1.9.3") as stub:
        given = Settings(qdrant_url=stub.url, qdrant_api_key=KEY)  # type: ignore[arg-type]
        with pytest.raises(BackendRefusedError, match=r"DOCENT_QDRANT_URL=.*1\.9\.3.*1\.16 or later"):
            open_index("qdrant", Place(tmp_path, "docent_x", given), DIMENSION)


def test_a_cluster_is_told_how_to_spread_an_index(tmp_path: Path) -> None:
    with qdrant_stub() as stub:
        given = Settings(qdrant_url=stub.url, qdrant_api_key=KEY, qdrant_shards=6, qdrant_replicas=2)  # type: ignore[arg-type]
        open_index("qdrant", Place(tmp_path, "docent_x", given), DIMENSION).close()
        assert "PUT /collections/docent_x" in stub.requests
        assert "PUT /collections/docent_x/index" in stub.requests
