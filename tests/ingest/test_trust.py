"""What a run leaves out, tries again, foretells and follows."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from doubles import WordModel

from app.config import Settings
from app.errors import DocentError, StorageError, UsageError
from app.schemas import FileStatus, IngestReport
from ingest.collection import Collection
from ingest.pipeline import follow, sync

Sync = Callable[..., IngestReport]


@pytest.fixture
def run(settings: Settings) -> Sync:
    model = WordModel()

    def call(*paths: Path, **options: object) -> IngestReport:
        options = {"settings": settings, "model": model, "collection": "default"} | options
        return sync(paths, **options)  # type: ignore[arg-type]

    return call


def sources(settings: Settings) -> list[str]:
    with Collection.open("default", settings) as held:
        return sorted(info.source for info in held.files())


def figures(report: IngestReport) -> tuple[int, int, int, int, int]:
    return report.added, report.updated, report.unchanged, report.deleted, len(report.failed)


# -- what is left out --------------------------------------------------------------------------------


def test_excluded_files_are_not_indexed_and_removed_if_they_were(
    run: Sync, docs: Path, settings: Settings
) -> None:
    run(docs)
    report = run(docs, exclude=["*.md", "sub/"])
    assert (report.deleted, report.excluded) == (2, 2)
    assert sources(settings) == ["pay.txt"]
    (docs / "pay.txt").unlink()
    report = run(docs)
    assert (report.added, report.deleted, report.excluded) == (2, 1, 0)


def test_an_ignore_file_is_read_as_git_reads_its_own(run: Sync, docs: Path, settings: Settings) -> None:
    for name in ("sub/keep.txt", "drafts/a.txt", "drafts/deep/b.txt", "휴가.txt", "x.log"):
        path = docs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("Words.", encoding="utf-8")
    rules = "# comment\n\n/drafts/\n휴가.txt\n*.log\n"
    (docs / ".docentignore").write_text(rules, encoding="utf-8")
    (docs / "sub" / ".docentignore").write_text("!휴가.txt\nkeep.txt\n", encoding="utf-8")
    run(docs)
    assert sources(settings) == ["leave.md", "pay.txt", "sub/휴가.txt"]
    run(docs, exclude=["!x.log", "pay.*"])
    assert sources(settings) == ["leave.md", "sub/휴가.txt", "x.log"]


def test_a_pattern_that_means_nothing_is_named(run: Sync, docs: Path) -> None:
    with pytest.raises(UsageError, match=r"--exclude: Invalid git pattern: '!'"):
        run(docs, exclude=["!"])
    (docs / ".docentignore").write_text("a\\\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"\.docentignore: Invalid git pattern"):
        run(docs)


# -- trying again ------------------------------------------------------------------------------------


def test_retry_reads_only_what_failed(run: Sync, docs: Path, settings: Settings) -> None:
    for name in ("bad.pdf", "worse.pdf"):
        (docs / name).write_bytes(b"%PDF-1.7 nothing")
    assert figures(run(docs)) == (3, 0, 0, 0, 2)
    (docs / "pay.txt").write_text("Changed meanwhile.", encoding="utf-8")
    assert figures(run(retry=())) == (0, 0, 0, 0, 2)
    with Collection.open("default", settings) as held:
        [bad] = [info for info in held.files() if info.source == "bad.pdf"]
    for name in ("bad.pdf", "worse.pdf"):
        shutil.copy(docs / "sub" / "휴가.txt", docs / name.replace("pdf", "txt"))
        (docs / name).unlink()
    assert figures(run(retry=[bad.id])) == (0, 0, 0, 1, 0)
    assert sources(settings) == ["leave.md", "pay.txt", "sub/휴가.txt", "worse.pdf"]
    assert figures(run(docs / "sub", retry=())) == (0, 0, 0, 0, 0)


def test_retry_keeps_what_cannot_be_looked_for(run: Sync, docs: Path, settings: Settings) -> None:
    (docs / "bad.pdf").write_bytes(b"%PDF-1.7 nothing")
    run(docs)
    shutil.move(docs, docs.with_name("away"))
    report = run(retry=())
    assert (report.deleted, [failure.path for failure in report.failed]) == (0, [str(docs / "bad.pdf")])
    with Collection.open("default", settings) as held:
        assert [info.status for info in held.files()].count(FileStatus.FAILED) == 1


# -- foretelling -------------------------------------------------------------------------------------


def test_a_dry_run_names_each_file_and_estimates(run: Sync, docs: Path) -> None:
    (docs / "long.txt").write_text("Every sentence has six short words. " * 100, encoding="utf-8")
    foretold = run(docs, dry_run=True)
    assert {(Path(file.path).name, file.change) for file in foretold.planned} == {
        (name, "add") for name in ("leave.md", "pay.txt", "long.txt", "휴가.txt")
    }
    assert foretold.estimate is not None
    assert "usual sizes of .md, .txt files" in foretold.estimate.basis
    assert foretold.estimate.cost == 0 and foretold.estimate.seconds
    report = run(docs)
    assert report.written == report.chunks == pytest.approx(foretold.estimate.chunks, rel=0.6)


def test_estimates_learn_from_the_collection(run: Sync, docs: Path) -> None:
    text = "Every sentence has six short words. " * 100
    (docs / "long.txt").write_text(text, encoding="utf-8")
    run(docs)
    (docs / "longer.txt").write_text(text * 3, encoding="utf-8")
    (docs / "pay.txt").unlink()
    foretold = run(docs, dry_run=True)
    assert [file.change for file in foretold.planned] == ["add", "delete"]
    assert foretold.estimate is not None
    assert "the .txt files of the collection" in foretold.estimate.basis
    assert "the speed of its last run" in foretold.estimate.basis
    assert foretold.planned[0].chunks == pytest.approx(run(docs).written, rel=0.3)


@pytest.mark.parametrize(
    ("model", "server", "cost"),
    [("openai:text-embedding-3-large", "", 0.13), ("openai:new", "", None), ("openai:x", "http://h", None)],
)
def test_a_paid_model_has_its_cost_told(
    run: Sync, docs: Path, settings: Settings, model: str, server: str, cost: float | None
) -> None:
    (docs / "long.txt").write_text("word " * 200_000, encoding="utf-8")
    paid = settings.model_copy(update={"embedding_model": model, "embedding_base_url": server})
    estimate = run(docs, dry_run=True, settings=paid).estimate
    assert estimate is not None and estimate.seconds is None
    if cost is None:
        assert estimate.cost is None
    else:
        assert estimate.cost == pytest.approx(estimate.tokens / 1e6 * cost, abs=1e-3) and estimate.cost > 0


# -- following ---------------------------------------------------------------------------------------


class Following:
    """`follow` in a thread, with what it tells."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.told: list[IngestReport | DocentError] = []
        self._stop = threading.Event()
        model = WordModel()

        def run() -> IngestReport:
            return sync([folder], settings, model, collection="default", following=True)

        def work() -> None:
            follow([folder], run, self.told.append, never=settings.data_dir, stop=self._stop)

        self._thread = threading.Thread(target=work)
        self._thread.start()

    def until(self, condition: Callable[[IngestReport | DocentError], bool]) -> IngestReport | DocentError:
        """The first thing told that fits, of those that were not looked at yet."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            while self.told:
                if condition(told := self.told.pop(0)):
                    return told
            time.sleep(0.05)
        raise AssertionError("nothing like it was told")

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(10)
        assert not self._thread.is_alive()


@pytest.fixture
def following(docs: Path, settings: Settings) -> Iterator[Following]:
    made = Following(docs, settings)
    yield made
    made.stop()


def added(told: IngestReport | DocentError) -> bool:
    return isinstance(told, IngestReport) and told.added > 0


def test_changes_are_taken_up_and_failures_wait_for_a_change(
    following: Following, docs: Path, settings: Settings
) -> None:
    following.until(added)
    (docs / "bad.pdf").write_bytes(b"%PDF-1.7 nothing")
    os.utime(docs / "bad.pdf", (1_700_000_000,) * 2)
    following.until(lambda told: isinstance(told, IngestReport) and bool(told.failed))
    (docs / "new.txt").write_text("New.", encoding="utf-8")
    report = following.until(added)
    assert isinstance(report, IngestReport) and len(report.failed) == 1
    (docs / "pay.txt").unlink()
    following.until(lambda told: isinstance(told, IngestReport) and told.deleted == 1)
    assert sources(settings) == ["bad.pdf", "leave.md", "new.txt", "sub/휴가.txt"]


def test_a_folder_that_is_away_for_a_while_loses_nothing(
    following: Following, docs: Path, settings: Settings
) -> None:
    following.until(added)
    shutil.move(docs, docs.with_name("away"))
    following.until(lambda told: isinstance(told, DocentError))
    docs.mkdir()
    error = following.until(lambda told: isinstance(told, StorageError))
    assert "is empty, and 3 files of it are indexed" in str(error)
    assert len(sources(settings)) == 3
    docs.rmdir()
    (docs.with_name("away") / "back.txt").write_text("Back.", encoding="utf-8")
    shutil.move(docs.with_name("away"), docs)
    following.until(added)
    assert len(sources(settings)) == 4


def test_an_empty_folder_may_be_followed_but_none_that_is_not_there(
    tmp_path: Path, settings: Settings
) -> None:
    (tmp_path / "inbox").mkdir()
    following = Following(tmp_path / "inbox", settings)
    following.until(lambda told: isinstance(told, IngestReport))
    (tmp_path / "inbox" / "first.txt").write_text("First.", encoding="utf-8")
    following.until(added)
    following.stop()
    with pytest.raises(DocentError, match="no file or folder"):
        follow(
            [tmp_path / "nowhere"],
            lambda: sync([tmp_path / "nowhere"], settings, WordModel(), collection="default", following=True),
            lambda told: None,
            never=settings.data_dir,
            stop=threading.Event(),
        )
