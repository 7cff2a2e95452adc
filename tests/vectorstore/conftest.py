"""Servers that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support.servers.chroma import chroma_server
from support.servers.pinecone import PineconeStub


@pytest.fixture(scope="session")
def chroma_options(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The settings that reach a real Chroma server."""
    with chroma_server(tmp_path_factory.mktemp("chroma")) as url:
        yield {"chroma_url": url}


@pytest.fixture(scope="session")
def pinecone_options() -> Iterator[dict[str, Any]]:
    """The settings that reach a stub of Pinecone whose reads see each write at once."""
    with PineconeStub() as stub:
        stub.lag = 0
        yield {"pinecone_host": stub.url, "pinecone_api_key": stub.key}


@pytest.fixture
def postgres_options(shared_database_url: str) -> dict[str, Any]:
    """The settings that lead to PostgreSQL with pgvector."""
    return {"database_url": shared_database_url}
