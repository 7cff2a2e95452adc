"""Another embedding model, another backend: built beside what serves, switched at once, and restored."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest
from doubles import WordModel, indexed_ids, settings_of
from support.small_models import make_model

from app.config import Settings
from app.errors import (
    BackendUnavailableError,
    CollectionDamagedError,
    ConfigurationError,
    EmbeddingMismatchError,
    NotFoundError,
    StorageError,
)
from app.runtime import Runtime, build
from app.schemas import FileStatus, IngestReport
from ingest.collection import Collection, beside, forget_previous, home_of, list_collections, restore
from ingest.indexes import Indexes
from ingest.pipeline import sync
from vectorstore.base import Place
from vectorstore.faiss import FaissIndex

OLD, NEW = "old", "new"
PAY = "Salaries are paid on the 25th. Bonuses follow in March."


both_backends = pytest.mark.parametrize("settings", ["faiss", "chroma"], indirect=True)
in_postgres = "faiss in postgres"
both_homes = pytest.mark.parametrize("settings", ["faiss", in_postgres], indirect=True)
everything = pytest.mark.parametrize("settings", ["faiss", "chroma", in_postgres], indirect=True)


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    return settings_of(request, tmp_path, getattr(request, "param", "faiss"), embedding_model=OLD)


@pytest.fixture
def new(settings: Settings) -> Settings:
    return settings.model_copy(update={"embedding_model": NEW})


@pytest.fixture
def indexed(docs: Path, settings: Settings) -> Path:
    run(settings, docs)
    return docs


def run(settings: Settings, *paths: Path, model: WordModel | None = None, **more: object) -> IngestReport:
    chosen = model or WordModel(settings.embedding_model)
    return sync(list(paths), settings, chosen, collection="default", **more)  # type: ignore[arg-type]


def sources(settings: Settings, text: str) -> list[str]:
    """Where the best hits of both searches come from, by the model that the collection was made with."""
    with Collection.open("default", settings) as held:
        vector = WordModel(held.embedding_name).embed_query(text)
        hits = [*held.dense(vector, 1), *held.keyword(text, 1)]
        return [held.chunks([hit.id])[hit.id].source for hit in hits]


def agree(settings: Settings) -> bool:
    with Collection.open("default", settings) as held:
        ids = held.catalog.chunks.ids()
        return indexed_ids(held.place) == [ids, ids]


def model_of(settings: Settings) -> str:
    with Collection.open("default", settings) as held:
        return held.embedding_name


class Stopped(Exception):
    """Stands for whatever ends a run in the middle."""


class Fragile(WordModel):
    """Fails after some texts."""

    def __init__(self, name: str, texts: int, error: Exception) -> None:
        super().__init__(name)
        self._left, self._error = texts, error

    def embed_documents(self, texts):  # type: ignore[no-untyped-def]
        if len(self.embedded) >= self._left:
            raise self._error
        return super().embed_documents(texts)


def half_build(new: Settings, *paths: Path, error: Exception | None = None) -> None:
    """A rebuild that stops when it has embedded something."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ingest.pipeline.index.GROUP_FILES", 1)
        patch.setattr("ingest.pipeline.index.GROUP_CHUNKS", 1)
        wanted = error or Stopped()
        with pytest.raises(type(wanted)):
            run(new, *paths, model=Fragile(new.embedding_model, 2, wanted), rebuild=True)


# -- switching ---------------------------------------------------------------------------------------


@everything
def test_the_old_model_serves_until_the_new_one_is_complete(
    indexed: Path, settings: Settings, new: Settings
) -> None:
    with Collection.open("default", settings) as reader:
        before = reader.dense(WordModel(OLD).embed_query("Salaries"), 3)
        seen: list[str] = []
        report = run(new, rebuild=True, on_progress=lambda _: seen.append(model_of(settings)))
        assert set(seen) == {OLD}
        assert (report.updated, report.documents, report.half_built) == (3, 3, "")
        reader.refresh()
        assert not reader.is_current
        assert reader.dense(WordModel(OLD).embed_query("Salaries"), 3) == before
    assert model_of(settings) == NEW
    assert sources(settings, PAY) == [
        "pay.txt",
        "pay.txt",
    ]
    assert agree(new)
    assert list_collections(settings) == ["default"]
    assert run(new, indexed).unchanged == 3


@both_homes
def test_versions_and_reports_of_runs_go_with_it(indexed: Path, settings: Settings, new: Settings) -> None:
    (indexed / "pay.txt").write_text("Salaries are paid on the 20th.", encoding="utf-8")
    run(settings, indexed)
    run(new, rebuild=True)
    with Collection.open("default", new) as held:
        (pay,) = [info for info in held.files() if info.source == "pay.txt"]
        assert pay.versions == len(held.versions(pay.id)) == 2
        assert len(held.catalog.reports(10)) == 3


@both_homes
def test_a_stopped_rebuild_goes_on_and_embeds_nothing_twice(
    indexed: Path, settings: Settings, new: Settings
) -> None:
    for number in range(5):
        (indexed / f"{number}.txt").write_text(f"Parking of kind {number} is free.", encoding="utf-8")
    run(settings, indexed)
    half_build(new)
    assert model_of(settings) == OLD
    assert sources(new, PAY) == ["pay.txt", "pay.txt"]
    kept = beside("default", settings)
    assert kept.previous is None and kept.next is not None and kept.next.embedding_name == NEW
    with pytest.raises(EmbeddingMismatchError, match="--rebuild"):
        run(new, indexed)

    (indexed / "0.txt").write_text("Parking of kind 0 costs money.", encoding="utf-8")
    (indexed / "leave.md").unlink()
    report = run(settings, indexed)
    assert (report.updated, report.deleted, report.half_built) == (1, 1, NEW)
    assert sources(settings, "Parking of kind 0 costs money.") == ["0.txt", "0.txt"]

    model = WordModel(NEW)
    report = run(new, model=model, rebuild=True)
    assert (report.documents, report.half_built) == (7, "")
    assert 0 < len(model.embedded) < 7
    assert model_of(settings) == NEW and agree(new)
    assert sources(new, "Parking of kind 0 costs money.") == ["0.txt", "0.txt"]


def test_a_rebuild_for_a_third_model_gives_up_the_half_built_one(
    indexed: Path, settings: Settings, new: Settings
) -> None:
    half_build(new)
    run(settings.model_copy(update={"embedding_model": "third"}), rebuild=True)
    kept = beside("default", settings)
    assert model_of(settings) == "third"
    assert kept.next is None and kept.previous is not None and kept.previous.embedding_name == OLD
    assert len(list((settings.data_dir / "collections" / "default").glob("generation-*"))) == 1


@pytest.mark.parametrize("step", ["copy", "vectors", "indexes"])
def test_a_full_disk_leaves_the_old_one(
    indexed: Path, settings: Settings, new: Settings, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    full = StorageError("The disk is full.")

    def fail(*_: object, **__: object) -> None:
        raise full

    if step == "vectors":
        half_build(new, error=full)
    else:
        names = {"copy": "ingest.catalog.sqlite.os.fsync", "indexes": "ingest.indexes.Indexes.upsert"}
        with monkeypatch.context() as patch, pytest.raises(StorageError):
            patch.setattr(names[step], fail if step == "indexes" else _no_space)
            run(new, rebuild=True)
    assert model_of(settings) == OLD
    assert sources(settings, PAY) == [
        "pay.txt",
        "pay.txt",
    ]
    assert agree(settings)
    root = settings.data_dir / "collections" / "default"
    assert len(list(root.glob("generation-*"))) == (step != "copy")
    run(new, rebuild=True)
    assert model_of(settings) == NEW and agree(new)


def _no_space(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_file_that_cannot_be_read_any_more_keeps_its_stored_text(
    indexed: Path, settings: Settings, new: Settings
) -> None:
    (indexed / "pay.txt").write_bytes(b"")
    report = run(new, indexed, rebuild=True)
    assert [Path(one.path).name for one in report.failed] == ["pay.txt"]
    with Collection.open("default", new) as held:
        status = {info.source: (info.status, bool(info.error)) for info in held.files()}
    assert status["pay.txt"] == (FileStatus.FAILED, True)
    assert sources(new, PAY) == ["pay.txt", "pay.txt"]
    assert agree(new)
    (indexed / "pay.txt").write_text("Salaries are paid on the 20th.", encoding="utf-8")
    assert run(new, indexed).updated == 1


# -- going back --------------------------------------------------------------------------------------


@everything
def test_the_previous_model_is_restored_and_catches_up(
    indexed: Path, settings: Settings, new: Settings
) -> None:
    run(new, rebuild=True)
    note = indexed.parent / "elsewhere.txt"
    note.write_text("Bicycles stand in the yard.", encoding="utf-8")
    (indexed / "pay.txt").write_text("Salaries are paid on the 20th.", encoding="utf-8")
    run(new, indexed)
    run(new, note)
    with Collection.open("default", new) as held:
        (leave,) = [info.id for info in held.files() if info.source == "leave.md"]
        held.delete_files([leave])

    kept = restore("default", settings)
    assert (kept.embedding_name, kept.size > 0) == (OLD, True)
    assert sources(settings, PAY) == [
        "pay.txt",
        "pay.txt",
    ]
    with Collection.open("default", settings) as held:
        assert {info.source for info in held.files()} == {"pay.txt", "sub/휴가.txt"}
    with pytest.raises(EmbeddingMismatchError):
        run(new, indexed)

    model = WordModel(OLD)
    report = run(settings, indexed / "sub", model=model)  # a run on anything takes up all
    assert report.documents == 3
    assert sources(settings, "Bicycles stand in the yard.") == ["elsewhere.txt", "elsewhere.txt"]
    with Collection.open("default", settings) as held:
        (hit,) = held.keyword("salaries paid", 1)
        assert "20th" in held.chunks([hit.id])[hit.id].text
    assert agree(settings)
    assert len(model.embedded) == 2


@both_homes
def test_what_was_restored_is_not_made_again_when_it_comes_back(
    indexed: Path, settings: Settings, new: Settings
) -> None:
    run(new, rebuild=True)
    restore("default", settings)
    model = WordModel(NEW)
    run(new, model=model, rebuild=True)
    assert model_of(settings) == NEW and not model.embedded
    back = WordModel(OLD)
    run(settings, model=back, rebuild=True)
    assert model_of(settings) == OLD and not back.embedded
    assert agree(settings)
    assert restore("default", settings).embedding_name == NEW


def test_the_previous_one_can_be_forgotten(indexed: Path, settings: Settings, new: Settings) -> None:
    with pytest.raises(NotFoundError, match="nothing to restore"):
        restore("default", settings)
    with pytest.raises(NotFoundError, match="no collection 'other'"):
        restore("other", settings)
    run(new, rebuild=True)
    root = settings.data_dir / "collections" / "default"
    assert (root / "catalog.sqlite").is_file()
    assert forget_previous("default", settings).embedding_name == OLD
    assert {path.name for path in root.iterdir()} <= {"generation-2", "generations.json", "lock"}
    with pytest.raises(NotFoundError, match="nothing to forget"):
        forget_previous("default", settings)
    assert list_collections(settings) == ["default"]
    assert run(new, indexed).unchanged == 3


@both_homes
def test_an_index_on_a_server_that_does_not_answer_is_deleted_by_a_later_run(
    indexed: Path, settings: Settings, new: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(place: Place) -> None:
        raise BackendUnavailableError(f"{place.name} cannot be reached.")

    run(new, rebuild=True)
    home = home_of("default", settings)
    with monkeypatch.context() as patch:
        patch.setattr(FaissIndex, "drop", staticmethod(down))
        forget_previous("default", settings)
        (left,) = home.names() - {home.generations().current}
        assert home.has(left)  # it is known by its catalogue alone
    monkeypatch.setattr("ingest.collection.removal._GRACE_SECONDS", -1)
    run(new, indexed)
    assert not home.has(left) and not list(home.folder(left).glob("vectors-*"))
    assert agree(new)


def test_no_folder_is_named_twice(indexed: Path, settings: Settings, new: Settings) -> None:
    run(new, rebuild=True)
    with Collection.open("default", new) as reader:
        restore("default", settings)
        forget_previous("default", settings)
        run(settings.model_copy(update={"embedding_model": "third"}), rebuild=True)
        reader.refresh()
        assert not reader.is_current
    root = settings.data_dir / "collections" / "default"
    assert [path.name for path in root.glob("generation-*")] == ["generation-3"]


@both_homes
def test_a_deleted_document_comes_back_with_no_generation(
    indexed: Path, settings: Settings, new: Settings
) -> None:
    run(new, rebuild=True)
    half_build(settings.model_copy(update={"embedding_model": "third"}), error=Stopped())
    with Collection.open("default", new) as held:
        (leave,) = [info.id for info in held.files() if info.source == "leave.md"]
        held.delete_files([leave])
    home = home_of("default", settings)
    assert len(home.names()) == 3
    for generation in home.names():
        with closing(home.catalog(generation)) as catalog:
            assert len(catalog.files.all()) == 2
            assert "annual" not in " ".join(catalog.chunks.sample_texts(100))


def test_a_broken_note_of_generations_is_said(indexed: Path, settings: Settings) -> None:
    note = settings.data_dir / "collections" / "default" / "generations.json"
    for broken in ("garbage", "[]", '{"current": "../../elsewhere"}', '{"other": 1}'):
        note.write_text(broken, encoding="utf-8")
        with pytest.raises(CollectionDamagedError, match=r"generations\.json is damaged"):
            Collection.open("default", settings)


# -- another backend ---------------------------------------------------------------------------------


@both_backends
def test_another_backend_is_built_beside_the_one_that_serves(
    docs: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = " ".join(f"Sentence {n} tells of matter {n % 7} here." for n in range(90))
    (docs / "long.txt").write_text(text, encoding="utf-8")
    run(settings, docs)
    other = "chroma" if settings.vector_backend == "faiss" else "faiss"
    wanted = settings.model_copy(update={"vector_backend": other})
    model = WordModel(OLD)
    question = model.embed_query("what tells of matter 17")
    upsert, during = Indexes.upsert, []

    def watched(self: Indexes, entries: object) -> None:
        during.append(reader.dense(question, 5))
        upsert(self, entries)  # type: ignore[arg-type]

    with Collection.open("default", settings) as reader:
        before = reader.dense(question, 5)
        monkeypatch.setattr(Indexes, "upsert", watched)
        run(wanted, model=model, rebuild=True)
        assert during and all(hits == before for hits in during)
        reader.refresh()
        assert reader.is_current and reader.backend == other
        after = reader.dense(question, 5)
    assert not model.embedded
    assert [hit.id for hit in after] == [hit.id for hit in before]
    assert [hit.score for hit in after] == pytest.approx([hit.score for hit in before], abs=1e-4)
    assert agree(wanted)


def test_a_rebuild_for_the_same_model_keeps_what_can_be_restored(
    indexed: Path, settings: Settings, new: Settings
) -> None:
    run(new, rebuild=True)
    run(new, rebuild=True)
    root = settings.data_dir / "collections" / "default"
    assert restore("default", settings).embedding_name == OLD
    assert sources(settings, PAY) == [
        "pay.txt",
        "pay.txt",
    ]
    long_ago = time.time() - 3600
    os.utime(root / "generations.json", (long_ago, long_ago))
    run(settings, indexed)
    assert [path.name for path in root.glob("generation-*")] == ["generation-3"]
    assert agree(settings)


# -- real models, real processes ---------------------------------------------------------------------


@contextmanager
def searching(ask: Callable[[], object]) -> Iterator[tuple[list[int], threading.Thread]]:
    """A thread that searches all the time; its errors are raised here, and its searches counted."""
    done, count, errors = threading.Event(), [0], []

    def work() -> None:
        try:
            while not done.is_set():
                ask()
                count[0] += 1
        except Exception as error:  # noqa: BLE001  (raised below, in the thread of the test)
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield count, thread
    finally:
        done.set()
        thread.join()
    if errors:
        raise errors[0]


def real(settings: Settings, tmp_path: Path, seed: int) -> Settings:
    folder = make_model(tmp_path / f"model-{seed}", seed=seed)
    return settings.model_copy(update={"embedding_model": str(folder), "chunk_tokens": 32})


def found(runtime: Runtime) -> str:
    hits = runtime.searcher().search("annual leave", 3)
    assert hits[0].chunk.source == "leave.md"
    return str((runtime.collection().embedding or {})["label"])


@pytest.mark.slow
@both_backends
def test_a_server_answers_all_the_time_from_one_model_to_the_other(
    docs: Path, settings: Settings, tmp_path: Path
) -> None:
    built_in = settings.model_copy(update={"embedding_model": "all-MiniLM-L6-v2"})
    tiny = real(settings, tmp_path, 1)
    with build(built_in) as server:
        server.ingest([docs])
        labels: set[str] = set()
        with searching(lambda: labels.add(found(server))) as (count, thread):
            for wanted, change in ((tiny, rebuild), (built_in, rebuild), (tiny, Runtime.restore)):
                with build(wanted) as runtime:
                    change(runtime)
                    label = str(runtime.embedding().identity)
                seen = count[0]
                while count[0] < seen + 3 and thread.is_alive():
                    time.sleep(0.01)
                assert found(server) == label
        assert len(labels) == 2


def test_a_server_with_the_new_setting_serves_the_old_model_until_the_rebuild(
    docs: Path, settings: Settings, tmp_path: Path
) -> None:
    first, second = real(settings, tmp_path, 1), real(settings, tmp_path, 2)
    with build(first) as runtime:
        runtime.ingest([docs])
        old = found(runtime)
    with build(second) as server:
        assert found(server) == old
        with pytest.raises(EmbeddingMismatchError, match="--rebuild"):
            server.ingest([docs])
        server.ingest([], rebuild=True)
        assert found(server) != old


def test_a_model_that_is_gone_is_said_with_what_to_run(
    docs: Path, settings: Settings, tmp_path: Path
) -> None:
    first, second = real(settings, tmp_path, 1), real(settings, tmp_path, 2)
    with build(first) as runtime:
        runtime.ingest([docs])
    shutil.rmtree(first.embedding_model)
    with build(second) as server:
        with pytest.raises(ConfigurationError, match=r"cannot be loaded: .*python -m ingest --rebuild"):
            ask(server)
        server.ingest([], rebuild=True)
        ask(server)


def rebuild(runtime: Runtime) -> object:
    return runtime.ingest([], rebuild=True)


def ask(server: Runtime) -> None:
    assert server.searcher().search("annual leave", 3)


COMMAND = [sys.executable, "-m", "ingest"]


def process(settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    given = {
        "DOCENT_DATA_DIR": str(settings.data_dir),
        "DOCENT_VECTOR_BACKEND": settings.vector_backend,
        "DOCENT_EMBEDDING_MODEL": settings.embedding_model,
        "DOCENT_CHUNK_TOKENS": str(settings.chunk_tokens),
        "DOCENT_ENV_FILE": str(settings.data_dir / "none"),
    }
    return subprocess.Popen(
        [*COMMAND, *arguments],
        env=os.environ | given,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
@both_backends
def test_killed_in_the_middle_the_old_one_serves_and_the_next_run_goes_on(
    docs: Path, settings: Settings, tmp_path: Path
) -> None:
    first, second = real(settings, tmp_path, 1), real(settings, tmp_path, 2)
    for number in range(100):
        lines = (f"Annual leave policy {number}: {n} days of the leave." for n in range(4))
        (docs / f"{number}.txt").write_text("\n\n".join(lines), encoding="utf-8")
    with build(first) as runtime:
        chunks = runtime.ingest([docs]).chunks
        old = str((runtime.collection().embedding or {})["label"])
    root = settings.data_dir / "collections" / "default"
    made = root / "generation-2" / "catalog.sqlite"
    with process(second, "--rebuild") as running:
        while not (root / "generations.json").is_file() or not vectors_in(made):
            assert running.poll() is None
            time.sleep(0.005)
        running.send_signal(signal.SIGKILL)
    assert 0 < vectors_in(made) < chunks
    with build(second) as server:
        assert str((server.collection().embedding or {})["label"]) == old
        with searching(partial(ask, server)), process(second, "--rebuild") as go_on:
            told = go_on.communicate()
        assert go_on.returncode == 0, told
        assert server.collection().counts()[1] >= chunks
        assert str((server.collection().embedding or {})["label"]) != old
    assert not list(root.glob("generation-3"))


def vectors_in(catalog: Path) -> int:
    """How many vectors another process has saved there."""
    if not catalog.is_file():
        return 0
    connection = sqlite3.connect(f"file:{catalog}?mode=ro", uri=True, timeout=5)
    try:
        return int(connection.execute("SELECT count(*) FROM vectors").fetchone()[0])
    except sqlite3.OperationalError:  # the table is not there yet
        return 0
    finally:
        connection.close()
