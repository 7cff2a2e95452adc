"""`@name`: read from a question, resolved against a collection's files and folders, and suggested."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.chat.retrieve.names import Place, _places, best, meant
from app.chat.retrieve.query import mentions, parse, without_marks
from app.config import Settings
from app.errors import MentionError
from app.runtime import build
from app.schemas import Question, Role, Turn
from ingest.catalog import FileRecord


def shelf(*sources: str, root: str = "/data/docs") -> tuple[Place, ...]:
    return tuple(_places(records(*sources, root=root)))


def records(*sources: str, root: str = "/data/docs") -> list[FileRecord]:
    return [FileRecord(f"{root}/{name}", f"{root}/{name}", root, name, 1, 1, 1, "") for name in sources]


FILES = shelf(
    "휴가규정.md", "휴가신청서.docx", "annual report.pdf", "hr/handbook.pdf", "it/handbook.pdf", "it/vpn.md",
    "Überstunden.txt", "archive/2024/notes.txt",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words", "names"),
    [
        ("@휴가규정 연차는 며칠?", "연차는 며칠?", ["휴가규정"]),
        ("@휴가규정에서 연차는?", "연차는?", ["휴가규정에서"]),
        ('What does @"annual report.pdf" say?', "What does say?", ["annual report.pdf"]),
        ("“Leave” in @hr/, or (@it/handbook.pdf)?", "“Leave” in , or ()?", ["hr/", "it/handbook.pdf"]),
        ("leave days @handbook.pdf.", "leave days .", ["handbook.pdf"]),
    ],
)
def test_a_mention_is_taken_out_of_a_question(text: str, words: str, names: list[str]):
    query = parse(text)
    assert (query.text, list(query.where["mention"])) == (words, names)
    assert [name for *_, name in mentions(text)] == names


@pytest.mark.parametrize(
    "text",
    [
        "Write to kim@example.com", "10 apples @ 5 dollars", "@ noon", "a@b", r"What is \@property?",
        "`@property` in Python", "@", "me@@you", "메일은hr@회사.kr 입니다",
    ],
)  # fmt: skip
def test_an_address_or_a_mere_sign_is_no_mention(text: str):
    assert parse(text).where == {}
    assert parse(text).text == text


def test_a_quoted_filter_keeps_its_at_sign_and_a_quoted_name_its_colon():
    assert parse('source:"a @b.pdf" days').where == {"source": ("a @b.pdf",)}
    assert parse('@"page:3 notes.pdf" days').where == {"mention": ("page:3 notes.pdf",)}


def test_what_was_mentioned_earlier_is_plain_words_now():
    assert without_marks('Compare @"annual report.pdf" and @vpn.') == "Compare annual report.pdf and vpn."


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("휴가규정", "휴가규정.md"),
        (unicodedata.normalize("NFD", "휴가규정.md"), "휴가규정.md"),
        ("휴가규정에서", "휴가규정.md"),
        ("휴가규정.md은", "휴가규정.md"),
        ("휴가규", "휴가규정.md"),
        ("ANNUAL REPORT", "annual report.pdf"),
        ("annual", "annual report.pdf"),
        ("hr/handbook", "hr/handbook.pdf"),
        ("it\\vpn.md", "it/vpn.md"),
        ("vpn's", "it/vpn.md"),
        ("hr/", "hr/"),
        ("hr", "hr/"),
        ("2024/", "archive/2024/"),
        ("docs/", "docs/"),
        ("über", "Überstunden.txt"),
        ("ÜBERSTUNDEN", "Überstunden.txt"),
    ],
)
def test_a_name_means_one_file_or_folder(typed: str, name: str):
    assert meant(typed, FILES).name == name


def test_a_folder_stands_for_all_its_files():
    assert meant("it/", FILES).ids == ("/data/docs/it/handbook.pdf", "/data/docs/it/vpn.md")


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("handbook", ["@hr/handbook.pdf", "@it/handbook.pdf"]),
        ("휴가", ["@휴가규정.md", "@휴가신청서.docx"]),
        ("휴가규칙", ["@휴가규정.md"]),
        ("anual report", ['@"annual report.pdf"']),
    ],
)
def test_what_is_ambiguous_or_unknown_is_told_with_the_nearest_names(typed: str, nearest: Sequence[str]):
    with pytest.raises(MentionError) as error:
        meant(typed, FILES)
    assert all(name in str(error.value) for name in nearest)
    assert typed in str(error.value)


def test_a_file_and_a_folder_of_one_name_are_told_apart_by_the_slash():
    both = shelf("hr.md", "hr/leave.md")
    assert meant("hr/", both).name == "hr/"
    assert meant("hr.md", both).name == "hr.md"
    with pytest.raises(MentionError, match=r"any of these: @hr/, @hr\.md"):
        meant("hr", both)


def test_the_same_path_below_two_roots_is_named_with_its_root():
    both = [*_places([*records("a.md", root="/x/old"), *records("a.md", root="/x/new")])]
    assert [place.name for place in both if not place.is_folder] == ["old/a.md", "new/a.md"]
    assert meant("new/a.md", both).ids == ("/x/new/a.md",)
    with pytest.raises(MentionError, match=r"@old/a\.md, @new/a\.md"):
        meant("a.md", both)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("휴", "휴가규정.md"), ("휴각", "휴가규정.md"), ("휴ㄱ", "휴가규정.md"),
        ("ㅎㄱㅅ", "휴가신청서.docx"), ("신청", "휴가신청서.docx"),
        ("rep", "annual report.pdf"), ("IT/V", "it/vpn.md"), ("hr", "hr/"),
        ("2024", "archive/2024/"), ('"ann', "annual report.pdf"),
    ],
)  # fmt: skip
def test_names_are_suggested_while_they_are_typed(typed: str, first: str):
    assert best(typed, FILES, 20)[0].name == first


def test_suggestions_are_few_and_none_where_nothing_fits():
    many = shelf(*(f"notes {n:04}.txt" for n in range(200)))
    assert len(best("notes", many, 20)) == 20
    assert best("qqq", many, 20) == []


def test_a_question_is_answered_from_what_it_names(tmp_path: Path):
    (tmp_path / "files/old").mkdir(parents=True)
    (tmp_path / "files/leave.md").write_text("Employees have 25 days of annual leave.", encoding="utf-8")
    (tmp_path / "files/old/leave 2019.md").write_text(
        "Employees have 20 days of annual leave.", encoding="utf-8"
    )
    with build(Settings(data_dir=tmp_path / "data")) as runtime:
        runtime.ingest([tmp_path / "files"])
        for name, days in (("@leave.md", "25"), ('@"leave 2019"', "20"), ("@old/", "20"), ("@files/", "25")):
            answer = runtime.answer(Question(text=f"{name} How many days of annual leave are there?"))
            assert f"{days} days" in answer.answer
        earlier = (
            Turn(role=Role.USER, content="@old/ leave?"),
            Turn(role=Role.ASSISTANT, content="20 days."),
        )
        following = runtime.answer(Question(text="And how many days of annual leave now?", history=earlier))
        assert any(one.source == "leave.md" for one in following.citations)
        with pytest.raises(MentionError, match="@leave"):
            runtime.answer(Question(text="@laeve How many days of annual leave are there?"))
        refused = runtime.answer(Question(text="@old/ Who discovered penicillin?"))
        assert refused.refusal is not None
        assert refused.refusal.suggestions[0].values["filter"] == "@old/"
