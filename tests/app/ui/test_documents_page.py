"""The documents page and the drop zone, over a scripted Runtime."""

from __future__ import annotations

import threading
import time
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from page_driver import Visit, html, until
from runtime_double import Collection, RuntimeDouble, file
from streamlit.testing.v1 import AppTest

from app.errors import CollectionBusyError, UsageError
from app.schemas import FailedFile, FileStatus, IngestReport
from app.ui import documents_page, shell, upload_box
from app.ui.conversations import list_html
from app.ui.indexing import Indexing
from app.ui.texts import Texts

EN, KO = Texts("en"), Texts("ko")


@pytest.fixture
def documents(visit: Visit) -> AppTest:
    page = visit()
    return page.button(key="documents").click().run()


def test_it_lists_files_with_totals(documents: AppTest):
    shown = html(documents)
    assert "larkspur-employee-handbook.pdf" in shown
    assert "<b>2</b> files" in shown
    assert "<b>24</b> pages" in shown
    assert "<b>80</b> passages" in shown
    assert not documents.exception


def test_an_empty_collection_says_what_to_do(runtime: RuntimeDouble, visit: Visit):
    runtime.shelf = {}
    page = visit().button(key="documents").click().run()
    assert "python -m ingest ./docs" in html(page)
    assert not page.exception


def test_a_failed_file_shows_its_cause_as_text():
    info = file("a/<b>.pdf", status=FileStatus.FAILED, error="<i>Encrypted</i>: save it without a password.")
    row = documents_page.row_html(info, EN, None)
    assert "&lt;i&gt;Encrypted&lt;/i&gt;: save it without a password." in row
    assert "d-failed" in row
    assert "<b>" not in row


def test_failed_files_can_be_tried_again_one_or_all(runtime: RuntimeDouble, visit: Visit):
    failed = [file(f"{name}.pdf", status=FileStatus.FAILED, error="Broken.") for name in ("a", "b")]
    runtime.shelf["default"] = Collection([*failed, file("fine.pdf")])
    page = visit().button(key="documents").click().run()
    assert "2 files could not be read" in html(page)
    page.button(key="retry-all").click().run()
    until(page, "1 file added")
    page.get("menu_button")
    assert runtime.retried == [[]]
    shell.indexing().retry("default", ["id-a.pdf"]).ended.wait(10)
    assert runtime.retried == [[], ["id-a.pdf"]]


def test_no_retry_is_offered_where_nothing_failed(documents: AppTest):
    assert "could not be read" not in html(documents)
    assert [button.key for button in documents.button if button.key == "retry-all"] == []


def test_a_moment_is_shown_in_the_readers_time():
    assert documents_page.when("2026-11-20T23:30:00+00:00", ZoneInfo("Asia/Seoul")) == "2026-11-21 08:30"
    assert documents_page.when(None, None) == ""


def test_many_files_come_in_pages_and_can_be_filtered(runtime: RuntimeDouble, visit: Visit):
    runtime.shelf["default"] = Collection([file(f"report-{n}.pdf") for n in range(60)])
    page = visit().button(key="documents").click().run()
    assert html(page).count('class="d-name"') == documents_page.ROWS_A_PAGE
    page.text_input(key="documents-filter").set_value("report-59").run()
    assert html(page).count('class="d-name"') == 1


def test_an_upload_is_kept_and_indexed(documents: AppTest, runtime: RuntimeDouble):
    documents.get("file_uploader")[0].upload("../휴가 규정.txt", b"15 days", "text/plain").run()
    until(documents, "Done in 0.40 s.")
    folder = runtime.settings.data_dir / "uploads" / "default"
    assert runtime.ingested == [[folder.resolve()]]
    assert [path.name for path in folder.iterdir()] == ["휴가 규정.txt"]
    assert "휴가 규정.txt" in html(documents)


def test_files_that_fail_are_named_with_the_cause(documents: AppTest):
    documents.get("file_uploader")[0].upload("broken.txt", b"x", "text/plain").run()
    shown = until(documents, "could not be indexed")
    assert "“broken.txt” could not be indexed" in shown
    assert "No page could be read" in shown
    documents.button(key="close-report").click().run()
    assert "could not be indexed" not in html(documents)


@pytest.mark.parametrize("name", ["../../etc", "a/b", "", "-x", "a b", "x" * 80])
def test_a_name_that_no_system_can_store_is_refused(name: str):
    with pytest.raises(UsageError, match="Use letters"):
        documents_page.checked_name(name)


@pytest.mark.parametrize("name", ["인사", "hr-2026", "v1.2"])
def test_a_name_in_any_script_is_taken(name: str):
    assert documents_page.checked_name(f" {name} ") == name


def test_deleting_an_upload_deletes_the_file_and_leaves_others(runtime: RuntimeDouble, documents: AppTest):
    documents.get("file_uploader")[0].upload("a.txt", b"x", "text/plain").run()
    until(documents, "Done in")
    [info] = runtime.collection("default").files()
    upload_box.delete(info, "default")
    assert runtime.collection("default").files() == []
    assert not Path(info.path).exists()


# -- progress and reports ---------------------------------------------------------------------------------


def progress(**changes: object) -> SimpleNamespace:
    given = {"phase": "index", "files_done": 1, "files_total": 4, "chunks_done": 30, "chunks_total": 120}
    return SimpleNamespace(**given | {"path": "/x/a.pdf", "failed": 0} | changes)


def test_progress_says_what_is_happening():
    assert upload_box.describe(None, EN) == (0.0, "Starting …")
    share, text = upload_box.describe(progress(), EN)
    assert share == 0.25
    assert text.endswith("1 of 4 files, 30 passages · a.pdf")
    assert upload_box.describe(progress(chunks_total=0), KO)[0] == 0.25
    assert upload_box.describe(progress(phase="unheard of", chunks_done=999), EN)[0] == 1.0


def test_a_report_names_each_failure():
    report = IngestReport(
        collection="hr", added=1, unchanged=3, failed=(FailedFile(path="/a/<b>.pdf", error="Encrypted."),)
    )
    shown = upload_box.report_html(report, EN)
    assert "1 file added · 3 unchanged" in shown
    assert "&lt;b&gt;.pdf" in shown


def test_many_failures_are_counted_after_the_first():
    failed = tuple(FailedFile(path=f"/a/{n}.pdf", error=f"Cause {n}.") for n in range(40))
    shown = upload_box.report_html(IngestReport(collection="hr", failed=failed), EN)
    assert "Cause 2." in shown
    assert "Cause 3." not in shown
    assert "37 more files" in shown


def test_failed_files_stand_first(runtime: RuntimeDouble, visit: Visit):
    broken = file("zzz.pdf", status=FileStatus.FAILED, error="Broken.")
    runtime.shelf["default"] = Collection([*(file(f"report-{n}.pdf") for n in range(60)), broken])
    shown = html(visit().button(key="documents").click().run())
    assert shown.index("zzz.pdf") < shown.index("report-0.pdf")


def test_a_run_that_fails_is_kept_for_the_page_to_show(tmp_path: Path):
    def ingest(paths: list[Path], collection: str, *, on_progress: object) -> IngestReport:
        raise CollectionBusyError("busy")

    run = Indexing(ingest).start([tmp_path], "hr")
    assert run.ended.wait(10)
    assert isinstance(run.error, CollectionBusyError)


def test_files_that_come_during_a_run_are_taken_by_the_next(tmp_path: Path):
    seen: list[list[Path]] = []

    def ingest(paths: list[Path], collection: str, *, on_progress: object) -> IngestReport:
        seen.append(paths)
        if len(seen) == 1:
            indexing.start([tmp_path / "b"], collection)
            indexing.start([tmp_path / "b"], collection)
        return IngestReport(collection=collection)

    indexing = Indexing(ingest)
    indexing.start([tmp_path / "a"], "hr")
    deadline = time.monotonic() + 10
    while len(seen) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert seen == [[tmp_path / "a"], [tmp_path / "b"]]


def test_retries_that_come_during_a_run_are_joined_and_done_after_it():
    seen: list[tuple[list[Path], object]] = []
    done = threading.Event()

    def ingest(
        paths: list[Path], collection: str, *, retry: object = None, on_progress: object
    ) -> IngestReport:
        if not seen:
            indexing.retry("hr", ["1"])
            indexing.retry("hr", ["2"])
            indexing.start([Path("b")], "hr")
        seen.append((paths, retry))
        if len(seen) == 3:
            done.set()
        return IngestReport(collection=collection)

    indexing = Indexing(ingest)
    indexing.start([Path("a")], "hr")
    assert done.wait(10)
    assert seen == [([Path("a")], None), ([], ["1", "2"]), ([Path("b")], None)]


# -- small things of the frame ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "heading"),
    [
        ("2026-11-20T15:30:00", "nav.today"),  # already the 21st in Seoul
        ("2026-11-20T14:30:00", "nav.yesterday"),
        ("2026-11-15T00:00:00", "nav.week"),
        ("2026-10-30T00:00:00", "nav.month"),
        ("2025-01-01T00:00:00", "nav.older"),
        ("2026-11-23T00:00:00", "nav.today"),  # a clock that is ahead
    ],
)
def test_conversations_are_grouped_by_the_readers_days(moment: str, heading: str):
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert list_html.age(at, date(2026, 11, 21), ZoneInfo("Asia/Seoul")) == heading


@pytest.mark.parametrize("text", ["![x](http://a.b)", "**b** $x$ :smile: `c` <i> #h", "www.evil.com a@b.c"])
def test_labels_show_foreign_text_letter_by_letter(text: str):
    escaped = shell.plain(text)
    assert escaped.replace("\\", "") == text
    assert all(escaped[i - 1] == "\\" for i, letter in enumerate(escaped) if letter in "![]()*$:`<>#@.")


def test_a_first_upload_that_fails_in_part_says_so_on_the_chat_page(visit: Visit, runtime: RuntimeDouble):
    runtime.shelf = {}
    page = visit()
    upload = page.get("file_uploader")[0]
    upload.upload("a.txt", b"x", "text/plain").upload("broken.txt", b"y", "text/plain").run()
    shown = until(page, "What would you like to know?")
    assert "“broken.txt” could not be indexed" in shown


def test_a_file_that_is_refused_is_told_until_it_is_closed(documents: AppTest, runtime: RuntimeDouble):
    documents.get("file_uploader")[0].upload("empty.txt", b"", "text/plain").run()
    assert "&#x27;empty.txt&#x27; is empty" in html(documents)
    assert runtime.ingested == []
    documents.button(key="close-report").click().run()
    assert "is empty" not in html(documents)


def test_text_that_the_embedding_model_cannot_read_is_said(runtime: RuntimeDouble, visit: Visit):
    shelf = runtime.shelf["default"]
    shelf.unread, shelf.embedding = 0.42, {"model": "all-MiniLM-L6-v2"}
    shown = html(visit().button(key="documents").click().run())
    assert "42%" in shown
    assert "DOCENT_EMBEDDING_MODEL=" in shown
    shelf.unread = 0.01
    assert "DOCENT_EMBEDDING_MODEL=" not in html(visit().button(key="documents").click().run())
