"""Syncing a collection with folders: what is added, replaced, removed, refused and kept."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from doubles import WordModel, indexed_ids, paragraph, write_pdf

from app.config import Settings
from app.errors import (
    CollectionBusyError,
    CollectionError,
    ConfigurationError,
    EmbeddingMismatchError,
    NotFoundError,
    StorageError,
    UsageError,
)
from app.schemas import FileStatus, IngestReport
from ingest.collection import Collection, Writer, list_collections
from ingest.pipeline import Progress, sync

Sync = Callable[..., IngestReport]


@pytest.fixture
def model() -> WordModel:
    return WordModel()


@pytest.fixture
def run(settings: Settings, model: WordModel) -> Sync:
    """`sync` into the collection "default"."""

    def call(*paths: Path, **options: object) -> IngestReport:
        options = {"settings": settings, "model": model, "collection": "default"} | options
        return sync(paths, **options)  # type: ignore[arg-type]

    return call


def figures(report: IngestReport) -> tuple[int, int, int, int, int]:
    """Files added, updated, unchanged, deleted and failed."""
    return report.added, report.updated, report.unchanged, report.deleted, len(report.failed)


def found(settings: Settings, model: WordModel, text: str) -> tuple[str, str]:
    """Sources of the first dense and the first keyword hit."""
    with Collection.open("default", settings) as held:
        hits = [held.dense(model.embed_query(text), 1), held.keyword(text, 1)]
        chunks = held.chunks([hit.id for side in hits for hit in side])
        return tuple(chunks[side[0].id].source if side else "" for side in hits)  # type: ignore[return-value]


def agree(settings: Settings) -> bool:
    """Whether catalogue, vectors and keywords hold the same chunks."""
    with Collection.open("default", settings) as held:
        ids = held.catalog.chunks.ids()
    return indexed_ids(held.place) == [ids, ids]


def age(folder: Path) -> None:
    """Let files look an hour old, as files mostly are."""
    for path in folder.rglob("*"):
        os.utime(path, (path.stat().st_mtime - 3600,) * 2)


def test_new_same_changed_and_gone(run: Sync, docs: Path, settings: Settings, model: WordModel) -> None:
    first = run(docs)
    assert figures(first) == (3, 0, 0, 0, 0)
    assert (first.documents, first.chunks) == (3, 3)
    assert figures(run(docs)) == (0, 0, 3, 0, 0)
    (docs / "leave.md").write_text("# Leave\n\nStaff have 20 days of annual leave.\n", encoding="utf-8")
    (docs / "pay.txt").unlink()
    (docs / "new.csv").write_text("city,rate\nSeoul,120\nBusan,90\n", encoding="utf-8")
    assert figures(run(docs)) == (1, 1, 1, 1, 0)
    assert found(settings, model, "20 days of annual leave") == ("leave.md", "leave.md")
    assert found(settings, model, "연차")[1] == "sub/휴가.txt"
    assert "pay.txt" not in found(settings, model, "Salaries are paid")
    assert agree(settings)


def test_an_unchanged_run_needs_no_model(run: Sync, docs: Path) -> None:
    age(docs)
    run(docs)

    def refuse() -> WordModel:
        raise AssertionError("the model was loaded")

    assert figures(run(docs, model=refuse)) == (0, 0, 3, 0, 0)
    os.utime(docs / "leave.md")
    assert figures(run(docs, model=refuse)) == (0, 0, 3, 0, 0)


def test_a_change_that_keeps_size_and_time_shortly_after_is_seen(run: Sync, docs: Path) -> None:
    run(docs)
    path = docs / "pay.txt"
    before = path.stat()
    path.write_text(path.read_text(encoding="utf-8").replace("25th", "26th"), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert figures(run(docs)) == (0, 1, 2, 0, 0)


def test_only_what_is_gone_from_the_given_paths_is_removed(run: Sync, docs: Path, tmp_path: Path) -> None:
    other = tmp_path / "docs-2"
    other.mkdir()
    (other / "a.txt").write_text("Another folder.", encoding="utf-8")
    run(docs, other)
    (docs / "pay.txt").unlink()
    (docs / "sub" / "휴가.txt").unlink()
    (other / "a.txt").unlink()
    assert figures(run(docs / "sub")) == (0, 0, 0, 1, 0)
    assert figures(run(docs / "leave.md")) == (0, 0, 1, 0, 0)
    assert figures(run(docs)) == (0, 0, 1, 1, 0)
    assert figures(run(other)) == (0, 0, 0, 1, 0)


def test_a_path_that_is_not_there_deletes_nothing(run: Sync, docs: Path, settings: Settings) -> None:
    run(docs)
    shutil.move(docs, docs.with_name("moved"))
    with pytest.raises(NotFoundError, match=r"There is no file or folder .*docs"):
        run(docs)
    with Collection.open("default", settings) as held:
        assert held.counts() == (3, 3)


def test_nothing_to_index_is_wrong_use(run: Sync, tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "song.mp3").write_bytes(b"x")
    (tmp_path / "empty" / ".hidden.txt").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match=r"Nothing to index in .*empty: .* \.pdf \.docx"):
        run(tmp_path / "empty")
    with pytest.raises(UsageError, match=r"files of type '\.mp3' are not read"):
        run(tmp_path / "empty" / "song.mp3")
    with pytest.raises(UsageError, match="Name a file or a folder"):
        run()
    with pytest.raises(NotFoundError, match=r"no collection 'default' .* to rebuild"):
        run(rebuild=True)
    assert list_collections(settings) == []


def test_links_and_the_collections_themselves_are_not_followed(
    run: Sync, docs: Path, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "secret.txt").write_text("Out of the root.", encoding="utf-8")
    (docs / "link.txt").symlink_to(tmp_path / "secret.txt")
    (docs / "loop").symlink_to(docs)
    inside = settings.model_copy(update={"data_dir": docs / "data"})
    assert run(docs, settings=inside).added == 3
    (docs / "data" / "collections" / "note.txt").write_text("Not a document.", encoding="utf-8")
    assert figures(run(docs, settings=inside)) == (0, 0, 3, 0, 0)


def test_a_failed_file_stops_no_other_and_is_tried_again(run: Sync, docs: Path, settings: Settings) -> None:
    bad = docs / "bad.pdf"
    bad.write_bytes(b"%PDF-1.7 nothing")
    report = run(docs)
    assert figures(report) == (3, 0, 0, 0, 1)
    assert report.failed[0].path == str(bad) and "bad.pdf is broken" in report.failed[0].error
    with Collection.open("default", settings) as held:
        (info,) = [info for info in held.files() if info.status == FileStatus.FAILED]
        assert (info.source, info.error, info.chunks) == ("bad.pdf", report.failed[0].error, 0)
    assert figures(run(docs)) == (0, 0, 3, 0, 1)
    write_pdf(bad, [paragraph("Now it is whole.")])
    assert figures(run(docs)) == (1, 0, 3, 0, 0)
    with Collection.open("default", settings) as held:
        assert {info.status for info in held.files()} == {FileStatus.INDEXED}


def test_a_file_that_breaks_goes_on_serving_its_last_version(
    run: Sync, docs: Path, settings: Settings, model: WordModel
) -> None:
    run(docs)
    (docs / "pay.txt").write_bytes(b"\x00\x01\x02" * 500)
    assert figures(run(docs)) == (0, 0, 2, 0, 1)
    assert found(settings, model, "Salaries are paid") == ("pay.txt", "pay.txt")
    (docs / "pay.txt").unlink()
    assert figures(run(docs)) == (0, 0, 2, 1, 0)


def test_a_dry_run_changes_nothing(run: Sync, docs: Path, settings: Settings) -> None:
    assert figures(run(docs, dry_run=True)) == (3, 0, 0, 0, 0)
    assert not settings.data_dir.exists()
    run(docs)
    before = (settings.data_dir / "collections" / "default" / "catalog.sqlite").read_bytes()
    (docs / "leave.md").write_text("Other.", encoding="utf-8")
    (docs / "pay.txt").unlink()
    report = run(docs, dry_run=True)
    assert figures(report) == (0, 1, 1, 1, 0)
    assert (report.documents, report.chunks) == (3, 3)
    assert (settings.data_dir / "collections" / "default" / "catalog.sqlite").read_bytes() == before


def test_json_lines_are_documents_with_record_ids(run: Sync, tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text(
        '{"id": "d1", "title": "One", "text": "Alpha."}\n{"id": "d2", "text": "Beta."}', encoding="utf-8"
    )
    report = run(path)
    assert (report.added, report.documents, report.chunks) == (1, 2, 2)
    with Collection.open("default", settings) as held:
        hits = held.keyword("beta", 3)
        assert [chunk.record_id for chunk in held.chunks([hit.id for hit in hits]).values()] == ["d2"]


def test_the_same_text_is_embedded_once(run: Sync, tmp_path: Path, model: WordModel) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.md").write_text("# Title\n\nThe very same words.\n", encoding="utf-8")
    assert run(folder).chunks == 5
    assert len(model.embedded) == 1
    (folder / "0.md").rename(folder / "moved.md")
    assert figures(run(folder)) == (1, 0, 4, 1, 0)
    assert len(model.embedded) == 1


def test_progress_tells_files_and_chunks(run: Sync, docs: Path) -> None:
    seen: list[Progress] = []
    run(docs, on_progress=seen.append)
    assert [progress.phase for progress in seen][:2] == ["scan", "index"]
    last = seen[-1]
    assert (last.phase, last.files_done, last.files_total, last.chunks_done, last.chunks_total) == (
        "finish",
        3,
        3,
        3,
        3,
    )


# -- another backend, another model, damage ----------------------------------------------------------


def test_another_backend_is_filled_from_cached_vectors(
    run: Sync, docs: Path, settings: Settings, model: WordModel
) -> None:
    run(docs)
    chroma = settings.model_copy(update={"vector_backend": "chroma"})
    with Collection.open("default", chroma) as held:
        assert held.backend == "faiss"
        assert held.dense(model.embed_query("Salaries are paid"), 1)
    embedded = len(model.embedded)
    assert figures(run(docs, settings=chroma)) == (0, 0, 3, 0, 0)
    assert found(chroma, model, "Salaries are paid") == ("pay.txt", "pay.txt")
    assert figures(run(settings=settings, rebuild=True)) == (0, 0, 0, 0, 0)
    assert found(settings, model, "Salaries are paid") == ("pay.txt", "pay.txt")
    assert len(model.embedded) == embedded
    assert agree(settings)


def test_an_unknown_backend_leaves_the_collection_alone(run: Sync, docs: Path, settings: Settings) -> None:
    run(docs)
    with pytest.raises(ConfigurationError, match="no such vector backend"):
        run(docs, settings=settings.model_copy(update={"vector_backend": "chrome"}))
    assert agree(settings)


def test_another_embedding_model_is_refused_until_a_rebuild(
    run: Sync, docs: Path, settings: Settings
) -> None:
    run(docs)
    other = WordModel("other", max_tokens=12)
    named = settings.model_copy(update={"embedding_model": "other"})
    with pytest.raises(EmbeddingMismatchError, match=r"vectors of words .* is now other .*--rebuild"):
        run(docs, settings=named, model=other)
    with pytest.raises(EmbeddingMismatchError), Collection.open("default", settings) as held:
        held.check_model(other)  # type: ignore[arg-type]
    shutil.move(docs / "pay.txt", docs.parent / "pay.txt")
    report = run(rebuild=True, settings=named, model=other)
    assert report.documents == 3 and report.updated == 3
    assert max(other.count_tokens(other.embedded)) <= 12
    assert agree(named)
    with Collection.open("default", named) as held:
        held.check_model(other)  # type: ignore[arg-type]
        assert {info.status for info in held.files()} == {FileStatus.INDEXED}


@pytest.mark.parametrize("damage", ["vectors gone", "vectors broken", "keywords broken"])
def test_a_damaged_index_is_made_anew_without_embedding(
    run: Sync, docs: Path, settings: Settings, model: WordModel, damage: str
) -> None:
    run(docs)
    folder = settings.data_dir / "collections" / "default"
    embedded = len(model.embedded)
    if damage == "vectors gone":
        shutil.rmtree(folder / "vectors-faiss")
        with pytest.raises(CollectionError, match="--rebuild"):
            found(settings, model, "x")
        run(docs)
    else:
        for path in (folder / ("keyword" if "key" in damage else "vectors-faiss")).iterdir():
            path.write_bytes(b"garbage") if path.is_file() else None
        run(docs, rebuild=True)
    assert len(model.embedded) == embedded
    assert agree(settings)


def test_a_broken_catalogue_is_named(run: Sync, docs: Path, settings: Settings) -> None:
    run(docs)
    folder = settings.data_dir / "collections" / "default"
    for path in folder.glob("catalog.sqlite*"):
        path.unlink()
    (folder / "catalog.sqlite").write_bytes(b"not a database " * 1000)
    with pytest.raises(CollectionError, match=r"catalog\.sqlite is damaged .* Delete the folder"):
        run(docs)


def test_other_chunk_sizes_take_effect_at_the_next_run(run: Sync, docs: Path, settings: Settings) -> None:
    (docs / "long.txt").write_text("Every sentence has six short words. " * 30, encoding="utf-8")
    before = run(docs).chunks
    report = run(docs, settings=settings.model_copy(update={"chunk_tokens": 32}))
    assert figures(report) == (0, 4, 0, 0, 0) and report.chunks > before


# -- one writer, interruptions, a bad disk -----------------------------------------------------------


def test_a_second_writer_is_told_who_the_first_is(run: Sync, docs: Path, settings: Settings) -> None:
    with (
        Writer.open("default", settings),
        pytest.raises(
            CollectionBusyError, match=rf"pid {os.getpid()}\) is writing to the collection 'default'"
        ),
    ):
        run(docs)
    assert figures(run(docs)) == (3, 0, 0, 0, 0)


class Interrupting(WordModel):
    """Presses Ctrl-C, or Cancel, at the given call."""

    def __init__(self, at: int, press: Callable[[], None]) -> None:
        super().__init__()
        self.calls, self._at, self._press = 0, at, press

    def embed_documents(self, texts):  # type: ignore[no-untyped-def]
        self.calls += 1
        if self.calls == self._at:
            self._press()
        return super().embed_documents(texts)


def many(folder: Path, count: int = 300) -> Path:
    folder.mkdir()
    for number in range(count):
        (folder / f"{number}.txt").write_text(
            f"Document {number} speaks of topic {number % 7}.", encoding="utf-8"
        )
    return folder


def interrupt() -> None:
    raise KeyboardInterrupt


def test_ctrl_c_keeps_what_is_done_and_the_next_run_goes_on(
    run: Sync, tmp_path: Path, settings: Settings
) -> None:
    folder = many(tmp_path / "many")
    broken = Interrupting(3, interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(folder, model=broken)
    model = WordModel()
    report = run(folder, model=model)
    assert (report.documents, report.chunks) == (300, 300)
    assert len(broken.embedded) > 0 and len(broken.embedded) + len(model.embedded) == 300
    assert agree(settings)


def test_cancelling_ends_the_run_with_a_report(run: Sync, tmp_path: Path, settings: Settings) -> None:
    folder = many(tmp_path / "many")
    cancelled = threading.Event()
    report = run(folder, model=Interrupting(2, cancelled.set), cancelled=cancelled)
    assert report.added < 300
    assert run(folder).documents == 300
    assert agree(settings)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_a_folder_that_may_not_be_read_deletes_nothing(run: Sync, docs: Path) -> None:
    run(docs)
    (docs / "sub").chmod(0)
    try:
        report = run(docs)
        assert figures(report) == (0, 0, 2, 0, 1) and report.documents == 3
    finally:
        (docs / "sub").chmod(0o755)


def test_a_disk_that_cannot_be_written_is_named(
    run: Sync, docs: Path, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    with pytest.raises(StorageError, match=r"cannot be written .*DOCENT_DATA_DIR"):
        run(docs, settings=settings.model_copy(update={"data_dir": tmp_path / "file" / "data"}))


def test_a_full_disk_loses_nothing(
    run: Sync, docs: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(docs)
    (docs / "new.txt").write_text("One more.", encoding="utf-8")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "vectors")

    with monkeypatch.context() as patch:
        patch.setattr("ingest.indexes.Indexes.upsert", full)
        with pytest.raises(StorageError, match=r"vectors cannot be used \(No space left on device\)"):
            run(docs)
    assert figures(run(docs)) == (1, 0, 3, 0, 0)
    assert agree(settings)
