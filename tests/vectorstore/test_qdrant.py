"""Qdrant keeps the contract: in a folder, and on a server."""

from __future__ import annotations

from support.keyword_contract import KeywordIndexContract
from support.vector_contract import EmbeddedContract


class TestQdrantLocal(EmbeddedContract):
    backend = "qdrant"
    alone = True
    vital = "*.json"


class TestQdrantLocalKeywords(KeywordIndexContract):
    backend = "qdrant"
