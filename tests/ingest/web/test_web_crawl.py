"""Walks over sites on loopback."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support.web_server import FAST, Reply, WebServer, html, moved

from app.errors import DocumentError
from ingest.loaders import read
from ingest.scan import scan
from ingest.web.addresses import Allowed
from ingest.web.client import Client, Response
from ingest.web.crawl import Harvest, Walk
from ingest.web.site import Site
from ingest.web.store import PageStore
from ingest.web.urls import parse
from ingest.web.visitor import Visitor

Go = Callable[..., Harvest]


def site_map(*urls: str, kind: str = "url") -> Reply:
    root = "urlset" if kind == "url" else "sitemapindex"
    entries = "".join(f"<{kind}><loc>{url}</loc></{kind}>" for url in urls)
    xml = (
        f'<?xml version="1.0"?><{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</{root}>'
    )
    return Reply(xml.encode(), head={"Content-Type": "application/xml"})


def paths(harvest: Harvest, web: WebServer) -> list[str]:
    return sorted(url.removeprefix(web.url) for url in harvest.pages)


@pytest.fixture
def handbook(web: WebServer) -> WebServer:
    """A handbook of linked pages, in a circle, with ways out of its folder."""
    web.pages |= {
        "/handbook/": html("Home", "leave.html", "pay.html", "/other/", "https://elsewhere.example/", "#top"),
        "/handbook/leave.html": html(
            "Leave", "./", "sick/notes", "gone.html", "photo.jpg", "all.zip", "a.css"
        ),
        "/handbook/pay.html": html("Pay", "/handbook/", "leave.html"),
        "/handbook/sick/notes": html("Notes", "deeper"),
        "/handbook/sick/deeper": html("Deeper"),
        "/other/": html("Other"),
    }
    return web


@pytest.mark.parametrize(
    ("depth", "found"),
    [
        (0, ["/handbook/"]),
        (1, ["/handbook/", "/handbook/leave.html", "/handbook/pay.html"]),
        (2, ["/handbook/", "/handbook/leave.html", "/handbook/pay.html", "/handbook/sick/notes"]),
        (9, ["/handbook/", "/handbook/leave.html", "/handbook/pay.html", "/handbook/sick/deeper",
             "/handbook/sick/notes"]),
    ],
)  # fmt: skip
def test_links_are_followed_so_far_and_within_the_folder(
    handbook: WebServer, walk: Go, depth: int, found: list[str]
):
    harvest = walk("/handbook/", depth)
    assert paths(harvest, handbook) == found
    assert harvest.failed == {}
    assert len(handbook.targets) == len(set(handbook.targets)), "each is asked for once"
    assert not {"/handbook/photo.jpg", "/handbook/all.zip", "/handbook/a.css"} & set(handbook.targets)


def test_there_is_an_end_to_the_pages(web: WebServer, walk: Go, caplog: pytest.LogCaptureFixture):
    web.pages |= {f"/{n}": html(str(n), *(f"/{n * 10 + i}" for i in range(10))) for n in range(1, 1000)}
    harvest = walk("/1", depth=9, max_pages=7)
    assert len(harvest.pages) == 7
    assert "--max-pages" in caplog.text


def test_pages_that_are_not_there_do_not_keep_a_walk_going_for_ever(web: WebServer, walk: Go):
    web.pages["/"] = html("Home", *(f"/dead{n}" for n in range(500)))
    assert len(walk("/", depth=1, max_pages=10).pages) == 1
    assert len(web.targets) < 50


# -- redirects ----------------------------------------------------------------------------------------


def test_redirects_are_followed_and_the_page_is_known_by_where_it_is(web: WebServer, walk: Go):
    web.pages |= {"/handbook": moved("/handbook/"), "/handbook/": html("Home", "a"), "/handbook/a": html("A")}
    assert paths(walk("/handbook", depth=1), web) == ["/handbook/", "/handbook/a"]


def test_where_the_first_page_redirects_to_is_the_site(handbook: WebServer, walk: Go):
    handbook.pages["/old/start"] = moved("/handbook/")
    harvest = walk("/old/start", depth=1)
    assert paths(harvest, handbook) == ["/handbook/", "/handbook/leave.html", "/handbook/pay.html"]


@pytest.mark.parametrize("target", ["http://h.example/", "http://other.example/"])
def test_a_redirect_that_gives_up_encryption_is_refused(target: str):
    class Unencrypted:
        def get(self, url: object, head: object = None) -> Response:
            robots = str(url).endswith("/robots.txt")
            return Response(404 if robots else 302, {"location": target})

    visitor = Visitor(Unencrypted(), FAST)  # type: ignore[arg-type]
    with pytest.raises(DocumentError, match=r"https://h\.example/a redirects from https to http"):
        visitor.get(parse("https://h.example/a"), lambda url: True)


@pytest.mark.parametrize("hops", [5, 6])
def test_at_most_five_redirects(web: WebServer, walk: Go, hops: int):
    web.pages |= {f"/{n}": moved(f"/{n + 1}", 302) for n in range(hops)} | {f"/{hops}": html("End")}
    harvest = walk("/0")
    assert len(harvest.pages) == (hops <= 5)
    assert ("more than 5 times" in str(harvest.failed)) is (hops > 5)


def test_a_redirect_in_a_circle_ends(web: WebServer, walk: Go):
    web.pages["/"] = moved("/")
    assert "more than 5 times" in walk("/").failed[f"{web.url}/"]


@pytest.mark.parametrize(
    "host", ["127.0.0.2", "localhost", "[::ffff:127.0.0.1]", "2130706433", "169.254.169.254"]
)
def test_a_redirect_to_a_private_address_is_refused(web: WebServer, walk: Go, host: str):
    with WebServer() as secret:
        secret.pages["/"] = html("Secret")
        web.pages["/"] = moved(f"http://{host}:{secret.port}/")
        harvest = walk("/")
        assert "not public" in harvest.failed[f"{web.url}/"]
        assert (harvest.pages, secret.asked) == ({}, [])


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/", "http://u:p@127.0.0.1/", ""])
def test_a_redirect_to_something_else_is_refused(web: WebServer, walk: Go, target: str):
    web.pages["/"] = Reply(status=302, head={"Location": target} if target else {})
    harvest = walk("/")
    assert harvest.pages == {}
    assert harvest.failed


def test_links_do_not_leave_by_a_redirect(web: WebServer, walk: Go):
    web.pages |= {"/docs/": html("Docs", "out"), "/docs/out": moved("/admin/"), "/admin/": html("Admin")}
    harvest = walk("/docs/", depth=3)
    assert paths(harvest, web) == ["/docs/"]
    assert "/admin/" not in web.targets


# -- robots.txt ---------------------------------------------------------------------------------------


def test_robots_txt_is_obeyed_and_asked_for_once(handbook: WebServer, walk: Go):
    handbook.pages["/robots.txt"] = Reply(b"User-agent: docent\nDisallow: /handbook/pay")
    harvest = walk("/handbook/", depth=1)
    assert paths(harvest, handbook) == ["/handbook/", "/handbook/leave.html"]
    assert [target for target, _ in handbook.asked].count("/robots.txt") == 1
    assert harvest.failed == {}, "what is only linked is passed over"


def test_an_address_that_robots_txt_forbids_is_reported(handbook: WebServer, walk: Go):
    handbook.pages["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /")
    assert "robots.txt" in walk("/handbook/").failed[f"{handbook.url}/handbook/"]
    assert handbook.targets == []


@pytest.mark.parametrize(("status", "pages"), [(403, 1), (404, 1), (500, 0), (503, 0)])
def test_a_robots_txt_that_fails_forbids_all(handbook: WebServer, walk: Go, status: int, pages: int):
    handbook.pages["/robots.txt"] = Reply(status=status)
    assert len(walk("/handbook/").pages) == pages


def test_pauses_longer_than_our_patience_leave_the_site_alone(handbook: WebServer, walk: Go):
    handbook.pages["/robots.txt"] = Reply(b"User-agent: *\nCrawl-delay: 3600")
    assert "pauses" in walk("/handbook/").failed[f"{handbook.url}/handbook/"]


def test_pauses_are_kept(handbook: WebServer, tmp_path: Path):
    waits: list[float] = []

    class Clock:
        def is_set(self) -> bool:
            return False

        def wait(self, seconds: float) -> bool:
            waits.append(seconds)
            return False

    handbook.pages["/robots.txt"] = Reply(b"User-agent: *\nCrawl-delay: 40")
    limits = replace(FAST, patience=60)
    with Client(Allowed("127.0.0.1"), limits) as client:
        visitor = Visitor(client, limits, Clock())  # type: ignore[arg-type]
        Walk(Site.of(f"{handbook.url}/handbook/", 1), visitor, PageStore(tmp_path)).go()
    assert len([seconds for seconds in waits if 30 < seconds <= 40]) >= 2


# -- site maps ----------------------------------------------------------------------------------------


def test_a_site_map_brings_its_pages(handbook: WebServer, walk: Go):
    urls = (
        f"{handbook.url}/handbook/",
        f"{handbook.url}/other/",
        "https://elsewhere.example/",
        "/handbook/pay.html",
    )
    handbook.pages["/maps/sitemap.xml"] = site_map(*urls)
    assert paths(walk("/maps/sitemap.xml"), handbook) == ["/handbook/", "/handbook/pay.html", "/other/"]


def test_an_index_of_packed_site_maps(handbook: WebServer, walk: Go):
    inner = site_map(f"{handbook.url}/other/")
    handbook.pages |= {
        "/sitemap.xml": site_map(f"{handbook.url}/a.xml.gz", f"{handbook.url}/sitemap.xml", kind="sitemap"),
        "/a.xml.gz": Reply(gzip.compress(bytes(inner.body)), head={"Content-Type": "application/gzip"}),
    }
    assert paths(walk("/sitemap.xml"), handbook) == ["/other/"]


BOMB = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<urlset><url><loc>&b;</loc></url></urlset>"""
INSIDE = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<urlset><url><loc>/&a;</loc></url></urlset>"""


@pytest.mark.parametrize("xml", [BOMB, INSIDE, b"<urlset><url><loc>/a</url>", b"<urlset"])
def test_a_hostile_or_broken_site_map_is_named(web: WebServer, walk: Go, xml: bytes):
    web.pages["/sitemap.xml"] = Reply(xml)
    assert "no site map" in walk("/sitemap.xml").failed[f"{web.url}/sitemap.xml"]
    assert web.targets == ["/sitemap.xml"]


def test_a_packed_bomb_of_a_site_map_is_named(web: WebServer, walk: Go):
    web.pages["/sitemap.xml.gz"] = Reply(gzip.compress(b"<urlset>" + bytes(60 * 1024**2)))
    assert "50 MB" in walk("/sitemap.xml.gz").failed[f"{web.url}/sitemap.xml.gz"]


# -- again ----------------------------------------------------------------------------------------


def test_an_unchanged_page_is_not_sent_again(web: WebServer, walk: Go):
    page = html("Home", "a")
    web.pages |= {"/": replace(page, head={**page.head, "ETag": '"v1"'}), "/a": html("A")}
    first = walk("/", depth=1).pages
    file = first[f"{web.url}/"].file
    before = file.stat().st_mtime_ns
    again = walk("/", depth=1)
    assert paths(again, web) == ["/", "/a"], "its links are still known"
    assert web.asked[-2][1]["If-None-Match"] == '"v1"'
    assert file.stat().st_mtime_ns == before


def test_what_is_kept_is_not_taken_for_files_of_a_folder(web: WebServer, walk: Go, tmp_path: Path):
    web.pages["/"] = html("Home")
    (tmp_path / "notes.txt").write_text("Words.")
    file = walk("/").pages[f"{web.url}/"].file
    seen = scan([tmp_path])
    assert [found.location.name for found in seen.files.values()] == ["notes.txt"]
    assert file.is_relative_to(tmp_path)


def test_an_equal_page_keeps_its_file(web: WebServer, walk: Go):
    web.pages["/"] = html("Home")
    file = walk("/").pages[f"{web.url}/"].file
    before = file.stat().st_mtime_ns
    assert walk("/").pages[f"{web.url}/"].file == file
    assert file.stat().st_mtime_ns == before


@pytest.mark.parametrize("status", [404, 410])
def test_a_known_page_that_is_no_more_is_gone(handbook: WebServer, walk: Go, status: int):
    known = walk("/handbook/", depth=9).pages
    handbook.pages["/handbook/sick/deeper"] = Reply(status=status)
    harvest = walk("/handbook/", depth=9, known=known)
    assert f"{handbook.url}/handbook/sick/deeper" in harvest.gone
    assert harvest.failed == {}
    assert len(harvest.pages) == len(known) - 1


def test_a_known_page_that_nothing_links_to_any_more_stays(handbook: WebServer, walk: Go):
    known = walk("/handbook/", depth=9).pages
    handbook.pages["/handbook/"] = html("Home")
    assert walk("/handbook/", depth=9, known=known).pages.keys() == known.keys()
    assert walk("/handbook/", known=known).pages.keys() == known.keys()


def test_a_known_page_that_fails_is_neither_here_nor_gone(handbook: WebServer, walk: Go):
    known = walk("/handbook/", depth=9).pages
    handbook.pages["/handbook/pay.html"] = Reply(status=500)
    harvest = walk("/handbook/", depth=9, known=known)
    pay = f"{handbook.url}/handbook/pay.html"
    assert pay not in harvest.pages
    assert pay not in harvest.gone
    assert "error 500" in harvest.failed[pay]


def test_a_site_that_fails_keeps_all(handbook: WebServer, walk: Go):
    known = walk("/handbook/", depth=9).pages
    handbook.pages = dict.fromkeys(handbook.pages, Reply(status=502))
    handbook.asked.clear()
    harvest = walk("/handbook/", depth=9, known=known)
    assert (harvest.pages, harvest.gone) == ({}, set())
    assert len(handbook.asked) <= 2, "a host in trouble is not bothered"


def test_a_known_page_that_moved_for_good_is_replaced(handbook: WebServer, walk: Go):
    known = walk("/handbook/", depth=9).pages
    handbook.pages |= {"/handbook/pay.html": moved("wages.html", 308), "/handbook/wages.html": html("Wages")}
    harvest = walk("/handbook/", depth=9, known=known)
    assert harvest.gone >= {f"{handbook.url}/handbook/pay.html"}
    assert f"{handbook.url}/handbook/wages.html" in harvest.pages


def test_a_login_that_was_put_before_a_site_takes_nothing_away(handbook: WebServer, walk: Go):
    known = walk("/handbook/", depth=9).pages
    handbook.pages = dict.fromkeys(handbook.pages, moved("/handbook/login", 302)) | {
        "/handbook/login": html("Login")
    }
    harvest = walk("/handbook/", depth=9, known=known)
    assert (harvest.pages, harvest.gone) == ({}, set())
    assert len(harvest.failed) == len(known)
    with WebServer() as elsewhere:
        handbook.pages = dict.fromkeys(handbook.pages, moved(f"{elsewhere.url}/login"))
        harvest = walk("/handbook/", depth=9, known=known)
        assert (harvest.pages, harvest.gone, elsewhere.asked) == ({}, set(), [])


def test_known_pages_keep_their_seats(web: WebServer, walk: Go):
    web.pages |= {"/": html("Home", "a", "b"), "/a": html("A"), "/b": html("B"), "/c": html("C")}
    known = walk("/", depth=1, max_pages=3).pages
    web.pages["/"] = html("Home", "c", "a", "b")
    assert paths(walk("/", depth=1, max_pages=3, known=known), web) == ["/", "/a", "/b"]
    del web.pages["/b"]
    assert paths(walk("/", depth=1, max_pages=3, known=known), web) == ["/", "/a", "/c"]


def test_a_page_that_is_not_there_is_named(web: WebServer, walk: Go):
    assert "There is no page" in walk("/nowhere").failed[f"{web.url}/nowhere"]


def test_a_host_that_fails_again_and_again_is_left_alone(web: WebServer, walk: Go):
    web.pages |= {"/": html("Home", *map(str, range(50)))} | {f"/{n}": Reply(status=500) for n in range(50)}
    harvest = walk("/", depth=1)
    assert len(harvest.failed) == FAST.failures
    assert len(web.targets) == FAST.failures + 1


# -- kinds of files ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "kind", "body", "suffix"),
    [
        ("/a", "text/html", b"<p>words</p>", ".html"),
        ("/a.php?x=1", "text/html; charset=utf-8", b"<p>words</p>", ".html"),
        ("/get?id=3", "application/pdf", b"%PDF-1.4", ".pdf"),
        ("/get?id=4", "text/html", b"\n%PDF-1.4", ".pdf"),
        ("/report.pdf", "application/octet-stream", b"%PDF-1.4", ".pdf"),
        ("/a.md", "text/plain", b"# Words", ".md"),
        ("/a.docx", "text/html", b"PK\x03\x04", ".docx"),
        ("/a", "application/json", b"{}", ".json"),
        ("/a.csv", "", b"a,b", ".csv"),
        ("/feed", "application/xml", b"<a>words</a>", ".xml"),
        ("/규정.hwp", "application/octet-stream", b"\xd0\xcf\x11\xe0", ".hwp"),
        ("/main.py", "text/plain", b"x = 1", ".py"),
    ],
)
def test_what_a_page_is_read_as(web: WebServer, walk: Go, target: str, kind: str, body: bytes, suffix: str):
    web.pages[parse(web.url + target).target] = Reply(body, head={"Content-Type": kind} if kind else {})
    assert [page.file.suffix for page in walk(target).pages.values()] == [suffix]


@pytest.mark.parametrize(
    "name", [".page.json", "page.json", "con.json", "%2e%2e%2fx.json", ".json", "가" * 200]
)
def test_no_name_of_a_page_does_harm(web: WebServer, walk: Go, tmp_path: Path, name: str):
    url = parse(f"{web.url}/{name}")
    web.pages[url.target] = Reply(b'{"a": "words"}', head={"Content-Type": "application/json"})
    for _ in range(2):
        (page,) = walk(str(url)).pages.values()
        assert page.file.read_bytes() == b'{"a": "words"}'
        assert page.file.resolve().is_relative_to(tmp_path / "data" / "web")
        assert page.file.stem.lower() != "con"


def test_a_page_that_becomes_another_type_leaves_one_file(web: WebServer, walk: Go):
    for kind in ("text/html", "text/plain"):
        web.pages["/x"] = Reply(b"words", head={"Content-Type": kind})
        (page,) = walk("/x").pages.values()
    assert [file.name for file in page.file.parent.iterdir() if file.name[0] != "."] == ["x.txt"]


def test_a_run_has_its_fill(web: WebServer, client: Client, tmp_path: Path):
    web.pages |= {"/": html("Home", *"abcdef")} | {f"/{name}": html(name) for name in "abcdef"}
    limits = replace(FAST, run_bytes=400)
    pages = Walk(Site.of(web.url, 1), Visitor(client, limits), PageStore(tmp_path)).go().pages
    assert 1 < len(pages) < 7


def test_a_name_that_the_server_gives(web: WebServer, walk: Go):
    head = {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": 'attachment; filename="../../a b.md"',
    }
    web.pages["/get"] = Reply(b"# Words", head=head)
    page = walk("/get").pages[f"{web.url}/get"]
    assert page.file.name == "a b.md"


@pytest.mark.parametrize("kind", ["image/png", "video/mp4", "application/x-msdownload", "text/css"])
def test_what_is_not_read_is_named_where_it_was_asked_for(web: WebServer, walk: Go, kind: str):
    web.pages |= {"/x": Reply(b"\x00\x01", head={"Content-Type": kind}), "/": html("Home", "x")}
    assert kind in walk("/x").failed[f"{web.url}/x"]
    assert walk("/", depth=1).failed == {}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html; charset=EUC-KR", "<title>규정</title><p>연차는 똠방각하 15일이다.</p>".encode("cp949")),
        (
            "text/html",
            "<meta charset=euc-kr><title>규정</title><p>연차는 똠방각하 15일이다.</p>".encode("cp949"),
        ),
        ("text/html; charset=utf-8", "<title>규정</title><p>연차는 똠방각하 15일이다.</p>".encode()),
        ("text/html; charset=nonsense", "<title>규정</title><p>연차는 똠방각하 15일이다.</p>".encode()),
    ],
)
def test_korean_pages_in_any_encoding(web: WebServer, walk: Go, kind: str, body: bytes):
    web.pages["/규정"] = web.pages["/%EA%B7%9C%EC%A0%95"] = Reply(body, head={"Content-Type": kind})
    (page,) = walk("/규정").pages.values()
    (document,) = read(page.file)
    assert document.title == "규정"
    assert "연차는 똠방각하 15일이다." in [block.text for block in document.blocks]


def test_korean_links_are_followed(web: WebServer, walk: Go):
    euc = '<meta charset="euc-kr"><p>찾기</p><a href="/찾기?q=한글">찾기</a>'.encode("euc-kr")
    web.pages |= {
        "/": Reply(euc, head={"Content-Type": "text/html"}),
        "/%EC%B0%BE%EA%B8%B0?q=%C7%D1%B1%DB": html("found"),
    }
    assert len(walk("/", depth=1).pages) == 2


def test_the_base_of_a_page_and_its_frames(web: WebServer, walk: Go):
    body = b"""<base href="/docs/"><meta http-equiv="Refresh" content="0; URL='main.do'">
        <frameset><frame src="menu.html"></frameset>"""
    web.pages |= {"/": Reply(body, head={"Content-Type": "text/html"}), "/docs/menu.html": html("Menu")}
    web.pages["/docs/main.do"] = html("Main")
    assert paths(walk("/", depth=1), web) == ["/", "/docs/main.do", "/docs/menu.html"]
