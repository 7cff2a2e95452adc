"""pgvector on a real PostgreSQL: the contract, faults, and what only it does."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.server_contract import ServerContract
from support.servers.postgres import PostgresServer
from support.vector_contract import DIMENSION, axis, vectors

from app.config import Settings
from app.errors import BackendRefusedError, ConfigurationError, StorageError
from vectorstore import open_index, pgvector
from vectorstore.base import Place, Vectors
from vectorstore.postgres import Server


class TestPgvector(ServerContract):
    backend = "pgvector"
    address = "database_url"
    http = False

    @pytest.fixture
    def reach(self, shared_database_url: str) -> dict[str, Any]:
        return {"database_url": shared_database_url}


@pytest.fixture
def place(shared_database_url: str, tmp_path: Path) -> Iterator[Place]:
    made = at(shared_database_url, tmp_path)
    yield made
    pgvector.PgvectorIndex.drop(made)


def at(url: str, folder: Path, **settings: Any) -> Place:
    return Place(folder / "모음", f"docent_{folder.name}"[:48], Settings(database_url=url, **settings))  # type: ignore[arg-type]


def graphs(place: Place) -> list[str]:
    server = Server(place)
    rows = server.run(
        lambda connection: connection.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname = %s", [f"{place.name}_vectors_graph"]
        ).fetchall()
    )
    server.close()
    return [definition for (definition,) in rows]


def fill(place: Place, held: Vectors) -> None:
    index = open_index("pgvector", place, held.shape[1])
    index.upsert(
        [str(n) for n in range(len(held))], held, [{"n": n, "even": n % 2 == 0} for n in range(len(held))]
    )
    index.close()


# -- the graph -----------------------------------------------------------------------------------------


def test_a_graph_is_built_when_there_are_enough_and_finds_the_same(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pgvector, "GRAPH_FROM", 2000)
    monkeypatch.setattr(pgvector, "_FEW", 500)
    held = vectors(1999)
    fill(place, held)
    assert graphs(place) == []
    held = vectors(3000)
    fill(place, held)
    assert "hnsw" in graphs(place)[0] and "vector_cosine_ops" in graphs(place)[0]

    index = open_index("pgvector", place, DIMENSION)
    for query in vectors(20, seed=1):
        near = np.argsort(-(held @ query))
        assert [each.id for each in index.search(query, 10)] == [str(n) for n in near[:10]]
        even = [str(n) for n in near if n % 2 == 0]
        assert [each.id for each in index.search(query, 10, {"even": True})] == even[:10]
        assert [each.id for each in index.search(query, 3, {"n": [5, 7]})] == [
            str(n) for n in near if n in (5, 7)
        ]
    assert len(index.search(axis(0), 3000)) == 3000  # the graph alone gives up before
    index.delete([str(n) for n in range(2000)])
    assert {each.id for each in index.search(axis(0), 2000)} == {str(n) for n in range(2000, 3000)}
    index.close()


def test_a_graph_that_cannot_be_built_loses_nothing(
    place: Place, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pgvector, "GRAPH_FROM", 10)
    monkeypatch.setattr(pgvector, "_GRAPH", "m = 100000")
    fill(place, vectors(20))
    assert "graph" in caplog.text and graphs(place) == []
    monkeypatch.undo()
    index = open_index("pgvector", place, DIMENSION)
    assert index.count() == 20 == len(index.search(axis(0), 20))
    index.close()


@pytest.mark.parametrize(
    ("kind", "dimension", "graph"),
    [
        ("vector", 8, "(vector vector_cosine_ops)"),
        ("halfvec", 8, "(vector halfvec_cosine_ops)"),
        ("vector", 2001, "halfvec(2001)) halfvec_cosine_ops"),
        ("halfvec", 3000, "(vector halfvec_cosine_ops)"),
        ("halfvec", 4001, ""),
    ],
)
def test_every_dimension_is_searched_by_the_best_graph_there_is(
    shared_database_url: str,
    tmp_path: Path,
    kind: str,
    dimension: int,
    graph: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pgvector, "GRAPH_FROM", 100)
    place = at(shared_database_url, tmp_path, pgvector_type=kind)
    drawn = np.random.default_rng(0).normal(size=(100, dimension)).astype(np.float32)
    held = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    fill(place, held)
    assert graph in "".join(graphs(place)) and bool(graph) == bool(graphs(place))

    index = open_index("pgvector", place, dimension)
    for number in range(0, 100, 20):
        (found,) = index.search(held[number], 1)
        assert found.id == str(number)
        assert found.score == pytest.approx(1, abs=1e-3)
    precision = 1e-6 if kind == "vector" else 2e-4
    assert index.get(["7"])["7"] == pytest.approx(held[7], abs=precision)
    index.close()
    pgvector.PgvectorIndex.drop(place)


# -- many writers --------------------------------------------------------------------------------------


def test_writers_of_the_same_rows_do_not_block_each_other_for_ever(place: Place) -> None:
    ids = [f"문서 {n}" for n in range(300)]

    def write(seed: int) -> None:
        index = open_index("pgvector", place, DIMENSION)  # the first ones make the table at the same time
        order = np.random.default_rng(seed).permutation(300)
        for _ in range(4):
            index.upsert([ids[n] for n in order], vectors(300, seed), [{"writer": seed}] * 300)
            index.delete([ids[n] for n in order[::3]])
        index.upsert([ids[n] for n in order], vectors(300, seed), [{"writer": seed}] * 300)
        index.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    index = open_index("pgvector", place, DIMENSION)
    assert index.ids() == set(ids)
    assert sum(len(index.search(axis(0), 300, {"writer": writer})) for writer in range(4)) == 300
    index.close()


# -- what is wrong with the server -----------------------------------------------------------------------


def test_without_an_address_the_setting_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="DOCENT_DATABASE_URL"):
        open_index("pgvector", Place(tmp_path, "docent_x", Settings()), 8)
    with pytest.raises(ConfigurationError, match="DOCENT_DATABASE_URL") as caught:
        open_index("pgvector", at("postgres//u:secret@x", tmp_path), 8)
    assert "secret" not in str(caught.value)


def test_a_wrong_password_is_said_and_not_shown(
    postgres: PostgresServer, shared_database_url: str, tmp_path: Path
) -> None:
    wrong = postgres.url(shared_database_url.rpartition("/")[2], password="wrong-1234")
    with pytest.raises(
        BackendRefusedError, match=r"DOCENT_DATABASE_URL=.*Correct user and password"
    ) as caught:
        open_index("pgvector", at(wrong, tmp_path), 8)
    assert "wrong-1234" not in str(caught.value)


def test_a_missing_extension_is_said_with_what_to_run(
    postgres: PostgresServer, database_url: str, tmp_path: Path
) -> None:
    name = database_url.rpartition("/")[2]
    postgres.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'x'")
    postgres.execute(f"GRANT CREATE ON SCHEMA public TO {name}", name)
    guest = at(f"postgresql://{name}:x@127.0.0.1:{postgres.port}/{name}", tmp_path)
    with pytest.raises(BackendRefusedError, match=r"superuser run .*: CREATE EXTENSION vector;"):
        open_index("pgvector", guest, 8)
    postgres.execute("CREATE EXTENSION vector", name)
    open_index("pgvector", guest, 8).close()  # its own tables are all that it makes

    postgres.execute("UPDATE pg_extension SET extversion = '0.7.4' WHERE extname = 'vector'", name)
    with pytest.raises(BackendRefusedError, match=r"0\.7\.4.*0\.8.*ALTER EXTENSION vector UPDATE"):
        open_index("pgvector", guest, 8)
    pgvector.PgvectorIndex.drop(guest)
    postgres.execute(f"DROP OWNED BY {name}; DROP ROLE {name}", name)


def test_an_extension_that_is_not_installed_is_said(
    postgres: PostgresServer, database_url: str, tmp_path: Path
) -> None:
    postgres.execute(
        f"ALTER DATABASE {database_url.rpartition('/')[2]} SET extension_control_path = '/nowhere'"
    )
    with pytest.raises(BackendRefusedError, match=r"pgvector is not installed on the server"):
        open_index("pgvector", at(database_url, tmp_path), 8)


def test_a_full_disk_loses_nothing(postgres: PostgresServer, place: Place, shared_database_url: str) -> None:
    """The server says what it says of a full disk, by a trigger, in the middle of a write."""
    fill(place, vectors(5))
    name = shared_database_url.rpartition("/")[2]
    postgres.execute(FULL.format(table=f"{place.name}_vectors"), name)
    index = open_index("pgvector", place, DIMENSION)
    with pytest.raises(StorageError, match=r"DOCENT_DATABASE_URL=.* is full .*Free space"):
        index.upsert(["0", "new", "x-new"], vectors(3), [{"n": 9}] * 3)
    assert index.ids() == set("01234")
    assert [each.id for each in index.search(axis(0), 5, {"n": 0})] == ["0"]
    postgres.execute(f"DROP TRIGGER full_disk ON {place.name}_vectors", name)
    index.upsert(["0", "new", "x-new"], vectors(3), [{"n": 9}] * 3)
    assert index.count() == 7
    index.close()


FULL = """
CREATE OR REPLACE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.id = 'x-new' THEN
    RAISE 'could not extend file "base/16384/1": No space left on device' USING ERRCODE = '53100';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION full_disk();
"""
