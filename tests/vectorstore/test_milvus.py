"""Milvus keeps the contract: milvus-lite in a folder, and a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.keyword_contract import METADATA, TEXTS, KeywordIndexContract, found
from support.server_contract import ServerContract
from support.servers.milvus import milvus_server
from support.vector_contract import DIMENSION, EmbeddedContract, axis

from app.config import Settings
from vectorstore import open_index
from vectorstore.base import Place
from vectorstore.keywords import open_keywords


@pytest.fixture(scope="module")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with milvus_server(tmp_path_factory.mktemp("milvus")) as address:
        yield address


@pytest.mark.slow
class TestMilvusLite(EmbeddedContract):
    backend = "milvus"
    alone = True
    vital = "*.json*"


@pytest.mark.slow
class TestMilvusServer(ServerContract):
    backend = "milvus"
    address = "milvus_uri"
    http = False

    @pytest.fixture
    def reach(self, milvus: str) -> dict[str, Any]:
        return {"milvus_uri": milvus}


@pytest.mark.slow
class TestMilvusLiteKeywords(KeywordIndexContract):
    backend = "milvus"


@pytest.mark.slow
class TestMilvusServerKeywords(KeywordIndexContract):
    backend = "milvus"

    @pytest.fixture(autouse=True)
    def reached(self, milvus: str) -> None:
        self.options = {"milvus_uri": milvus}


@pytest.mark.parametrize("on_a_server", [False, True])
def test_vectors_and_words_are_found_filtered_and_forgotten(
    tmp_path: Path, milvus: str, on_a_server: bool
) -> None:
    """The slow tests above in short."""
    reach = {"milvus_uri": milvus} if on_a_server else {}
    place = Place(tmp_path, f"docent_short_{on_a_server}", Settings(**reach))
    vectors, words = open_index("milvus", place, DIMENSION), open_keywords("milvus", place)
    ids = list(TEXTS)
    vectors.upsert(ids, [axis(n) for n in range(len(ids))], list(METADATA.values()))
    words.upsert(ids, list(TEXTS.values()), list(METADATA.values()))
    assert [hit.id for hit in vectors.search(axis(1), 1)] == [ids[1]]
    assert {hit.id for hit in vectors.search(axis(1), 9, {"page": 2})} == {"travel", "korean"}
    assert found(words, "traveling 휴가") == found(words, "traveling 휴가", where={"page": 2})
    assert set(found(words, "traveling 휴가")) == {"travel", "korean"}
    for index in (vectors, words):
        index.delete(["travel"])
        assert index.ids() == {*ids} - {"travel"}
        index.close()
