"""What all tests share: an environment of their own, and servers on loopback."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from support.model_server import ModelServer
from support.servers.chroma import chroma_options
from support.servers.pinecone import pinecone_options
from support.servers.postgres import database_url, postgres, postgres_options, shared_database_url

# Fixtures that any test may ask for.
__all__ = [
    "chroma_options",
    "database_url",
    "pinecone_options",
    "postgres",
    "postgres_options",
    "shared_database_url",
]

_FOREIGN = ("DOCENT_", "OPENAI_", "GROQ_", "LANGSMITH_", "LANGCHAIN_", "OLLAMA_")
_KEPT = ("DOCENT_REQUIRE_BROWSER", "DOCENT_REQUIRE_OCR")


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No setting or key of the developer reaches a test; what it writes stays in a folder of its own."""
    for name in [name for name in os.environ if name.startswith(_FOREIGN) and name not in _KEPT]:
        monkeypatch.delenv(name)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1,localhost")
    monkeypatch.chdir(tmp_path_factory.mktemp("cwd"))


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    """A scripted server of OpenAI's protocol on loopback; nothing is set to use it."""
    with ModelServer() as server:
        yield server
