"""Lines, pages, metadata, dates and versions, from what a reader gives to what a search finds."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from doubles import WordModel, catalog_path, write_pdf

from app.config import Settings
from app.schemas import Chunk
from ingest.catalog import FileContent, FileRecord
from ingest.changes import day_of, has_changed
from ingest.chunking import Passage, chunk
from ingest.collection import Collection
from ingest.loaders import Block, SourceDocument
from ingest.pipeline import sync
from ingest.prepare import prepare, rechunk

MODEL = WordModel(max_tokens=1000)


def passages(blocks: Sequence[Block], limit: int = 64, **about: object) -> list[Passage]:
    return chunk(SourceDocument("", blocks, **about), MODEL, limit)  # type: ignore[arg-type]


# -- lines ---------------------------------------------------------------------------------------------


def test_a_split_table_gives_each_part_its_rows() -> None:
    rows = "\n".join(f"| city{number} | {number} |" for number in range(5, 45))
    found = passages([Block(f"| City | Rate |\n| --- | --- |\n{rows}", "table", line=5)])
    assert len(found) > 3
    for passage in found:
        numbers = [int(row.split()[3]) for row in passage.text.split("\n")[2:]]
        assert passage.lines == (numbers[0], numbers[-1])


def test_code_keeps_its_blank_lines_and_knows_its_lines() -> None:
    code = "import math\n\n\ndef area(r):\n    return math.pi * r * r"
    (passage,) = passages([Block(code, "code", line=7)])
    assert (passage.text, passage.lines) == (code, (7, 11))
    parts = passages([Block("\n".join(f"x{n} = {n} # {n} {n} {n}" for n in range(1, 60)), "code", line=1)])
    assert [part.lines for part in parts] == [
        (int(part.text.split()[2]), int(part.text.split()[-1])) for part in parts
    ]


def test_short_functions_of_one_file_are_joined_with_their_lines_and_sheets_are_not() -> None:
    heads = (Block("One", "heading", 1), Block("Two", "heading", 1))
    texts = ("a = 1\nb = 2", "c = 3")
    (code,) = passages([heads[0], Block(texts[0], "code", line=3), heads[1], Block(texts[1], "code", line=9)])
    assert code.lines == (3, 9)
    rows = [Block("| a |", "table", line=2), Block("| b |", "table", line=4)]
    (sheets,) = passages([heads[0], rows[0], heads[1], rows[1]])
    assert sheets.lines is None


def test_lists_of_rows_count_on_and_text_has_the_line_it_starts_on() -> None:
    (records,) = passages([Block("City: Rome\nCity: Oslo", "list", line=2)])
    (cell,) = passages([Block("A remark.", line=40)])
    assert (records.lines, cell.lines) == ((2, 3), (40, 40))
    assert passages([Block("A paragraph.")])[0].lines is None


# -- pages ---------------------------------------------------------------------------------------------


def test_printed_page_numbers_are_told_where_they_differ() -> None:
    text = " ".join(f"word{n}" for n in range(40)).capitalize() + "."
    blocks = [Block(text, page=number) for number in (1, 2, 3)]
    found = passages(blocks, page_labels=("iii", "2", ""))
    assert [(one.page, one.page_label) for one in found] == [(1, "iii"), (2, None), (3, None)]


# -- through the catalogue -----------------------------------------------------------------------------


def indexed(folder: Path, settings: Settings) -> dict[str, Chunk]:
    """The first chunk of each file, by its source."""
    sync([folder], settings, WordModel(), collection="default")
    with Collection.open("default", settings) as held:
        found = held.chunks(sorted(held.catalog.chunks.ids()))
    return {one.source: one for one in found.values() if one.ordinal == 0}


@pytest.fixture
def office(tmp_path: Path) -> Path:
    folder = tmp_path / "office"
    folder.mkdir()
    (folder / "trip.md").write_text(
        "---\nauthor: Kim Minsu\ntags: [travel, hotel]\ndate: 2024-03-02\n---\n# Trip\n\nHotels cost 90.\n"
    )
    (folder / "rates.csv").write_text("City,Rate\nRome,90\nOslo,120\n")
    return folder


def test_metadata_lines_and_dates_come_with_a_chunk(office: Path, settings: Settings) -> None:
    moment = datetime(2023, 5, 17, 12).timestamp()
    os.utime(office / "rates.csv", (moment, moment))
    found = indexed(office, settings)
    trip, rates = found["trip.md"], found["rates.csv"]
    assert trip.metadata["author"] == ("Kim Minsu",)
    assert trip.metadata["tags"] == ("travel", "hotel")
    assert rates.lines == (2, 3)
    assert trip.origin and rates.origin
    assert (day_of(trip.origin), day_of(rates.origin)) == ("2024-03-02", "2023-05-17")


def test_a_file_that_changed_since_is_told_from_one_that_did_not(office: Path, settings: Settings) -> None:
    found = indexed(office, settings)
    (office / "trip.md").write_text("Else.")
    (office / "rates.csv").rename(office / "gone.csv")
    origins = [found[name].origin for name in ("trip.md", "rates.csv")]
    assert [origin is not None and has_changed(origin) for origin in origins] == [True, False]


def test_a_file_keeps_the_hashes_and_dates_of_its_versions(office: Path, settings: Settings) -> None:
    indexed(office, settings)
    for text in ("City,Rate\nRome,95\n", "City,Rate\nRome,99\n"):
        (office / "rates.csv").write_text(text)
        indexed(office, settings)
    indexed(office, settings)
    with Collection.open("default", settings) as held:
        infos = {info.source: info for info in held.files()}
        assert (infos["rates.csv"].versions, infos["trip.md"].versions) == (3, 1)
        versions = held.versions(infos["rates.csv"].id)
        (record,) = [one for one in held.records() if one.source == "rates.csv"]
    assert len({one.sha256 for one in versions}) == 3
    assert versions[0].sha256 == record.sha256
    assert [one.indexed_at for one in versions] == sorted((one.indexed_at for one in versions), reverse=True)
    assert versions[0].mtime_ns > versions[2].mtime_ns


def test_what_is_cut_anew_from_the_catalogue_keeps_its_places(tmp_path: Path) -> None:
    rows = "\n".join(f"| {n} |" for n in range(2, 30))
    blocks = [Block(f"| Number |\n| --- |\n{rows}", "table", page=2, line=2)]
    document = SourceDocument(
        "Title", blocks, 2, None, ("i", "ii"), {"author": ("Kim",)}, textless_pages=(1,)
    )
    path = tmp_path / "a.xlsx"
    path.touch()
    record = FileRecord("00000000-0000-0000-0000-000000000001", str(path), "", "a.xlsx", 0, 0, 0, "r")
    first = prepare(path, record, [document], MODEL, 40)
    again = rechunk(first, MODEL, 40)
    for content in (first, again):
        assert spans(content) == [(2, 29)]
        assert content.textless_pages == [1]
        assert content.documents[0].metadata == {"author": ("Kim",)}
        assert {one.page_label for one in content.chunks()} == {"ii"}


def spans(content: FileContent) -> list[tuple[int, int]]:
    lines = [one.lines for one in content.chunks() if one.lines]
    return [(min(first for first, _ in lines), max(last for _, last in lines))]


# -- catalogues of earlier versions --------------------------------------------------------------------


def test_an_earlier_catalogue_is_led_to_the_tables_of_today(office: Path, settings: Settings) -> None:
    indexed(office, settings)
    path = catalog_path(settings)
    _make_old(path)
    with Collection.open("default", settings) as held:  # opened for reading alone
        assert {one.source for one in held.chunks(sorted(held.catalog.chunks.ids())).values()} == {
            "trip.md",
            "rates.csv",
        }
        assert [info.versions for info in held.files()] == [1, 1]
        assert len(held.versions(held.files()[0].id)) == 1
        assert held.fields() == {}
        assert held.keyword("hotels", 5, {"page": 0})
    (office / "trip.md").write_text("---\nauthor: Lee\n---\nHotels cost 95.")
    assert indexed(office, settings)["trip.md"].metadata == {"author": ("Lee",)}


def _make_old(path: Path) -> None:
    """Take away what the second step adds."""
    added = {
        "files": ["textless_pages"],
        "documents": ["metadata", "dated"],
        "chunks": ["page_label", "line", "line_end"],
    }
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE versions")
        database.execute("DROP TABLE tags")
        database.execute("DROP INDEX ix_chunks_headings")
        for table, columns in added.items():
            for column in columns:
                database.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        database.execute("UPDATE meta SET value = '1' WHERE key = 'schema'")
    database.close()


def test_a_filter_by_page_finds_what_runs_over_its_beginning(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    lines = ["Leave carries over if the manager agrees and", "the days were planned. They count once."]
    pages = [[(72.0, 700.0, 11.0, line)] for line in lines]
    write_pdf(tmp_path / "docs" / "leave.pdf", pages)
    settings = Settings(data_dir=tmp_path / "data", vector_backend="faiss", chunk_tokens=128)
    report = sync([tmp_path / "docs"], settings, MODEL, collection="default")
    assert not report.failed
    with Collection.open("default", settings) as held:
        for page, count in ((1, 1), (2, 1), (3, 0)):
            assert len(held.keyword("manager", 5, {"page": page})) == count
            assert len(held.dense(MODEL.embed_query("manager"), 5, {"page": [page]})) == count
        [found] = held.chunks([hit.id for hit in held.keyword("manager", 5)]).values()
        assert (found.page, found.page_end) == (1, 2)
