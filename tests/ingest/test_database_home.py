"""Collections in PostgreSQL: several servers, writers that die, and a database that lets them down."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from doubles import WordModel, settings_of
from support.faults import Fault, FaultProxy
from support.servers.postgres import PASSWORD, PostgresServer

from app.config import Settings
from app.errors import (
    BackendRefusedError,
    BackendUnavailableError,
    CollectionBusyError,
    CollectionDamagedError,
    ConfigurationError,
    DocentError,
)
from app.schemas import Calibration
from ingest.collection import (
    Collection,
    Writer,
    beside,
    forget_previous,
    home_of,
    list_collections,
    restore,
)
from ingest.pipeline import sync

NAME = "인사_규정." + "x" * 56  # longer than PostgreSQL's names, in UTF-8


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    return settings_of(request, tmp_path, "faiss in postgres", embedding_model="words")


@pytest.fixture
def proxy(database_url: str) -> Iterator[FaultProxy]:
    with FaultProxy("127.0.0.1", urlsplit(database_url).port or 0) as proxy:
        yield proxy


@pytest.fixture
def through(settings: Settings, database_url: str, proxy: FaultProxy) -> Settings:
    """The same with the proxy before the server."""
    port = urlsplit(database_url).port
    return with_url(settings, database_url.replace(f":{port}/", f":{proxy.port}/"))


def with_url(settings: Settings, url: str) -> Settings:
    return Settings.model_validate(settings.model_dump() | {"database_url": url})


def content(settings: Settings, name: str) -> list[tuple[str, str]]:
    with Collection.open(name, settings) as held:
        return sorted((chunk.source, chunk.text) for chunk in held.sample(100))


# -- several servers ---------------------------------------------------------------------------------


def test_a_collection_of_one_machine_is_found_on_another(docs: Path, settings: Settings) -> None:
    assert list_collections(settings) == []
    sync([docs], settings, WordModel(), collection=NAME)
    other = settings.model_copy(update={"data_dir": settings.data_dir.parent / "other machine"})
    assert list_collections(other) == [NAME]
    with Collection.open(NAME, other) as held:
        assert held.counts() == (3, 3)
        assert {info.source for info in held.files()} == {"leave.md", "pay.txt", "sub/휴가.txt"}
        held.keep_calibration(
            Calibration.model_validate(dict.fromkeys(Calibration.model_fields, 0) | {"dense_weight": None})
        )
        # Embedded indexes are files: they are said to be on that machine alone.
        with pytest.raises(CollectionDamagedError, match=f"--collection {NAME}"):
            held.dense(WordModel().embed_query("leave"), 1)
        (docs / "new.txt").write_text("Parking is free for visitors.", encoding="utf-8")
        sync([docs], settings, WordModel(), collection=NAME)
        held.refresh()
        assert held.counts() == (4, 4)
    with Collection.open(NAME, settings) as held:
        assert held.calibration() is not None


def test_with_all_indexes_in_the_database_a_machine_needs_no_files(
    docs: Path, settings: Settings, postgres: PostgresServer, database_url: str
) -> None:
    def tables() -> int:
        own = "relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"
        query = f"SELECT count(*) FROM pg_class WHERE relkind = 'r' AND {own}"
        return int(postgres.execute(query, urlsplit(database_url).path[1:])[0][0])

    here = settings.model_copy(update={"vector_backend": "pgvector"})
    there = here.model_copy(update={"data_dir": settings.data_dir.parent / "other machine"})
    sync([docs], here, WordModel(), collection=NAME)
    with Collection.open(NAME, there) as held:
        (near,) = held.dense(WordModel().embed_query("Salaries are paid on the 25th."), 1)
        (best,) = held.keyword("salaries", 1)
        assert near.id == best.id and held.chunks([best.id])[best.id].source == "pay.txt"
        one = tables()
        new = there.model_copy(update={"embedding_model": "new"})
        sync([], new, WordModel("new"), collection=NAME, rebuild=True)
        assert not held.is_current
        assert tables() > one
    forget_previous(NAME, here)
    assert tables() == one
    assert not [path for path in (settings.data_dir.parent / "other machine").rglob("*") if path.is_file()]


def test_servers_that_start_at_once_make_the_tables_once(settings: Settings) -> None:
    names = ["a", "b", "c", "d"]
    with ThreadPoolExecutor(4) as pool:
        for writer in pool.map(lambda name: Writer.open(name, settings), names):
            writer.close()
    assert list_collections(settings) == names


def test_nothing_is_left_of_a_generation_that_was_forgotten(
    docs: Path, settings: Settings, postgres: PostgresServer, database_url: str
) -> None:
    def schemas() -> list[str]:
        query = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'docent\\_%' ORDER BY 1"
        return [row[0] for row in postgres.execute(query, urlsplit(database_url).path[1:])]

    sync([docs], settings, WordModel(), collection=NAME)
    new = settings.model_copy(update={"embedding_model": "new"})
    sync([], new, WordModel("new"), collection=NAME, rebuild=True)
    kept = beside(NAME, settings).previous
    assert kept is not None and kept.embedding_name == "words" and kept.size > 100_000
    assert schemas() == ["docent_1_1", "docent_1_2"]
    restore(NAME, settings)
    assert forget_previous(NAME, settings).embedding_name == "new"
    assert schemas() == ["docent_1_1"]
    assert [path.name for path in (home_of(NAME, settings).folder("").parent / "database").iterdir()] == [
        "generation-1"
    ]
    sync([], new, WordModel("new"), collection=NAME, rebuild=True)
    assert schemas() == ["docent_1_1", "docent_1_3"]


# -- writers that die --------------------------------------------------------------------------------

WRITE = """
import sys
from app.config import load_settings
from ingest.collection import Writer
with Writer.open("default", load_settings()) as writer:
    print("writing", flush=True)
    sys.stdin.read()
"""


def test_the_lock_of_a_killed_process_is_free_at_once(settings: Settings, database_url: str) -> None:
    given = {"DOCENT_DATABASE_URL": database_url, "DOCENT_DATA_DIR": str(settings.data_dir)}
    with subprocess.Popen(
        [sys.executable, "-c", WRITE],
        env=os.environ | given,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == "writing\n"
        with pytest.raises(CollectionBusyError, match=rf"\(pid {process.pid} on .*'default'"):
            Writer.open("default", settings)
        with Collection.open("default", settings) as held, pytest.raises(CollectionBusyError, match="pid"):
            held.check_filled()
        process.send_signal(signal.SIGKILL)
    assert home_of("default", settings).writer() is None
    Writer.open("default", settings).close()


def test_a_run_whose_connections_are_cut_says_so_and_the_next_one_finishes(
    docs: Path, settings: Settings, through: Settings, proxy: FaultProxy
) -> None:
    model = WordModel()

    def cut(progress: object) -> None:
        if model.embedded:
            proxy.refuse()

    with pytest.raises(BackendUnavailableError, match="DOCENT_DATABASE_URL") as raised:
        sync([docs], through, model, collection="default", on_progress=cut)
    assert PASSWORD not in str(raised.value)
    sync([docs], settings, model, collection="default")
    sync([docs], settings, WordModel(), collection="clean")
    assert content(settings, "default") == content(settings, "clean")
    with Collection.open("default", settings) as held:
        assert len(held.dense(model.embed_query("leave"), 9)) == 3


def test_who_lost_the_lock_writes_no_further(
    docs: Path, settings: Settings, through: Settings, proxy: FaultProxy
) -> None:
    sync([docs], settings, WordModel(), collection="default")
    with Writer.open("default", through) as writer:
        proxy.heal()  # cuts what is connected
        with Writer.open("default", settings), pytest.raises(BackendUnavailableError, match="right to write"):
            writer.delete_files([record.id for record in writer.catalog.files.all()])
    with Collection.open("default", settings) as held:
        assert held.counts() == (3, 3)


# -- a database that does not do as it should --------------------------------------------------------


def test_a_reader_goes_on_after_its_connection_was_cut(
    docs: Path, settings: Settings, through: Settings, proxy: FaultProxy
) -> None:
    sync([docs], settings, WordModel(), collection="default")
    with Collection.open("default", through) as held:
        assert held.counts() == (3, 3)
        proxy.refuse()
        with pytest.raises(BackendUnavailableError, match="DOCENT_DATABASE_URL"):
            held.refresh()
        proxy.heal()
        held.refresh()
        assert held.counts() == (3, 3)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (
            {"password": "wrong"},
            BackendRefusedError,
            "password authentication.*right user and password",
        ),
        ({"database": "nowhere"}, BackendRefusedError, "nowhere.*createdb"),
        ({"port": 1}, BackendUnavailableError, "127.0.0.1:1/.*See that it runs"),
    ],
)
def test_what_the_server_refuses_is_said(
    settings: Settings,
    postgres: PostgresServer,
    change: dict[str, object],
    error: type[DocentError],
    said: str,
) -> None:
    wrong = with_url(settings, postgres.url(**({"database": "postgres"} | change)))
    for attempt in (lambda: list_collections(wrong), lambda: Writer.open("default", wrong)):
        with pytest.raises(error, match=rf"(?s){said}.*DOCENT_DATABASE_URL|{said}") as raised:
            attempt()
        assert "DOCENT_DATABASE_URL" in str(raised.value)
        assert PASSWORD not in str(raised.value) and "wrong" not in str(raised.value)


def test_a_user_who_may_make_nothing_is_told_what_to_grant(
    settings: Settings, postgres: PostgresServer, database_url: str
) -> None:
    parts = urlsplit(database_url)
    postgres.execute("DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN PASSWORD 'secret-words'")
    wanted = with_url(settings, f"postgresql://reader:secret-words@127.0.0.1:{parts.port}{parts.path}")
    with pytest.raises(BackendRefusedError, match=r"GRANT CREATE ON DATABASE docent_\w+ TO reader") as raised:
        Writer.open("default", wanted)
    assert "secret-words" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    ["mysql://user:geheim@host/db", "no url", "postgresql://user:geheim@host", "http://user:geheim@h/d"],
)
def test_what_is_no_database_of_postgresql_is_said(settings: Settings, url: str) -> None:
    with pytest.raises(ConfigurationError, match="DOCENT_DATABASE_URL") as raised:
        list_collections(with_url(settings, url))
    assert "geheim" not in str(raised.value)


def test_a_slow_server_is_waited_for(
    docs: Path, settings: Settings, through: Settings, proxy: FaultProxy
) -> None:
    proxy.behave(Fault(delay=0.02))
    assert sync([docs], through, WordModel(), collection="default").added == 3


def test_a_database_of_another_encoding_is_said(settings: Settings, postgres: PostgresServer) -> None:
    postgres.execute(
        "CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    try:
        with pytest.raises(ConfigurationError, match="SQL_ASCII"):
            Writer.open("default", with_url(settings, postgres.url("ascii")))
    finally:
        postgres.drop_database("ascii")


def test_tables_of_a_later_version_are_left_alone(
    docs: Path, settings: Settings, postgres: PostgresServer, database_url: str
) -> None:
    sync([docs], settings, WordModel(), collection="default")
    database = urlsplit(database_url).path[1:]
    postgres.execute("UPDATE docent_1_1.meta SET value = '99' WHERE key = 'schema'", database)
    with pytest.raises(DocentError, match="later version"):
        Collection.open("default", settings)
    postgres.execute("INSERT INTO docent.schema_versions VALUES (99)", database)
    with pytest.raises(DocentError, match="later version"):
        Writer.open("other", settings)
