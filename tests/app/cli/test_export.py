"""`docent export`, `import` and `feedback`, and `docent ask --output`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import docx
import pytest
from support.answers import answer

from app.cli import main
from app.config import load_settings
from app.history import History, Verdict
from app.runtime import build
from app.schemas import Role


class Result:
    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err


@pytest.fixture
def docent(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Run `docent …` in this process, in a data folder of its own."""
    monkeypatch.setenv("DOCENT_DATA_DIR", str(tmp_path / "data"))

    def call(*arguments: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["docent", *map(str, arguments)])
        capsys.readouterr()
        status = 0
        try:
            main()
        except SystemExit as end:
            status = int(end.code or 0)
        said = capsys.readouterr()
        return Result(status, said.out, said.err)

    return call


@pytest.fixture
def chats(docent: object) -> list[str]:
    """Two conversations; the ids, the older one first."""
    with build(load_settings()) as runtime:
        return [converse(runtime.history, "Leave?", 1), converse(runtime.history, "휴가는 며칠인가요?", 2)]


def converse(history: History, title: str, turns: int) -> str:
    made = history.create(title=title, collection="hr").id
    for n in range(turns):
        record = answer(question=f"{title} {n + 1}")
        history.append(made, Role.USER, record.question)
        history.append(made, Role.ASSISTANT, record.answer, record=record)
    return made


def test_the_newest_conversation_is_exported_under_its_title(docent, chats: list[str]):
    result = docent("export")
    assert (result.status, result.out) == (0, "")
    assert "Written: 휴가는 며칠인가요.md" in result.err
    said = Path("휴가는 며칠인가요.md").read_text(encoding="utf-8")
    assert "## 휴가는 며칠인가요? 2" in said
    assert "[^2]: **hr/휴가 규정.pdf, 3쪽**" in said


@pytest.mark.parametrize(("suffix", "begins"), [("md", b"# "), ("docx", b"PK"), ("pdf", b"%PDF-")])
def test_the_name_of_the_file_tells_the_format(docent, chats: list[str], suffix: str, begins: bytes):
    target = Path(f"out.{suffix}")
    result = docent("export", chats[0][:8], "-o", target, "--json")
    assert result.status == 0
    assert target.read_bytes().startswith(begins)
    assert json.loads(result.out)["file"] == str(target)


def test_one_answer_may_be_exported(docent, chats: list[str]):
    assert docent("export", chats[1], "--answer", 2, "-o", "two.md").status == 0
    assert Path("two.md").read_text(encoding="utf-8").startswith("# 휴가는 며칠인가요? 2\n")
    assert docent("export", "last", "--answer", 3, "-o", "three.md").status == 2


def test_conversations_are_listed(docent, chats: list[str]):
    result = docent("export", "--list")
    assert [line.split()[0] for line in result.out.splitlines()] == chats[::-1]
    assert "휴가는 며칠인가요?" in result.out
    assert [one["id"] for one in json.loads(docent("export", "--list", "--json").out)] == chats[::-1]


def test_a_file_that_is_there_stays(docent, chats: list[str]):
    Path("kept.md").write_text("mine", encoding="utf-8")
    result = docent("export", "-o", "kept.md")
    assert result.status == 2
    assert "'kept.md' is there already" in result.err
    assert Path("kept.md").read_text(encoding="utf-8") == "mine"
    assert docent("export", "-o", "kept.md", "--force").status == 0
    assert Path("kept.md").read_text(encoding="utf-8").startswith("# ")
    assert sorted(path.name for path in Path().iterdir()) == ["kept.md"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-o", "x.txt"), "no suffix of an export"),
        (("--format", "odt"), "no export format 'odt'"),
        (("nonesuch",), "--list"),
        (("last", "-o", "no/such/folder/x.md"), "cannot be written"),
        (("last", "-o", "."), "is a folder"),
    ],
)
def test_what_cannot_be_done_is_told(docent, chats: list[str], arguments: tuple[str, ...], words: str):
    if arguments[-1] == ".":
        arguments = (*arguments, "--format", "md")
    result = docent("export", *arguments)
    assert result.status != 0
    assert result.err.startswith("Error: ")
    assert words in result.err


def test_without_conversations_it_says_where_they_come_from(docent):
    assert "docent ui" in docent("export").err
    assert docent("export", "--list").status == 0


def test_an_answer_of_the_command_line_is_exported(docent, tmp_path: Path):
    leave = tmp_path / "leave.md"
    leave.write_text("# Leave\n\nEvery employee has 25 days of paid leave a year.\n", encoding="utf-8")
    assert docent("ingest", leave).status == 0
    question = "How many days of paid leave does an employee have?"
    result = docent("ask", question, "-o", "answer.docx")
    assert result.status == 0
    assert "25 days" in result.out
    read = docx.Document("answer.docx")
    assert read.paragraphs[0].text == question
    assert any("25 days" in paragraph.text for paragraph in read.paragraphs)
    again = docent("ask", question, "-o", "answer.docx")
    assert again.status == 2
    assert again.out == ""  # told before anything is asked
    assert docent("ask", question, "-o", "answer.html").status == 2


# -- files that are read again, and ratings ----------------------------------------------------------------


@pytest.fixture
def rated(chats: list[str]) -> str:
    """The id of an answer that was rated and corrected."""
    with build(load_settings()) as runtime:
        said = runtime.history.messages(chats[0])[-1].id
        runtime.history.feedback.rate(said, Verdict.BAD)
        runtime.history.feedback.explain(said, reason="wrong", words="No\x1b[31m.", correction="16 days [1].")
    return said


def test_what_is_exported_can_be_imported(docent, rated: str, tmp_path: Path, monkeypatch):
    assert docent("export", "--all", "-o", "all.json").status == 0
    again = docent("import", "all.json", "--json")
    assert {name: len(found) for name, found in json.loads(again.out).items()} == {"added": 0, "known": 2}
    monkeypatch.setenv("DOCENT_DATA_DIR", str(tmp_path / "other"))
    result = docent("import", "all.json")
    assert (result.status, len(result.out.splitlines())) == (0, 2)
    assert "Imported: 2" in result.err
    assert "16 days" in json.loads(docent("feedback", "list", "--json").out)[0]["correction"]
    one = docent("export", "last", "-o", "one.json", "--json")
    assert json.loads(one.out)["mime"] == "application/json"
    assert docent("import", "one.json").err == "Imported: 0; there already: 1\n"


def test_nothing_is_imported_when_one_file_is_broken(docent, chats: list[str]):
    Path("good.md").write_text("**User:** Hello?\n\n**Assistant:** Yes.\n", encoding="utf-8")
    Path("bad.json").write_text('[\n{"mapping": }]', encoding="utf-8")
    result = docent("import", "good.md", "bad.json")
    assert result.status == 2
    assert "'bad.json' cannot be imported. Line 2" in result.err
    assert len(docent("export", "--list").out.splitlines()) == 2
    assert docent("import", "nonesuch.json").status == 2
    assert docent("import", "good.md").status == 0
    assert len(docent("export", "--list").out.splitlines()) == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("--all", "-o", "x.md"), "Only JSON"), (("--format", "json", "--answer", 1), "whole conversation")],
    ids=["all", "answer"],
)
def test_what_json_is_not_for_is_told(docent, chats: list[str], arguments: tuple[str, ...], words: str):
    result = docent("export", *arguments)
    assert result.status == 2 and words in result.err


def test_ratings_are_listed(docent, rated: str):
    [line] = docent("feedback", "list").out.splitlines()
    assert line.startswith("- 20") and line.endswith("(wrong; No\ufffd[31m.; corrected)")
    [found] = json.loads(docent("feedback", "list", "--json").out)
    assert (found["message_id"], found["verdict"], found["reason"]) == (rated, "bad", "wrong")


def test_ratings_are_written_for_tuning(docent, rated: str):
    result = docent("feedback", "export", "-o", "pairs.jsonl")
    assert result.err == "Written: pairs.jsonl (1 examples)\n"
    row = json.loads(Path("pairs.jsonl").read_text(encoding="utf-8"))
    assert (row["chosen"], row["rejected"]) == (" 16 days [1].", " 연차는 15일입니다 [1].")
    assert docent("feedback", "export", "-o", "pairs.jsonl").status == 2
    assert docent("feedback", "export", "--format", "kto", "--conversational", "-o", "kto.jsonl").status == 0
    assert len(Path("kto.jsonl").read_text(encoding="utf-8").splitlines()) == 2


def test_without_ratings_it_says_where_they_come_from(docent, chats: list[str]):
    assert "docent ui" in docent("feedback", "list").err
