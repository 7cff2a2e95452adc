"""What all formats share: names of files, languages, and how conversations become turns."""

from __future__ import annotations

import string
from datetime import UTC, datetime
from pathlib import Path, PurePath

import pytest

from app.errors import NotFoundError, UsageError
from app.export import FORMATS, export, format_of, one_of, suggested_name, turns_of
from app.export.words import table
from app.history import History, Status
from app.schemas import Role


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("휴가 규정", "휴가 규정.pdf"),
        ('../../etc/passwd\x00"<>|?*:', "etc passwd.pdf"),
        ("CON", "_CON.pdf"),
        ("com1.txt", "_com1.txt.pdf"),
        ("...", "Conversation.pdf"),
        ("", "Conversation.pdf"),
        ("🎉", "Conversation.pdf"),
        ("a\u202efdp.exe", "afdp.exe.pdf"),
        ("How many days?\nAnd more", "How many days And more.pdf"),
        ("한".encode().decode() + "\u1112\u1161\u11ab", "한한.pdf"),
    ],
)
def test_file_names_are_safe_and_keep_korean(title: str, name: str):
    assert suggested_name(title, "pdf", "en") == name


def test_a_long_title_is_a_short_name_of_whole_letters():
    name = suggested_name("휴가" * 200, "docx", "ko")
    assert len(name.encode()) < 140
    assert set(name.removesuffix(".docx")) == {"휴", "가"}


def test_both_languages_say_the_same():
    fields = {
        key: {
            language: {n for _, n, _, _ in string.Formatter().parse(text) if n}
            for language, text in said.items()
        }
        for key, said in table().items()
    }
    assert len(fields) > 20
    assert all(said.keys() == {"en", "ko"} and said["en"] == said["ko"] for said in fields.values())


def test_a_suffix_names_its_format():
    assert format_of(PurePath("a/B.DOCX")) == "docx"
    with pytest.raises(UsageError, match=r"'a\.txt'.*\.md, \.docx, \.pdf"):
        format_of(PurePath("a.txt"))
    with pytest.raises(UsageError, match="'odt'"):
        export([], "odt", "en")


@pytest.mark.parametrize("format", FORMATS)
def test_an_empty_conversation_is_a_file(format: str):
    made = export([], format, "ko")
    assert made.data
    assert made.name == f"대화.{format}"
    assert made.mime == FORMATS[format].mime


def test_a_conversation_becomes_turns(tmp_path: Path):
    history = History(f"sqlite:///{tmp_path / 'h.sqlite'}")
    chat = history.create(title="T").id
    history.append(chat, Role.USER, "First?")
    history.append(chat, Role.ASSISTANT, "", status=Status.ERROR)  # tried again
    history.append(chat, Role.ASSISTANT, "Half", status=Status.STOPPED)
    history.append(chat, Role.ASSISTANT, "Whole")
    history.append(chat, Role.USER, "Second?")
    turns = turns_of(history.messages(chat))
    history.close()
    assert [(turn.question, turn.written, turn.status) for turn in turns] == [
        ("First?", "Half", Status.STOPPED),
        ("First?", "Whole", Status.DONE),
        ("Second?", "", None),
    ]
    assert turns[0].asked is not None and turns[0].asked <= datetime.now(UTC)
    assert one_of(turns, 2) is turns[1]
    with pytest.raises(NotFoundError, match=r"no answer 4 .* 3 answers"):
        one_of(turns, 4)
