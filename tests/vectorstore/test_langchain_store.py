"""The LangChain vector store over each backend: LangChain's standard tests, and what we promise besides."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_tests.integration_tests import VectorStoreIntegrationTests

from app.config import Settings
from vectorstore import backends, index_class, open_index
from vectorstore.base import Place
from vectorstore.langchain import DocentVectorStore, SqliteTextStore


class Letters(Embeddings):
    """Counts a, b, c and d: texts whose cosines can be worked out on paper."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [[float(text.count(letter)) for letter in "abcd"] for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


# Backend on a server -> the fixture that gives the settings by which it is reached.
SERVERS = {"pgvector": "postgres_options", "pinecone": "pinecone_options"}


def place_of(request: pytest.FixtureRequest, fixture: str | None, folder: Path) -> Place:
    """A place of the test's own, on the server of the fixture if there is one."""
    options = request.getfixturevalue(fixture) if fixture else {}
    return Place(folder, f"docent_{secrets.token_hex(6)}", Settings(**options))


class StandardTests(VectorStoreIntegrationTests):
    """Attributes: `server`: the fixture of a server, for a backend that may also do without."""

    backend: str
    server: str | None = None

    @pytest.fixture
    def vectorstore(self, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[DocentVectorStore]:
        dimension = len(self.get_embeddings().embed_query(""))
        place = place_of(request, self.server or SERVERS.get(self.backend), tmp_path / "c")
        index = open_index(self.backend, place, dimension)
        texts = SqliteTextStore(tmp_path / "texts.sqlite")
        yield DocentVectorStore(index, self.get_embeddings(), texts)
        texts.close()
        index.close()
        index_class(self.backend).drop(place)


class TestChromaStore(StandardTests):
    backend = "chroma"


class TestChromaServerStore(StandardTests):
    backend = "chroma"
    server = "chroma_options"


class TestFaissStore(StandardTests):
    backend = "faiss"


class TestMilvusStore(StandardTests):
    backend = "milvus"


class TestQdrantStore(StandardTests):
    backend = "qdrant"


class TestPgvectorStore(StandardTests):
    backend = "pgvector"


class TestPineconeStore(StandardTests):
    backend = "pinecone"


def test_every_backend_is_tested() -> None:
    assert {each.backend for each in StandardTests.__subclasses__()} == set(backends())


@pytest.fixture(params=backends())
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DocentVectorStore]:
    place = place_of(request, SERVERS.get(request.param), tmp_path / "c")
    index, texts = open_index(request.param, place, 4), SqliteTextStore()
    yield DocentVectorStore(index, Letters(), texts)
    texts.close()
    index.close()


def test_scores_are_cosines(store: DocentVectorStore) -> None:
    store.add_texts(["a", "aaaabbb", "b"], ids=["1", "2", "3"])
    found = store.similarity_search_with_score("a", k=3)
    assert [(each.id, score) for each, score in found] == [
        ("1", pytest.approx(1)),
        ("2", pytest.approx(0.8)),
        ("3", pytest.approx(0, abs=1e-6)),
    ]
    relevant = store.similarity_search_with_relevance_scores("a", k=3)
    assert [score for _, score in relevant] == pytest.approx([1, 0.8, 0], abs=1e-6)


def test_filters_by_plain_fields_and_keeps_the_others(store: DocentVectorStore) -> None:
    fields = {"page": 1, "tags": ["x", {"deep": None}], "author": None}
    store.add_documents(
        [Document("a", metadata=fields, id="1"), Document("ab", metadata={"page": 2}, id="2")]
    )
    assert store.similarity_search("a", k=5, filter={"page": 1}) == [Document("a", metadata=fields, id="1")]
    assert [each.id for each in store.similarity_search("a", k=5, filter={"page": [2, 3]})] == ["2"]
    assert [each.id for each in store.similarity_search_by_vector([1.0, 0, 0, 0], k=1)] == ["1"]


def test_of_an_id_that_comes_twice_the_last_text_stays(store: DocentVectorStore) -> None:
    assert store.add_texts(["a", "b"], ids=["같은", "같은"]) == ["같은", "같은"]
    assert store.get_by_ids(["같은"]) == [Document("b", id="같은")]
    assert len(store.similarity_search("b", k=5)) == 1


def test_makes_ids_and_deletes_everything(store: DocentVectorStore) -> None:
    made = store.add_texts(["a", "b"])
    assert len(set(made)) == 2
    assert store.delete() is True
    assert store.similarity_search("a") == store.get_by_ids(made) == []


def test_retrieves_for_a_chain(store: DocentVectorStore) -> None:
    store.add_texts(["a", "b"], ids=["1", "2"])
    retriever = store.as_retriever(
        search_type="similarity_score_threshold", search_kwargs={"score_threshold": 0.5}
    )
    assert [each.id for each in retriever.invoke("a")] == ["1"]


def test_from_texts(tmp_path: Path) -> None:
    index, texts = open_index("faiss", Place(tmp_path / "c"), 4), SqliteTextStore()
    made = DocentVectorStore.from_texts(["a", "b"], Letters(), ids=["1", "2"], index=index, store=texts)
    assert [each.id for each in made.similarity_search("b", k=1)] == ["2"]
    index.close()
    texts.close()
    with pytest.raises(ValueError, match="needs an index"):
        DocentVectorStore.from_texts(["a"], Letters())


def test_texts_survive_closing(tmp_path: Path) -> None:
    first = SqliteTextStore(tmp_path / "texts.sqlite")
    first.put([Document("본문", id="1", metadata={"page": 1})])
    first.close()
    second = SqliteTextStore(tmp_path / "texts.sqlite")
    assert second.get(["1", "2"]) == {"1": Document("본문", id="1", metadata={"page": 1})}
    second.close()
