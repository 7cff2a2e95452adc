"""Files whose suffix says another kind than their content is of."""

from __future__ import annotations

import zipfile
from pathlib import Path

import docx
import pytest
from doubles import write_pdf
from office_files import write_doc

from app.errors import DocumentError
from ingest.loaders import read


def text(path: Path) -> str:
    return "\n".join(block.text for document in read(path) for block in document.blocks)


def word(path: Path) -> Path:
    document = docx.Document()
    document.add_paragraph("Leave is counted in days.")
    document.save(str(path))
    return path


@pytest.mark.parametrize("name", ["a.pdf", "a.txt", "a.md", "a.png", "a.html", "a.DOC"])
def test_a_word_file_is_read_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    assert text(word(tmp_path / name)) == "Leave is counted in days."


@pytest.mark.parametrize("name", ["a.docx", "a.txt", "a.json", "a.jpg"])
def test_a_pdf_is_read_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    path = write_pdf(tmp_path / name, [[(72.0, 700.0, 11.0, "Leave is counted in days.")]])
    assert text(path) == "Leave is counted in days."


def test_an_old_word_file_is_read_by_another_name(tmp_path: Path) -> None:
    old = write_doc(tmp_path / "a.doc", "Leave is counted in days.\r", [b"\0\0"])
    assert text(old.rename(tmp_path / "a.pdf")) == "Leave is counted in days."


def test_an_archive_is_read_by_another_name(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.csv", "w") as archive:
        archive.writestr("rules.md", "Leave is counted in days.")
    assert "Leave is counted in days." in text(tmp_path / "a.csv")


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-", b"\xff\xd8\xff"]
)
@pytest.mark.parametrize("name", ["a.pdf", "a.md", "a.docx", "a.doc"])
def test_a_mark_without_its_content_is_a_clear_error(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content + b"\0" * 600)
    with pytest.raises(DocumentError, match=name):
        text(tmp_path / name)
