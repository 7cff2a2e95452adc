"""Milvus keeps the contract: milvus-lite in a folder, and a server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support.keyword_contract import KeywordIndexContract
from support.server_contract import ServerContract
from support.servers.milvus import milvus_server
from support.vector_contract import EmbeddedContract


@pytest.fixture(scope="module")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with milvus_server(tmp_path_factory.mktemp("milvus")) as address:
        yield address


class TestMilvusLite(EmbeddedContract):
    backend = "milvus"
    alone = True
    vital = "*.json*"


class TestMilvusServer(ServerContract):
    backend = "milvus"
    address = "milvus_uri"
    http = False

    @pytest.fixture
    def reach(self, milvus: str) -> dict[str, Any]:
        return {"milvus_uri": milvus}


class TestMilvusLiteKeywords(KeywordIndexContract):
    backend = "milvus"


class TestMilvusServerKeywords(KeywordIndexContract):
    backend = "milvus"

    @pytest.fixture(autouse=True)
    def reached(self, milvus: str) -> None:
        self.options = {"milvus_uri": milvus}
