"""Chroma on a server keeps the contract, and says what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support.server_contract import ServerContract
from support.servers.chroma import chroma_server


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with chroma_server(tmp_path_factory.mktemp("chroma")) as url:
        yield url


class TestChromaServer(ServerContract):
    backend = "chroma"
    address = "chroma_url"

    @pytest.fixture
    def reach(self, url: str) -> dict[str, Any]:
        return {"chroma_url": url}
