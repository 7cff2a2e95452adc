"""The keyword index in PostgreSQL: the contract, ranking as tantivy's, faults, and what only it does."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.faults import Fault, FaultProxy
from support.keyword_contract import KeywordIndexContract, found
from support.servers.postgres import PostgresServer

from app.config import Settings
from app.errors import BackendUnavailableError, CollectionDamagedError, CollectionError, StorageError
from vectorstore.base import KeywordIndex, Place
from vectorstore.keywords import open_keywords
from vectorstore.keywords.postgres import merging, searching, tables
from vectorstore.keywords.postgres.merging import due
from vectorstore.keywords.postgres.searching import shared_out
from vectorstore.postgres import Server, original, stored

WORDS = [
    f"{first}{second}" for first in "bdgklmnprst" for second in ("ao", "eku", "ili", "ond", "ush", "yra")
]


class TestPostgresKeywords(KeywordIndexContract):
    backend = "postgres"

    @pytest.fixture(autouse=True)
    def reached(self, shared_database_url: str) -> None:
        self.options: dict[str, Any] = {"database_url": shared_database_url}


@pytest.fixture
def place(shared_database_url: str, tmp_path: Path) -> Iterator[Place]:
    made = Place(
        tmp_path / "모음", f"docent_{tmp_path.name}"[:48], Settings(database_url=shared_database_url)
    )  # type: ignore[arg-type]
    yield made
    server = Server(made)
    server.run(lambda connection: tables.drop(connection, made))
    server.close()


@pytest.fixture
def index(place: Place) -> Iterator[KeywordIndex]:
    opened = open_keywords("postgres", place)
    yield opened
    opened.close()


def texts_of(count: int, seed: int = 0) -> list[str]:
    """Words by Zipf's law."""
    chance = random.Random(seed)
    shares = [1 / (rank + 1) for rank in range(len(WORDS))]
    return [" ".join(chance.choices(WORDS, shares, k=chance.randint(5, 40))) for _ in range(count)]


def fill(index: KeywordIndex, texts: list[str], step: int = 100) -> None:
    for start in range(0, len(texts), step):
        part = range(start, min(start + step, len(texts)))
        beside = [texts[max(0, n - 1) : n] + texts[n + 1 : n + 2] for n in part]
        index.upsert([str(n) for n in part], [texts[n] for n in part], [{"odd": n % 2} for n in part], beside)


def batches(place: Place) -> list[tuple[int, int]]:
    """(size, chunks) of each."""
    server = Server(place)
    rows = server.run(
        lambda connection: connection.execute(
            tables.statement(place, "SELECT size, chunks FROM {batches} ORDER BY batch")
        ).fetchall()
    )
    server.close()
    return rows


# -- ranking -------------------------------------------------------------------------------------------


def test_ranks_as_tantivy_does(index: KeywordIndex, place: Place) -> None:
    texts = texts_of(400)
    other = open_keywords("tantivy", replace(place, folder=place.folder / "other"))
    fill(index, texts)
    fill(other, texts)
    shared = first = 0
    questions = [" ".join(random.Random(n).sample(WORDS, 4)) for n in range(40)]
    for question in questions:
        ours, theirs = index.search(question, 10), other.search(question, 10)
        shared += len({hit.id for hit in ours} & {hit.id for hit in theirs})
        first += ours[0].id == theirs[0].id
        assert ours[0].score == pytest.approx(theirs[0].score, rel=0.2)
        assert index.weights(question) == pytest.approx(other.weights(question), rel=1e-6)
    other.close()
    assert shared >= 0.9 * 10 * len(questions)
    assert first >= 0.85 * len(questions)


def test_what_is_read_in_part_ranks_nearly_the_same(
    index: KeywordIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(index, texts_of(600))
    question = " ".join(WORDS[:12])
    whole = index.search(question, 10)
    monkeypatch.setattr(searching, "MOST_ENTRIES", 1200)
    in_part = index.search(question, 10)
    assert len({hit.id for hit in whole} & {hit.id for hit in in_part}) >= 8
    scores = {hit.id: hit.score for hit in whole}
    assert {hit.id: hit.score for hit in in_part if hit.id in scores} == pytest.approx(
        {hit.id: scores[hit.id] for hit in in_part if hit.id in scores}
    )
    # However little is read at first, everything that has a word of the question can be had.
    assert len(index.search(question, 600)) == len(
        [text for text in texts_of(600) if set(WORDS[:12]) & {*text.split()}]
    )


def test_what_is_read_is_shared_out() -> None:
    assert shared_out(100, [10, 20, 30]) == [1, 1, 1]
    assert shared_out(60, [10, 100, 100]) == [1, 0.25, 0.25]
    assert shared_out(0, [10]) == [0]


def test_a_filter_does_not_shorten_the_result(index: KeywordIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = texts_of(300)
    fill(index, texts)
    plain = [hit.id for hit in index.search(WORDS[0], 300) if int(hit.id) % 2]
    assert found(index, WORDS[0], where={"odd": 1}) == plain[:10]
    monkeypatch.setattr(searching, "_FEW", 5)
    monkeypatch.setattr(searching, "_SPARE_AT_LEAST", 1)
    assert found(index, WORDS[0], where={"odd": 1}) == plain[:10]
    assert found(index, WORDS[0], where={"id": [plain[3], "nobody", 7]}) == [plain[3]]


def test_deleted_chunks_do_not_shorten_the_result(index: KeywordIndex) -> None:
    fill(index, texts_of(500))
    ranked = [hit.id for hit in index.search(WORDS[0], 500)]
    index.delete(ranked[:350])
    left = [hit.id for hit in index.search(WORDS[0], 10)]
    assert len(left) == 10 and not {*left} & {*ranked[:350]}


# -- merging -------------------------------------------------------------------------------------------


def test_small_batches_are_merged_when_a_writer_is_done(index: KeywordIndex, place: Place) -> None:
    texts = texts_of(200)
    fill(index, texts, step=20)
    index.delete(["0", "1"])
    assert len(batches(place)) == 11
    before = index.search(" ".join(WORDS[:3]), 200)
    index.close()
    assert [size for size, _ in batches(place) if size] == [198]
    assert sum(chunks for _, chunks in batches(place)) == 198

    again = open_keywords("postgres", place)
    after = again.search(" ".join(WORDS[:3]), 200)
    assert {hit.id for hit in after} == {hit.id for hit in before}
    assert after[0].score == pytest.approx(
        before[0].score, rel=0.2
    )  # what is deleted is not counted any more
    assert again.count() == 198
    again.close()


def test_batches_of_about_the_same_size_become_one() -> None:
    assert list(due({n: 5 for n in range(7)}, 35)) == []
    assert list(due({n: 5 for n in range(8)} | {9: 600}, 640)) == [[*range(8)]]
    assert list(due({n: 9_000 for n in range(8)}, 72_000)) == [[0, 1, 2], [3, 4, 5], [6, 7]]
    assert list(due({1: merging.FULL, 2: merging.FULL, 3: 10}, 10)) == [[1], [2], [3]]


# -- many writers, and what is wrong ---------------------------------------------------------------------


def test_many_write_at_once(place: Place) -> None:
    texts = texts_of(120)

    def write(seed: int) -> None:
        index = open_keywords("postgres", place)
        order = random.Random(seed).sample(range(120), 120)
        for _ in range(3):
            index.upsert([f"n{n}" for n in order], [texts[n] for n in order], [{"writer": seed}] * 120)
            index.delete([f"n{n}" for n in order[::4]])
        index.upsert([f"n{n}" for n in order], [texts[n] for n in order], [{"writer": seed}] * 120)
        index.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    index = open_keywords("postgres", place)
    assert index.ids() == {f"n{n}" for n in range(120)}
    assert len(index.search(WORDS[0], 200)) == sum(WORDS[0] in text.split() for text in texts)
    index.close()


def test_a_reader_sees_what_is_written_and_writes_nothing(index: KeywordIndex, place: Place) -> None:
    reader = open_keywords("postgres", place, read_only=True)
    index.upsert(["new"], ["fresh"], [{}])
    assert found(reader, "fresh") == ["new"]
    with pytest.raises(CollectionError, match="not open for writing"):
        reader.upsert(["x"], ["y"], [{}])
    with pytest.raises(CollectionError, match="not open for writing"):
        reader.delete(["x"])
    reader.close()


def test_a_missing_index_and_one_of_other_tokens_are_damage(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CollectionDamagedError, match="--rebuild"):
        open_keywords("postgres", place, read_only=True)
    open_keywords("postgres", place).close()
    monkeypatch.setattr(tables, "COMMENT", "Docent: words, tokens of version 99")
    with pytest.raises(CollectionDamagedError, match=r"DOCENT_DATABASE_URL=.*--rebuild"):
        open_keywords("postgres", place)


@pytest.mark.parametrize("cut", [{"cut_after": 6000}, {"cut_answers_after": 1}])
def test_a_write_that_is_cut_off_leaves_nothing_half(
    index: KeywordIndex, place: Place, postgres: PostgresServer, cut: dict[str, int]
) -> None:
    index.upsert(["kept"], ["baobab"], [{}])
    name = str(place.settings.database_url.get_secret_value()).rpartition("/")[2]  # type: ignore[union-attr]
    with FaultProxy("127.0.0.1", postgres.port) as proxy:
        url = postgres.url(name, port=proxy.port)
        settings = Settings(database_url=url, server_retries=0, server_seconds=5)  # type: ignore[arg-type]
        shaky = open_keywords("postgres", replace(place, settings=settings))
        proxy.behave(Fault(**cut))  # type: ignore[arg-type]
        with pytest.raises(BackendUnavailableError, match="DOCENT_DATABASE_URL=") as caught:
            shaky.upsert([str(n) for n in range(200)], texts_of(200), [{}] * 200)
        assert "shown" not in str(caught.value)
        assert index.ids() == {"kept"}
        assert index.search(" ".join(WORDS), 10) == []
        proxy.heal()
        shaky.upsert([str(n) for n in range(200)], texts_of(200), [{}] * 200)
        assert index.count() == 201
        shaky.close()


def test_a_full_disk_loses_nothing(index: KeywordIndex, place: Place, postgres: PostgresServer) -> None:
    """The server says what it says of a full disk, by a trigger, in the middle of a write."""
    index.upsert(["kept"], ["baobab"], [{}])
    name = str(place.settings.database_url.get_secret_value()).rpartition("/")[2]  # type: ignore[union-attr]
    postgres.execute(
        f"""
        CREATE FUNCTION {place.name}_full() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
        CREATE TRIGGER full_disk BEFORE INSERT ON {place.name}_words_postings
            FOR EACH ROW EXECUTE FUNCTION {place.name}_full();
        """,
        name,
    )
    with pytest.raises(StorageError, match="DOCENT_DATABASE_URL="):
        index.upsert(["kept", "new"], ["mango", "mango"], [{}, {}])
    assert found(index, "baobab") == ["kept"]
    assert found(index, "mango") == []


# -- what PostgreSQL cannot keep as it is ------------------------------------------------------------------


@pytest.mark.parametrize("id", ["a\x00b", "\ud800", "\x1a", "\x1a0000", "plain", "줄\n바꿈"])
def test_any_id_comes_back(index: KeywordIndex, id: str) -> None:
    assert original(stored(id)) == id
    index.upsert([id, "other"], ["mango", "baobab"], [{"of\x00": "\ud800"}, {}])
    assert found(index, "mango", where={"of\x00": "\ud800"}) == [id]
    assert index.ids() == {id, "other"}


def test_an_id_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="2000 bytes"):
        stored("가" * 1000)
