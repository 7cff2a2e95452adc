"""What is told of a collection's health, from real collections."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from doubles import WordModel, catalog_path

from app.config import Settings
from app.schemas import FileStatus
from ingest.collection import Collection
from ingest.health import Health, health
from ingest.health.alike import ALIKE, groups
from ingest.pipeline import sync
from ingest.sketch import BINS, likeness, read_sketches, sketch

Examine = Callable[..., Health]

ENGLISH = (
    "annual leave travel costs receipts manager approval overtime hours contract notice period salary bonus "
    "training budget equipment laptop remote office meeting holiday sickness insurance pension parental "
    "working days request answer refund expense report department project customer invoice delivery quality"
)
KOREAN = (
    "연차 휴가 출장비 영수증 부서장 승인 연장근로 시간 계약 통지 기간 급여 상여금 교육비 장비 "
    "노트북 재택근무 사무실 회의 공휴일 병가 보험 연금 육아휴직 근무일 신청서 답변 환급 "
    "경비 보고서 부서 과제 고객 송장 납품 품질"
)


def prose(seed: int, words: str = ENGLISH, sentences: int = 30) -> list[str]:
    """Sentences at random, always the same ones for a seed."""
    chance = random.Random(seed)
    return [" ".join(chance.choices(words.split(), k=12)).capitalize() + "." for _ in range(sentences)]


def replaced(sentences: Sequence[str], share: float, seed: int = 9) -> str:
    """The text with this share of its words replaced."""
    chance = random.Random(seed)
    words = " ".join(sentences).split()
    return " ".join(f"other{chance.random()}" if chance.random() < share else word for word in words)


@pytest.fixture
def examine(settings: Settings, tmp_path: Path) -> Examine:
    """Index files (name -> text) and look at the collection."""
    folder = tmp_path / "docs"
    model = WordModel()

    def call(files: dict[str, str | bytes]) -> Health:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        sync([folder], settings, model, collection="default")
        with Collection.open("default", settings) as held:
            return health(held)

    return call


# -- counting ----------------------------------------------------------------------------------------


def test_files_are_counted_by_type_and_status_with_their_errors(examine: Examine) -> None:
    found = examine(
        {"a.txt": "One.", "b.TXT": "Two.", "sub/c.md": "# Three\n\nWords.", "bad.pdf": b"%PDF-1.7 nothing"}
    )
    assert [(kind.name, kind.files) for kind in found.types] == [("txt", 2), ("md", 1), ("pdf", 1)]
    assert found.statuses == {FileStatus.INDEXED: 3, FileStatus.FAILED: 1}
    [failed] = found.failed
    assert failed.path == "bad.pdf" and "broken" in failed.error
    assert (found.files, found.documents, found.size) == (4, 3, sum(kind.size for kind in found.types))
    assert found.last_run is not None
    assert (found.last_run.added, found.last_run.failed) == (3, 1)
    assert {one.file for one in found.largest} == {"a.txt", "b.TXT", "sub/c.md", "bad.pdf"}


def test_it_goes_through_json_unchanged(examine: Examine) -> None:
    found = examine({"a.txt": "One.", "bad.pdf": b"%PDF-1.7 nothing", "휴가.txt": "연차는 15일이다."})
    assert Health.model_validate_json(found.model_dump_json()) == found


def test_every_file_has_the_seconds_that_reading_it_took(examine: Examine) -> None:
    found = examine({"a.txt": "One.", "bad.pdf": b"%PDF-1.7 nothing"})
    assert {one.file for one in found.slowest} == {"a.txt", "bad.pdf"}
    assert all(0 <= one.seconds < 60 for one in found.slowest)
    assert found.slowest[0].seconds >= found.slowest[1].seconds


def test_a_document_says_its_own_day_and_others_have_that_of_the_file(examine: Examine) -> None:
    found = examine({"old.md": "---\ndate: 1999-05-03\n---\n\nOld words.", "new.txt": "New words."})
    assert found.oldest is not None and found.newest is not None
    assert (found.oldest.file, found.oldest.day) == ("old.md", "1999-05-03")
    assert found.newest.file == "new.txt" and found.newest.day > "2020"


def test_pages_without_text_are_named(examine: Examine, settings: Settings) -> None:
    examine({"a.txt": "One.", "scan.txt": "Two."})
    with sqlite3.connect(catalog_path(settings)) as database:
        database.execute("UPDATE files SET textless_pages = '[2, 3, 7]', pages = 9 WHERE source = 'scan.txt'")
    database.close()
    with Collection.open("default", settings) as held:
        found = health(held)
    [scan] = found.textless
    assert (scan.file, scan.textless, scan.pages) == ("scan.txt", (2, 3, 7), 9)
    assert (found.textless_files, found.textless_pages) == (1, 3)


def test_languages_are_shares_of_the_text(examine: Examine) -> None:
    korean, english = " ".join(prose(1, KOREAN)), " ".join(prose(2))
    chinese = "所有员工在入职三个月后可以申请带薪休假。" * 10
    found = examine({"ko.txt": korean, "en.txt": english, "zh.txt": chinese})
    total = len(korean) + len(english) + len(chinese)
    assert found.languages["ko"] == pytest.approx(len(korean) / total, abs=0.03)
    assert found.languages["en"] == pytest.approx(len(english) / total, abs=0.03)
    assert found.languages["other"] == pytest.approx(len(chinese) / total, abs=0.03)


def test_the_lengths_of_chunks_are_counted_in_characters(examine: Examine, settings: Settings) -> None:
    found = examine({"a.txt": "Short.", "long.txt": " ".join(prose(1)), "ko.txt": " ".join(prose(1, KOREAN))})
    with Collection.open("default", settings) as held:
        lengths = [len(text) for text in held.catalog.chunks.sample_texts(1000)]
    sizes = found.sizes
    assert (sizes.shortest, sizes.longest) == (min(lengths), max(lengths))
    assert sizes.mean == round(sum(lengths) / len(lengths))
    assert sum(sizes.counts) == found.chunks == len(lengths)
    for number, count in enumerate(sizes.counts[:-1]):
        assert count == sum(length // sizes.step == number for length in lengths)


def test_the_fit_names_the_model_that_helps(examine: Examine, settings: Settings) -> None:
    found = examine({"a.txt": "One."})
    assert found.fit.model == "words" and found.fit.better is None
    with sqlite3.connect(catalog_path(settings)) as database:
        database.execute("UPDATE meta SET value = '0.4' WHERE key = 'unread'")
    database.close()
    with Collection.open("default", settings) as held:
        fit = health(held).fit
    assert fit.unread == 0.4 and "e5" in str(fit.better)


def test_an_empty_collection_is_told_of(examine: Examine, tmp_path: Path, settings: Settings) -> None:
    found = examine({"bad.pdf": b"%PDF-1.7 nothing"})
    assert (found.chunks, found.languages, found.sizes.counts, found.alike) == (0, {}, (), ())
    assert found.statuses == {FileStatus.FAILED: 1}


# -- what is there twice -----------------------------------------------------------------------------


def test_copies_are_told_apart_from_what_is_nearly_the_same(examine: Examine) -> None:
    text, other = prose(1), prose(2)
    edited = [*text[:10], "This sentence is new in the edition of this year.", *text[11:]]
    found = examine(
        {
            "guide.txt": "\n\n".join(text),
            "copies/guide.txt": "\n\n".join(text),
            "guide-2026.md": "\n\n".join(edited),
            "different.txt": "\n\n".join(other),
        }
    )
    assert found.duplicates == (("copies/guide.txt", "guide.txt"),)
    assert (found.duplicate_files, found.duplicate_groups) == (1, 1)
    [near] = found.alike
    assert "guide-2026.md" in near.documents and len(near.documents) == 2
    assert ALIKE <= near.likeness < 1
    assert (found.alike_documents, found.alike_groups) == (1, 1)


def test_korean_editions_are_found_too(examine: Examine) -> None:
    text = prose(1, KOREAN)
    found = examine(
        {
            "취업규칙.txt": "\n".join(text),
            "취업규칙-개정.txt": "\n".join(
                [*text[:-2], "새로 들어온 조항은 올해부터 모든 직원에게 적용한다."]
            ),
            "여비규정.txt": "\n".join(prose(2, KOREAN)),
        }
    )
    assert [one.documents for one in found.alike] == [("취업규칙-개정.txt", "취업규칙.txt")]


def test_records_of_one_file_that_resemble_each_other_are_no_finding(examine: Examine) -> None:
    text = " ".join(prose(1, sentences=10))
    lines = "".join(f'{{"id": "r{n}", "text": "{text} Number {n}."}}\n' for n in range(5))
    assert examine({"export.jsonl": lines}).alike == ()
    [near] = examine({"single.txt": f"{text} Number 7."}).alike
    assert near.documents[0] == "export.jsonl › r0" and near.documents[-1] == "single.txt"


def test_short_texts_are_not_compared(examine: Examine) -> None:
    assert examine({"a.txt": "Yes, of course.", "b.txt": "Yes, of  course!"}).alike == ()


def test_files_of_one_name_are_told_by_their_whole_paths(tmp_path: Path, settings: Settings) -> None:
    for name in ("north", "south"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "readme.txt").write_text("The same words.", encoding="utf-8")
    sync([tmp_path / "north", tmp_path / "south"], settings, WordModel(), collection="default")
    with Collection.open("default", settings) as held:
        [copies] = health(held).duplicates
    assert copies == (str(tmp_path / "north" / "readme.txt"), str(tmp_path / "south" / "readme.txt"))


# -- sketches ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [ENGLISH, KOREAN])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.1, 0.5])
def test_a_sketch_estimates_the_share_of_common_runs(words: str, share: float) -> None:
    errors = []
    for seed in range(20):
        text = prose(seed, words)
        one, other = " ".join(text), replaced(text, share, seed)
        pair = read_sketches([sketch([one]), sketch([other])])
        errors.append(float(likeness(pair[:1], pair[1:])[0]) - _jaccard(one, other))
    assert abs(np.mean(errors)) < 0.03
    assert np.max(np.abs(errors)) < 0.2


def _jaccard(one: str, other: str) -> float:
    runs = [{text[n : n + 9] for n in range(len(text) - 8)} for text in (one.casefold(), other.casefold())]
    return len(runs[0] & runs[1]) / len(runs[0] | runs[1])


def test_a_sketch_depends_on_neither_case_nor_blanks_nor_broken_letters() -> None:
    text = " ".join(prose(1))
    assert sketch([text]) == sketch([text.upper().replace(" ", " \n ")])
    assert len(sketch([text])) == 2 * BINS
    assert sketch([f"{text} \ud800"]) != b""
    assert sketch([]) == sketch([""]) == sketch(["short"]) == b""


def test_groups_are_found_among_many() -> None:
    chance = np.random.default_rng(1)
    rows = chance.integers(1, 1 << 16, (5000, BINS), dtype=np.uint16)
    rows[4000] = rows[17]
    rows[100:400] = rows[99]
    rows[100:400][chance.random((300, BINS)) < 0.05] = 7
    assert groups(rows) == [list(range(99, 400)), [17, 4000]]
    assert groups(rows[:0]) == groups(rows[:1]) == []


def test_an_older_catalogue_gets_its_sketches(examine: Examine, settings: Settings) -> None:
    text = prose(1)
    before = examine({"a.txt": " ".join(text), "b.txt": " ".join([*text, "One more sentence."])})
    with sqlite3.connect(catalog_path(settings)) as database:
        database.execute("ALTER TABLE documents DROP COLUMN sketch")
        database.execute("ALTER TABLE files DROP COLUMN read_seconds")
        database.execute("UPDATE meta SET value = '3' WHERE key = 'schema'")
    database.close()
    with Collection.open("default", settings) as held:
        after = health(held)
    assert after.alike == before.alike != ()
    assert (len(before.slowest), after.slowest) == (2, ())
