"""Workers in processes of their own share one run over a collection in PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Any

import psycopg
import pytest
from doubles import WordModel

from app.config import Settings
from app.errors import CollectionBusyError
from app.schemas import FileStatus, IngestReport
from ingest.collection import Collection, Writer
from ingest.pipeline import sync
from vectorstore import open_index
from vectorstore.keywords import open_keywords

WORKER = Path(__file__).with_name("shared_worker.py")
ROOT = Path(__file__).parents[2]
# Every time that a file becomes done is noted, whoever did it.
LOG = """
CREATE TABLE done_log (file text, worker int);
CREATE FUNCTION note_done() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO public.done_log VALUES (NEW.file, NEW.worker); RETURN NEW; END $$;
CREATE TRIGGER note_done AFTER UPDATE ON docent.jobs FOR EACH ROW
WHEN (NEW.state = 'done') EXECUTE FUNCTION note_done();
"""


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(
        data_dir=tmp_path / "data", vector_backend="pgvector", chunk_tokens=64, database_url=database_url
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Forty small files, and one that holds no text."""
    made = tmp_path / "docs"
    made.mkdir()
    for number in range(40):
        lines = [f"Paragraph {part} of file {number} tells of order {number * part}." for part in range(8)]
        (made / f"{number:03}.md").write_text("\n\n".join(lines), encoding="utf-8")
    (made / "empty.md").write_text(" ", encoding="utf-8")
    return made


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(settings: Settings, folder: Path) -> Iterator[Start]:
    """Starts a worker on the folder; all are ended with the test."""
    started = []

    def begin(seconds: float = 0.0, path: Path = folder, **variables: str) -> subprocess.Popen[str]:
        given = {
            "DOCENT_DATA_DIR": str(settings.data_dir),
            "DOCENT_VECTOR_BACKEND": settings.vector_backend,
            "DOCENT_CHUNK_TOKENS": str(settings.chunk_tokens),
            "DOCENT_DATABASE_URL": settings.database_url.get_secret_value(),
            "DOCENT_COLLECTION": "shared",
            "DOCENT_READ_WORKERS": "2",
            "PYTHONPATH": str(ROOT),
        }
        process = subprocess.Popen(
            [sys.executable, str(WORKER), str(path), str(seconds)],
            env={**os.environ, **given, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def asked(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(settings.database_url.get_secret_value(), autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def jobs(settings: Settings, state: str) -> list[tuple[Any, ...]]:
    """Files in this state; none before the tables are there."""
    with suppress(psycopg.errors.UndefinedTable):
        return asked(settings, f"SELECT file FROM docent.jobs WHERE state = '{state}'")
    return []


def wait_for(condition: Callable[[], object], seconds: float = 100) -> Any:
    give_up = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < give_up, "it did not come to this"
        time.sleep(0.05)
    return found


def told(worker: subprocess.Popen[str]) -> IngestReport:
    out, err = worker.communicate(timeout=100)
    assert worker.returncode == 0, out + err
    return IngestReport.model_validate_json(out)


def held(name: str, settings: Settings) -> dict[str, object]:
    """What catalogue and indexes hold, apart from times."""
    with Collection.open(name, settings) as collection:
        catalog, place = collection.catalog, collection.place
        meta = catalog.meta()
        vectors = open_index(meta["backend"], place, WordModel().dimension)
        keywords = open_keywords(meta["keywords"], place, read_only=True)
        files = [(one.path, one.sha256, one.status, one.error) for one in catalog.files.all()]
        found = {
            "files": files,
            "chunks": sorted(catalog.chunks.ids()),
            "vectors": sorted(vectors.ids()),
            "keywords": sorted(keywords.ids()),
            "noted": {name: meta[name] for name in ("embedding", "backend", "keywords", "dirty", "unread")},
        }
        vectors.close()
        keywords.close()
        return found


@pytest.mark.timeout(300)  # seven processes on a busy machine
def test_four_workers_of_whom_one_is_killed_make_what_one_makes(
    settings: Settings, folder: Path, start: Start
):
    alone = sync([folder], settings, WordModel(), collection="alone")
    asked(settings, LOG)
    workers = [start(0.6) for _ in range(4)]
    (victim,) = wait_for(
        lambda: asked(
            settings,
            "SELECT w.name FROM docent.workers w JOIN docent.jobs j ON j.worker = w.id "
            "GROUP BY w.id HAVING bool_or(j.state = 'done') AND bool_or(j.state = 'taken') LIMIT 1",
        )
    )[0]
    lost = next(worker for worker in workers if victim.startswith(f"pid {worker.pid} "))
    lost.kill()
    lost.communicate()
    reports = [told(worker) for worker in workers if worker is not lost]
    assert held("shared", settings) == held("alone", settings)
    log = Counter(file for (file,) in asked(settings, "SELECT file FROM done_log"))
    assert len(log) == 40 and set(log.values()) == {1}
    for report in reports:
        assert (report.added, report.chunks, report.written) == (40, alone.chunks, alone.chunks)
        assert [Path(failure.path).name for failure in report.failed] == ["empty.md"]
        assert report.share is not None and report.share.workers == 4
    shares = [report.share for report in reports if report.share]
    of_lost = asked(
        settings,
        f"SELECT count(*) FROM done_log WHERE worker IN (SELECT id FROM docent.workers "
        f"WHERE name = '{victim}')",
    )[0][0]
    assert of_lost >= 1 and sum(share.added for share in shares) == 40 - of_lost
    assert sum(share.taken_over for share in shares) >= 1 and sum(share.leads for share in shares) == 1


def test_a_worker_alone_does_all_and_the_next_run_finds_nothing_to_do(settings: Settings, folder: Path):
    (folder / "empty.md").unlink()
    first = sync([folder], settings, WordModel(), collection="shared")
    (folder / "000.md").unlink()
    (folder / "001.md").write_text("Something else.", encoding="utf-8")
    second = sync([folder], settings, WordModel(), collection="shared")
    third = sync([folder], settings, lambda: pytest.fail("nothing is embedded"), collection="shared")
    assert (first.added, first.share and first.share.added) == (40, 40)
    assert (second.added, second.updated, second.deleted, second.unchanged) == (0, 1, 1, 38)
    assert (third.updated, third.unchanged, third.documents) == (0, 39, 39)


@pytest.mark.slow
def test_what_all_workers_left_the_next_run_brings_to_its_end(settings: Settings, folder: Path, start: Start):
    workers = [start(0.2) for _ in range(2)]
    wait_for(lambda: jobs(settings, "done"))
    for worker in workers:
        worker.kill()
        worker.communicate()
    (folder / "039.md").unlink()  # the plan of before does not hold any more
    report = sync([folder], settings, WordModel(), collection="shared")
    sync([folder], settings, WordModel(), collection="alone")
    assert held("shared", settings) == held("alone", settings)
    assert report.share is not None and report.share.workers == 1


def test_who_wants_something_else_is_told_what_differs(
    settings: Settings, folder: Path, start: Start, tmp_path: Path
):
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.md").write_text("A file.", encoding="utf-8")
    worker = start(5.0)
    wait_for(lambda: jobs(settings, "taken"))
    with pytest.raises(CollectionBusyError, match=rf"pid {worker.pid} on .*/docs'.*/other'"):
        sync([other], settings, WordModel(), collection="shared")
    with pytest.raises(CollectionBusyError, match=f"pid {worker.pid}"):
        Writer.open("shared", settings)
    with Collection.open("shared", settings) as reading, pytest.raises(CollectionBusyError):
        reading.delete_files(["any"])


@pytest.mark.slow
def test_who_stops_leaves_what_it_took_to_the_others(settings: Settings, folder: Path, start: Start):
    stop, seen = Event(), []

    def look(progress: Any) -> None:
        seen.append(progress.files_total)
        if progress.phase == "index" and progress.files_done >= 1:
            stop.set()

    model = WordModel(delay=0.2)
    worker = start(0.0)
    wait_for(lambda: jobs(settings, "taken"))
    stopped = sync([folder], settings, model, collection="shared", on_progress=look, cancelled=stop)
    whole = told(worker)
    assert whole.added == 40 and whole.share is not None
    assert stopped.share is not None and stopped.share.added + whole.share.added == 40
    assert {one.status for one in Collection.open("shared", settings).files()} == {
        FileStatus.INDEXED,
        FileStatus.FAILED,
    }


def test_embedded_indexes_take_one_writer_and_the_settings_to_change_are_named(
    settings: Settings, folder: Path
):
    embedded = settings.model_copy(update={"vector_backend": "faiss"})
    with (
        Writer.open("shared", embedded),
        pytest.raises(CollectionBusyError, match="DOCENT_VECTOR_BACKEND, which is 'faiss' here"),
    ):
        sync([folder], embedded, WordModel(), collection="shared")
    in_files = settings.model_copy(update={"database_url": None})
    with (
        Writer.open("shared", in_files),
        pytest.raises(CollectionBusyError, match="set DOCENT_DATABASE_URL to a PostgreSQL database"),
    ):
        sync([folder], in_files, WordModel(), collection="shared")
