"""Web pages in a collection: the same path as files, from the command line to a search."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from doubles import WordModel
from support.web_server import FAST, Reply, WebServer, html

from app.cli import ingest_main
from app.config import Settings
from app.errors import UsageError
from app.schemas import IngestReport
from ingest.collection import Collection
from ingest.pipeline import sync
from ingest.web import Site
from ingest.web.store import PageStore
from ingest.web.urls import parse


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.web.gather.Limits", lambda: FAST)


@pytest.fixture
def allowing(settings: Settings, web: WebServer) -> Settings:
    return settings.model_copy(update={"web_allowed_hosts": f"127.0.0.1:{web.port}"})


def run(settings: Settings, *places: Path | Site, **options: bool) -> IngestReport:
    return sync(places, settings, WordModel(), collection="web", **options)


def counts(report: IngestReport) -> tuple[int, int, int, int, int]:
    return report.added, report.updated, report.unchanged, report.deleted, len(report.failed)


def test_a_site_is_kept_in_step(allowing: Settings, web: WebServer):
    web.pages |= {
        "/h/": html("Home", "leave", "pay"),
        "/h/leave": html("Leave", text="Staff have 15 days of annual leave."),
        "/h/pay": html("Pay", text="Salaries are paid on the 25th."),
    }
    site = Site.of(f"{web.url}/h/", depth=1)
    assert counts(run(allowing, site)) == (3, 0, 0, 0, 0)
    assert counts(run(allowing, site)) == (0, 0, 3, 0, 0)
    web.pages["/h/leave"] = html("Leave", text="Staff have 20 days of annual leave.")
    web.pages["/h/pay"] = Reply(status=500)
    assert counts(run(allowing, site)) == (0, 1, 1, 0, 1), "what fails is reported, and stays"
    with Collection.open("web", allowing) as held:
        assert [file.source for file in held.files()] == [
            f"{web.url}/h/{name}" for name in ("", "leave", "pay")
        ]
    web.pages["/h/pay"] = Reply(status=410)
    assert counts(run(allowing, site)) == (0, 0, 2, 1, 0)
    with Collection.open("web", allowing) as held:
        (hit,) = held.keyword("annual", 1)
        chunk = held.chunks([hit.id])[hit.id]
    assert (chunk.source, chunk.title) == (f"{web.url}/h/leave", "Leave")
    assert "20 days" in chunk.text


def test_what_is_known_of_a_page_from_outside_goes_with_it(allowing: Settings, web: WebServer):
    page = html("규정", text="연차는 15일이다.")
    head = {**page.head, "Last-Modified": "Mon, 02 Mar 2026 10:00:00 GMT"}
    web.pages["/%EA%B7%9C%EC%A0%95"] = Reply(page.body, head=head)
    run(allowing, Site.of(f"{web.url}/규정"))
    with Collection.open("web", allowing) as held:
        (file,) = held.files()
        (hit,) = held.keyword("연차", 1)
        metadata = held.chunks([hit.id])[hit.id].metadata
    assert (file.source, file.path) == (f"{web.url}/규정", f"{web.url}/%EA%B7%9C%EC%A0%95")
    assert metadata["url"] == (file.source,)
    assert metadata["modified"] == ("2026-03-02",)
    assert metadata["fetched"][0][:2] == "20"


def test_files_and_sites_in_one_run_leave_each_other_alone(allowing: Settings, web: WebServer, docs: Path):
    web.pages["/"] = html("Home")
    home = Site.of(web.url)
    assert counts(run(allowing, docs, home)) == (4, 0, 0, 0, 0)
    (docs / "pay.txt").unlink()
    assert counts(run(allowing, docs)) == (0, 0, 2, 1, 0)
    assert counts(run(allowing, home)) == (0, 0, 1, 0, 0)


def test_a_dry_run_removes_and_adds_nothing(allowing: Settings, web: WebServer):
    web.pages |= {"/": html("Home", "a"), "/a": html("A")}
    site = Site.of(web.url, depth=1)
    assert counts(run(allowing, site, dry_run=True)) == (2, 0, 0, 0, 0)
    run(allowing, site)
    del web.pages["/a"]
    assert counts(run(allowing, site, dry_run=True)) == (0, 0, 1, 1, 0)
    assert counts(run(allowing, site)) == (0, 0, 1, 1, 0)


def test_a_rebuild_needs_no_network(allowing: Settings, web: WebServer):
    web.pages["/"] = html("Home")
    run(allowing, Site.of(web.url))
    asked = len(web.asked)
    run(allowing, rebuild=True)
    assert len(web.asked) == asked


def test_a_page_without_text_fails_by_its_own_name(allowing: Settings, web: WebServer):
    web.pages["/empty-page"] = Reply(b"<title></title>", head={"Content-Type": "text/html"})
    (failed,) = run(allowing, Site.of(f"{web.url}/empty-page")).failed
    assert failed.path == f"{web.url}/empty-page"
    assert "empty-page.html" in failed.error


def test_a_private_host_is_refused_without_the_setting(settings: Settings, web: WebServer):
    (failed,) = run(settings, Site.of(web.url)).failed
    assert "DOCENT_WEB_ALLOWED_HOSTS" in failed.error
    assert web.asked == []


def test_from_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, web: WebServer
):
    web.pages |= {"/": html("Home", "a", "b"), "/a": html("A"), "/b": html("B")}
    monkeypatch.setenv("DOCENT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DOCENT_WEB_ALLOWED_HOSTS", "127.0.0.1")
    arguments = ["ingest", web.url, "--depth", "1", "--max-pages", "2", "--dry-run", "--json"]
    monkeypatch.setattr("sys.argv", arguments)
    with pytest.raises(SystemExit) as ended:
        ingest_main()
    assert ended.value.code == 0
    assert json.loads(capsys.readouterr().out)["added"] == 2
    monkeypatch.setattr("sys.argv", arguments[:-1])
    with pytest.raises(SystemExit):
        ingest_main()
    assert f"fetch: 1 pages, {web.url}/" in capsys.readouterr().err


def test_a_password_in_an_address_is_refused_unseen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("sys.argv", ["ingest", "https://me:geheim@example.org/"])
    with pytest.raises(SystemExit) as ended:
        ingest_main()
    assert ended.value.code == UsageError.exit_code
    told = capsys.readouterr()
    assert "geheim" not in told.out + told.err
    assert "password" in told.err


def test_a_page_that_failed_is_read_again_without_the_network(allowing: Settings, web: WebServer):
    web.pages["/"] = Reply(b"<title></title>", head={"Content-Type": "text/html"})
    assert counts(run(allowing, Site.of(web.url))) == (0, 0, 0, 0, 1)
    kept = PageStore(allowing.data_dir).get(parse(web.url))
    assert kept is not None
    kept.file.write_text("<p>Words after all.</p>")
    asked = len(web.asked)
    report = sync([], allowing, WordModel(), collection="web", retry=())
    assert (report.added, report.failed, len(web.asked)) == (1, (), asked)
