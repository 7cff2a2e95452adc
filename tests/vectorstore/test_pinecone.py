"""Pinecone keeps the contract, on a stub that speaks the published API to the official client."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from support.server_contract import ServerContract
from support.servers.pinecone import PineconeStub
from support.vector_contract import DIMENSION, axis, vectors

from app.config import Settings
from app.errors import BackendUnavailableError, CollectionDamagedError, ConfigurationError
from vectorstore import index_class, open_index
from vectorstore.base import Place, VectorIndex


@pytest.fixture
def stub() -> Iterator[PineconeStub]:
    """One of the test's own, whose behaviour may be changed."""
    with PineconeStub() as stub:
        yield stub


def options(stub: PineconeStub) -> dict[str, Any]:
    return {"pinecone_host": stub.url, "pinecone_api_key": stub.key}


class TestPinecone(ServerContract):
    backend = "pinecone"
    address = "pinecone_host"
    key = "pinecone_api_key"

    @pytest.fixture
    def reach(self, pinecone_options: dict[str, Any]) -> dict[str, Any]:
        return pinecone_options


@pytest.fixture
def place(stub: PineconeStub, tmp_path: Any) -> Place:
    return Place(tmp_path / "c", "docent_test_1", Settings(**options(stub)))


@pytest.fixture
def index(place: Place) -> Iterator[VectorIndex]:
    opened = open_index("pinecone", place, DIMENSION)
    yield opened
    opened.close()


def test_makes_a_serverless_index_for_the_dimension(stub: PineconeStub, place: Place) -> None:
    stub.seconds_to_make = 0.6
    there = {"pinecone_cloud": "gcp", "pinecone_region": "europe-west4", "pinecone_index": "archive"}
    place = replace(place, settings=Settings(**options(stub), **there))
    open_index("pinecone", place, DIMENSION).close()
    (made,) = stub.indexes.values()
    assert (made.name, made.dimension, made.metric) == ("archive-8", 8, "cosine")
    assert made.deployment == {"deployment_type": "managed", "cloud": "gcp", "region": "europe-west4"}


def test_collections_share_an_index_and_see_only_their_own(index: VectorIndex, place: Place) -> None:
    other = replace(place, name="docent_test_2")
    second = open_index("pinecone", other, DIMENSION)
    index.upsert(["a"], axis(0)[None], [{}])
    second.upsert(["a", "b"], [axis(1), axis(0)], [{}, {}])
    assert (index.ids(), second.ids()) == ({"a"}, {"a", "b"})
    second.close()
    index_class("pinecone").drop(other)
    assert index.ids() == {"a"}
    assert not index_class("pinecone").exists(other)


def test_another_model_may_be_built_beside(stub: PineconeStub, index: VectorIndex, place: Place) -> None:
    index.upsert(["a"], axis(0)[None], [{}])
    beside = replace(place, name="docent_test_next")
    open_index("pinecone", beside, 16).close()
    assert sorted(stub.indexes) == ["docent-16", "docent-8"]
    assert index_class("pinecone").exists(beside)


def test_requests_keep_within_its_limits(stub: PineconeStub, place: Place) -> None:
    wide = 1536
    index = open_index("pinecone", place, wide)
    rows = np.random.default_rng(0).normal(size=(120, wide)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    fields = [{"source": "긴 이름/" * 50, "n": n} for n in range(120)]
    index.upsert([f"{n:05}" for n in range(120)], rows, fields)
    assert len(stub.sizes) > 1
    assert sum(count for _, count in stub.sizes) == 120
    assert max(size for size, _ in stub.sizes) > 500_000  # no more requests than it takes
    assert len(index.ids()) == 120
    index.close()


@pytest.mark.parametrize("says_lsn", [True, False])
def test_waits_until_searches_see_what_was_written(stub: PineconeStub, place: Place, says_lsn: bool) -> None:
    stub.lag, stub.says_lsn = 0.3, says_lsn
    index = open_index("pinecone", place, DIMENSION)
    index.upsert(["a", "b"], [axis(0), axis(1)], [{}, {}])
    assert [each.id for each in index.search(axis(1), 1)] == ["b"]
    index.delete(["b"])
    assert [each.id for each in index.search(axis(1), 5)] == ["a"]
    index.close()


def test_what_is_long_in_coming_is_no_error(
    stub: PineconeStub, place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    stub.lag = 30
    impatient = replace(place, settings=Settings(**options(stub), server_seconds=0.3))
    index = open_index("pinecone", impatient, DIMENSION)
    index.upsert(["a"], axis(0)[None], [{}])
    assert "does not show it in searches yet" in caplog.text
    index.close()


def test_waits_as_long_as_it_is_told_when_there_are_too_many_requests(
    stub: PineconeStub, index: VectorIndex
) -> None:
    stub.throttled, stub.retry_after = 2, "0.2"
    began = time.monotonic()
    index.upsert(["a"], axis(0)[None], [{}])
    assert time.monotonic() - began >= 0.4
    assert index.ids() == {"a"}


def test_too_many_requests_for_too_long_are_an_error(stub: PineconeStub, index: VectorIndex) -> None:
    stub.throttled, stub.retry_after = 99, "60"
    with pytest.raises(BackendUnavailableError, match=r"DOCENT_PINECONE_HOST=.*too much to do"):
        index.search(axis(0), 1)
    stub.throttled = 0


def test_long_ids_come_back_as_they_were(index: VectorIndex) -> None:
    ids = ["한국어", "~tilde", "x" * 513, "plain", "new\nline"]
    index.upsert(ids, vectors(5), [{}] * 5)
    assert index.ids() == set(ids)
    assert {each.id for each in index.search(axis(0), 9)} == set(ids)
    assert set(index.get(ids)) == set(ids)


def test_an_index_of_another_metric_is_refused(stub: PineconeStub, index: VectorIndex, place: Place) -> None:
    stub.indexes["docent-8"].metric = "euclidean"
    with pytest.raises(ConfigurationError, match=r"DOCENT_PINECONE_INDEX=docent.*euclidean"):
        open_index("pinecone", place, DIMENSION)


def test_an_index_that_was_deleted_is_made_anew_by_a_rebuild(
    stub: PineconeStub, index: VectorIndex, place: Place
) -> None:
    index.upsert(["a"], axis(0)[None], [{}])
    stub.indexes.clear()
    with pytest.raises(CollectionDamagedError, match="--rebuild"):
        index.search(axis(0), 1)
    assert not index_class("pinecone").exists(place)


def test_wants_a_key(stub: PineconeStub, place: Place) -> None:
    without = replace(place, settings=Settings(pinecone_host=stub.url))
    with pytest.raises(ConfigurationError, match="DOCENT_PINECONE_API_KEY is not set"):
        open_index("pinecone", without, DIMENSION)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda index: index.upsert(vectors=[("a", [0.0] * 8)]), "non-zero"),
        (lambda index: index.upsert(vectors=[("a", [1.0] * 5)]), "does not match the dimension"),
        (lambda index: index.upsert(vectors=[(str(n), [1.0] * 8) for n in range(1001)]), "maximum of 1000"),
        (lambda index: index.upsert(vectors=[("a", [1.0] * 8, {"x": None})]), "Metadata value"),
        (lambda index: index.upsert(vectors=[("a", [1.0] * 8, {"x": "가" * 20_000})]), "40 KB"),
        (
            lambda index: index.query(vector=[1.0] * 8, top_k=1, filter={"x": {"$in": [True]}}),
            "takes strings",
        ),
        (lambda index: index.query(vector=[1.0] * 8, top_k=1, filter={"$not": {"x": 1}}), "no operator"),
        (lambda index: index.delete(ids=["a"], namespace="nowhere"), "not found"),
    ],
)
def test_the_stub_refuses_what_the_service_refuses(stub: PineconeStub, call: Any, said: str) -> None:
    """With the official client alone: the stub is not shaped after our own calls."""
    from pinecone import ApiError, Pinecone, RetryConfig

    with Pinecone(api_key=stub.key, host=stub.url, retry_config=RetryConfig(max_retries=0)) as client:
        made = client.indexes.create(
            name="official",
            schema={"fields": {"_values": {"type": "dense_vector", "dimension": 8, "metric": "cosine"}}},
            deployment={"deployment_type": "managed", "cloud": "aws", "region": "us-east-1"},
        )
        host = "http://" + str(made.host).removeprefix("https://")
        with client.index(host=host) as index, pytest.raises(ApiError, match=said):
            call(index)


def test_the_official_client_reads_all_that_the_stub_says(stub: PineconeStub) -> None:
    from pinecone import Pinecone

    with Pinecone(api_key=stub.key, host=stub.url) as client:
        made = client.indexes.create(
            name="official",
            schema={"fields": {"_values": {"type": "dense_vector", "dimension": 8, "metric": "cosine"}}},
            deployment={"deployment_type": "managed", "cloud": "aws", "region": "us-east-1"},
        )
        assert [each.name for each in client.indexes.list()] == ["official"]
        assert client.indexes.describe("official").dimension == made.dimension == 8
        with client.index(host="http://" + str(made.host).removeprefix("https://")) as index:
            assert index.create_namespace(name="n").record_count == 0
            rows = [(f"{n:03}", axis(n % 8).tolist(), {"odd": bool(n % 2)}) for n in range(150)]
            written = index.upsert(vectors=rows, namespace="n")
            assert written.upserted_count == 150
            while not index.query(vector=[1.0] * 8, top_k=1, namespace="n").response_info.is_reconciled(
                written.response_info.lsn_committed
            ):
                time.sleep(0.01)
            assert sum(len(page.vectors) for page in index.list(namespace="n")) == 150
            assert index.describe_index_stats().namespaces["n"].vector_count == 150
            assert index.fetch(ids=["007"], namespace="n").vectors["007"].metadata == {"odd": True}
            found = index.query(
                vector=axis(0).tolist(), top_k=3, namespace="n", filter={"odd": {"$eq": False}}
            )
            assert [each.id for each in found.matches] == ["000", "008", "016"]
            index.delete_namespace(name="n")
        client.indexes.delete("official")
        assert client.indexes.exists("official") is False
