"""Uploaded files are kept under harmless names, apart from one another, and within limits."""

from __future__ import annotations

import io
import unicodedata
from pathlib import Path

import pytest

from app.errors import DocumentError, StorageError
from app.ui import uploads


class Upload(io.BytesIO):
    """What the browser sends, as Streamlit hands it over."""

    def __init__(self, name: str, content: bytes = b"hello") -> None:
        super().__init__(content)
        self.name = name
        self.size = len(content)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("handbook.pdf", "handbook.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\me\\연차 규정.docx", "연차 규정.docx"),
        ("a<b>c:d|e?f*.txt", "a_b_c_d_e_f_.txt"),
        ("\u202egnp.txt", "gnp.txt"),
        ("a\x00b\nc.txt", "abc.txt"),
        (".hidden.txt", "hidden.txt"),
        ("CON.txt", "_CON.txt"),
        ("nul", "_nul"),
        ("", "_"),
        ("   ..  ", "_"),
        ("report.txt. . ", "report.txt"),
    ],
)
def test_a_name_is_made_harmless(sent: str, kept: str):
    assert uploads.safe_name(sent) == kept


def test_names_are_composed_and_short_enough_for_every_file_system():
    decomposed = unicodedata.normalize("NFD", "취업규칙.pdf")
    assert uploads.safe_name(decomposed) == "취업규칙.pdf"
    long = uploads.safe_name("가" * 300 + ".pdf")
    assert len(long.encode()) <= 200
    assert long.endswith(".pdf")


def test_a_file_is_kept_as_it_was_sent(tmp_path: Path):
    path = uploads.save(Upload("a/b/규정.txt", "내용".encode()), tmp_path / "uploads" / "hr", 1)
    assert path == tmp_path / "uploads" / "hr" / "규정.txt"
    assert path.read_text(encoding="utf-8") == "내용"


def test_another_file_with_the_same_name_is_kept_apart(tmp_path: Path):
    names = [uploads.save(Upload("a.txt", text), tmp_path, 1).name for text in (b"one", b"two", b"six")]
    names.append(uploads.save(Upload("A.TXT", b"ten"), tmp_path, 1).name)
    assert names == ["a.txt", "a (2).txt", "a (3).txt", "A (4).TXT"]
    assert (tmp_path / "a.txt").read_bytes() == b"one"


def test_the_same_file_sent_twice_is_kept_once(tmp_path: Path):
    first = uploads.save(Upload("a.txt"), tmp_path, 1)
    assert uploads.save(Upload("a.txt"), tmp_path, 1) == first
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize(
    ("upload", "word"),
    [
        (Upload("virus.exe"), "virus.exe"),
        (Upload("no-suffix"), "no-suffix"),
        (Upload("empty.pdf", b""), "empty"),
        (Upload("large.pdf", b"x" * 1_000_001), "DOCENT_MAX_UPLOAD_MB"),
    ],
)
def test_what_cannot_be_indexed_is_refused_with_the_cause(upload: Upload, word: str, tmp_path: Path):
    with pytest.raises(DocumentError, match=word):
        uploads.save(upload, tmp_path, 1)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path):
    (tmp_path / "uploads").write_text("in the way")
    with pytest.raises(StorageError, match=r"a\.txt"):
        uploads.save(Upload("a.txt"), tmp_path / "uploads" / "hr", 1)


def test_only_uploads_are_ever_deleted(tmp_path: Path):
    kept = uploads.save(Upload("a.txt"), uploads.folder_of(tmp_path, "hr"), 1)
    theirs = tmp_path / "theirs.txt"
    theirs.write_text("not ours")
    assert not uploads.remove(theirs, tmp_path)
    assert not uploads.remove(uploads.folder_of(tmp_path, "hr") / ".." / ".." / "theirs.txt", tmp_path)
    assert uploads.remove(kept, tmp_path)
    assert theirs.exists()
    assert not kept.exists()
