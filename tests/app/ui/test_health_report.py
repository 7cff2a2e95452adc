"""The health report as a file and on the documents page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree, html
from page_driver import Visit
from page_driver import html as shown
from runtime_double import RuntimeDouble

from app.config import Settings
from app.schemas import FailedFile, FileStatus
from app.ui import charts
from app.ui.health_html import document, sections
from app.ui.health_words import findings, printable, ranges, share, size
from app.ui.texts import Texts
from ingest.collection import Collection
from ingest.health import Alike, Fit, Health, LargeFile, Sizes, SlowFile, TextlessFile
from ingest.pipeline import sync
from vectorstore.embeddings import load_embedding_model

EN, KO = Texts("en"), Texts("ko")
HOSTILE = "<img src=x onerror=alert(1)>\u202egpj.exe\x1b[31m\x00 \"&quot;' \ud800.txt"


def full(name: str = HOSTILE, count: int = 3) -> Health:
    """A report with something in every part."""
    return Health(
        collection="hr",
        made_at="2026-11-20T08:30:00+00:00",
        files=100,
        documents=90,
        chunks=1234,
        size=5_000_000,
        statuses={FileStatus.INDEXED: 97, FileStatus.FAILED: count},
        failed=tuple(FailedFile(path=f"{n}{name}", error=f"{name} is broken.") for n in range(count)),
        textless_files=1,
        textless_pages=4,
        textless=(TextlessFile(file=name, textless=(1, 2, 3, 9), pages=12),),
        duplicate_files=1,
        duplicate_groups=1,
        duplicates=((name, "b"),),
        alike_documents=1,
        alike_groups=1,
        alike=(Alike(documents=(name, "c"), likeness=0.91),),
        languages={"ko": 0.7, "en": 0.299, "other": 0.001},
        sizes=Sizes(step=100, counts=(5, 1200, 29), shortest=12, mean=155, longest=999),
        fit=Fit(model="all-MiniLM-L6-v2", unread=0.6, better="intfloat/multilingual-e5-small"),
        slowest=(SlowFile(file=name, seconds=12.34, size=10),),
        largest=(LargeFile(file=name, size=4_000_000),),
    )


# -- the file ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("say", [EN, KO])
def test_the_file_is_well_formed_and_stands_for_itself(say: Texts) -> None:
    page = document(full(), say)
    tree = etree.fromstring(page.partition("\n")[2].encode(), etree.XMLParser(resolve_entities=False))
    assert tree.get("lang") == say.language
    names = {element.tag for element in tree.iter()}
    assert names.isdisjoint({"script", "img", "link", "iframe", "object", "a", "image", "base", "form"})
    attributes = {name for element in tree.iter() for name in element.attrib}
    assert not {name for name in attributes if name.startswith("on")} | attributes & {"src", "href"}
    assert not re.search(r"url\(|@import|https?:|//[a-z]", page.replace(HOSTILE, ""))
    assert "default-src 'none'" in page


def test_a_hostile_name_is_only_a_name() -> None:
    page = document(full(), EN)
    text = html.fromstring(page).text_content()
    assert "<img src=x onerror=alert(1)>\ufffdgpj.exe\ufffd[31m\ufffd \"&quot;' \ufffd.txt" in text
    assert not set(page) & {"\u202e", "\x1b", "\x00", "\ud800"}
    assert "<img" not in page


def test_every_colour_of_the_file_is_defined_in_it_for_light_and_dark() -> None:
    css = document(full(), EN).partition("</style>")[0]
    used = set(re.findall(r"var\((--d-[a-z-]+)\)", css))
    light, dark = css.split("prefers-color-scheme: dark", 1)
    assert used <= set(re.findall(r"(--d-[a-z-]+):", light))
    assert used <= set(re.findall(r"(--d-[a-z-]+):", dark))


def test_every_finding_is_told_with_its_figures() -> None:
    text = html.fromstring(document(full(), EN)).text_content()
    for part in (
        "3 files could not be read.",
        "4 pages without text in one file.",
        "One document is nearly the same as another.",
        "One file is a copy of another",
        "cannot read about 60 % of the text",
        "Pages 1–3, 9 (4 of 12)",
        "91 % of the text in common",
        "Shortest 12, mean 155, longest 999.",
        "100–199 characters: 1,200 passages",
        "Other scripts < 1 %",
        "12.3 s",
        "5.0 MB",
    ):
        assert part in text
    assert "파일 3개를 읽지 못했습니다." in document(full(), KO)


def test_a_sound_collection_needs_no_look() -> None:
    sound = Health(collection="hr", made_at="2026-11-20T08:30:00+00:00", files=1)
    assert "Nothing needs a look" in document(sound, EN)
    assert list(findings(sound, EN)) == []


def test_a_long_list_is_folded() -> None:
    tree = html.fromstring(f"<div>{sections(full(count=30), EN)}</div>")
    [fold] = tree.iter("details")
    [summary] = fold.iter("summary")
    assert summary.text_content() == "22 more"
    assert len(list(fold.iter("li"))) == 22


# -- words and charts ----------------------------------------------------------------------------------


def test_figures_are_written_as_people_read_them() -> None:
    assert [size(count) for count in (0, 999, 1000, 99_900, 512_000_000, 3e15)] == [
        "0 B",
        "999 B",
        "1.0 kB",
        "99.9 kB",
        "512 MB",
        "3,000 TB",
    ]
    assert [share(part) for part in (0, 0.001, 0.5, 0.999, 1)] == ["0 %", "< 1 %", "50 %", "> 99 %", "100 %"]
    assert ranges([1, 2, 3, 5, 8, 9]) == "1–3, 5, 8–9"
    assert ranges(range(1, 60, 2)).endswith("21, 23, …")
    assert printable("a\n b\u202e\u200bc 휴가") == "a b\ufffd\ufffdc 휴가"


def test_bars_are_as_long_as_their_values() -> None:
    drawn = charts.bars([charts.Bar("a", 50, "50"), charts.Bar("b", 100, "100"), charts.Bar("c", 0, "0")])
    assert re.findall(r"width:([\d.]+)", drawn) == ["50.0", "100.0", "0"]
    drawn = charts.columns([1, 4, 10_000], "abc", "abc")
    assert re.findall(r"height:([\d.]+)", drawn) == ["0.6", "0.6", "100.0"]
    assert charts.bars([]) == '<ul class="d-h-bars"></ul>'


# -- the page ------------------------------------------------------------------------------------------


def test_the_documents_page_shows_it(runtime: RuntimeDouble, visit: Visit, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "<i>leave.txt").write_text("Staff have 15 days of annual leave.", encoding="utf-8")
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 nothing")
    settings = Settings(data_dir=tmp_path / "indexed", vector_backend="faiss")
    sync([folder], settings, load_embedding_model(settings), collection="default")
    with Collection.open("default", settings) as held:
        runtime.shelf["default"] = held  # type: ignore[assignment]
        page = visit().button(key="documents").click().run()
        assert "Files by type" not in shown(page)
        page.segmented_control(key="documents-view").set_value("health").run()
        assert not page.exception
        assert "Files by type" in shown(page) and "One file" not in shown(page)
        assert "1 file could not be read." in shown(page)
        assert "<i>leave" not in shown(page) and "&lt;i&gt;leave.txt" in shown(page)
