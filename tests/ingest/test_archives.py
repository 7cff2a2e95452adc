"""What comes of archives: members by their readers, names of any computer, hostile ones kept in bounds."""

from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys
import tempfile
import unicodedata
import zipfile
from functools import partial
from pathlib import Path

import pytest

from app.errors import DocumentError
from ingest.loaders import SourceDocument, archive, members, read
from ingest.loaders.options import ReadOptions, reading_with


def packed(path: Path, **files: str | bytes) -> Path:
    """A ZIP; "_" in a keyword stands for "." ."""
    return pack(path, {name.replace("_", "."): content for name, content in files.items()})


def pack(path: Path, files: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files.items():
            target.writestr(name, content)
    return path


def by_record(path: Path) -> dict[str | None, SourceDocument]:
    documents = list(read(path))
    assert len({document.record_id for document in documents}) == len(documents), "records are told apart"
    return {document.record_id: document for document in documents}


def text(document: SourceDocument) -> str:
    return "\n".join(block.text for block in document.blocks)


def test_members_are_documents_with_their_path(tmp_path: Path) -> None:
    path = pack(
        tmp_path / "all.zip",
        {
            "leave.md": "# Annual leave\n\nFifteen days.\n",
            "규정/휴가.txt": "연차는 15일이다.\n".encode("cp949"),
            "rows.jsonl": '{"id": "a", "text": "First."}\n{"id": "b", "text": "Second."}\n',
            "__MACOSX/._leave.md": b"\x00\x05\x16\x07",
            ".DS_Store": b"\x00\x00\x00\x01",
        },
    )
    found = by_record(path)
    assert set(found) == {"leave.md", "규정/휴가.txt", "rows.jsonl/a", "rows.jsonl/b", None}
    assert found["leave.md"].title == "Annual leave"
    assert text(found["규정/휴가.txt"]) == "연차는 15일이다."
    assert found["규정/휴가.txt"].title == "휴가"
    overview = text(found[None])
    assert overview.startswith("all.zip: 3 of 3 files were read.")
    assert "- 규정/휴가.txt" in overview
    assert "._leave" not in overview


def test_one_bad_member_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    path = packed(
        tmp_path / "a.zip",
        good_txt="Here.",
        empty_txt="",
        setup_exe=b"MZ",
        broken_json="{",
        broken_docx=b"no",
    )
    found = by_record(path)
    assert set(found) == {"good.txt", None}
    overview = text(found[None])
    assert "1 of 5 files were read" in overview
    assert "- empty.txt: empty.txt is empty (0 bytes)" in overview
    assert "- setup.exe: files of type '.exe' are not read" in overview
    assert "- broken.json: broken.json, line 1: not valid JSON" in overview
    assert "- broken.docx: broken.docx is broken" in overview


def test_a_damaged_member_does_not_lose_the_others(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", good_txt="Here.", bad_txt="Gone " * 1000)
    data = bytearray(path.read_bytes())
    start = data.find(b"bad.txt") + len("bad.txt")
    data[start : start + 10] = b"\xff" * 10
    path.write_bytes(data)
    found = by_record(path)
    assert set(found) == {"good.txt", None}
    assert "bad.txt: cannot be unpacked (" in text(found[None])


def test_names_of_old_korean_archives_are_decoded(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", AAAA_txt="연차는 15일이다.")
    path.write_bytes(path.read_bytes().replace(b"AAAA.txt", "휴가".encode("cp949") + b".txt"))
    assert "휴가.txt" in by_record(path)


def test_western_names_and_decomposed_names(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {unicodedata.normalize("NFD", "휴가.txt"): "가", "B.txt": "b"})
    path.write_bytes(path.read_bytes().replace(b"B.txt", b"\x99.txt"))  # Ö in code page 437
    assert set(by_record(path)) == {"휴가.txt", "Ö.txt", None}


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("../../etc/evil.txt", "etc/evil.txt"),
        ("/abs/evil.txt", "abs/evil.txt"),
        ("..\\..\\evil.txt", "evil.txt"),
        ("C:\\evil.txt", "C_/evil.txt"),
        ("a/./b/\x1b[31mevil.txt", "a/b/_[31mevil.txt"),
        ("x" * 5000 + ".txt", "x" * 5000 + ".txt"),
        ("가" * 200 + ".txt", "가" * 200 + ".txt"),
    ],
)
def test_hostile_names_write_nothing_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, record: str
) -> None:
    scratch = tmp_path / "a" / "b" / "scratch"
    scratch.mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    path = pack(tmp_path / "a.zip", {name: "Evil?"})
    assert set(by_record(path)) == {record, None}
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == [tmp_path / "a.zip"]


def test_equal_names_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("a.txt", "One.")
        with pytest.warns(UserWarning, match="Duplicate name"):
            target.writestr("a.txt", "Two.")
    assert {name: text(found) for name, found in by_record(path).items() if name} == {
        "a.txt": "One.",
        "a.txt (2)": "Two.",
    }


def test_names_made_to_clash_are_told_apart(tmp_path: Path) -> None:
    records = '{"id": "a", "text": "One."}\n{"text": "Two."}\n{"text": "Three."}\n'
    names = [
        "r.jsonl",
        "R/../r.jsonl",
        "./r.jsonl",
        "r.jsonl/a",
        "r.jsonl (2)",
        "r.jsonl/a.txt",
        "r.jsonl (2).txt",
    ]
    path = pack(tmp_path / "a.zip", {name: records for name in names})
    found = by_record(path)
    assert {"r.jsonl", "r.jsonl/a", "R/r.jsonl/a", "r.jsonl/a.txt", None} < set(found)


def test_archives_in_archives_are_read_to_a_depth(tmp_path: Path) -> None:
    data = b"Deep."
    name = "deep.txt"
    for level in range(members.MAX_DEPTH + 1):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as target:
            target.writestr(name, data)
            target.writestr(f"level{level}.txt", "Here.")
        data, name = buffer.getvalue(), f"{level}.zip"
    (tmp_path / "a.zip").write_bytes(data)
    found = by_record(tmp_path / "a.zip")
    prefix = "/".join(f"{level}.zip" for level in range(members.MAX_DEPTH - 1, 0, -1))
    assert f"{prefix}/level1.txt" in found
    assert not any(name and name.endswith(("level0.txt", "deep.txt")) for name in found)
    assert f"more than {members.MAX_DEPTH} files deep" in text(found[prefix])


def encrypted(path: Path) -> Path:
    """The flag alone: the reader must not even try."""
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        position = data.find(b"secret.txt") if signature == b"PK\x03\x04" else data.rfind(b"secret.txt")
        header = data.rfind(signature, 0, position)
        struct.pack_into("<H", data, header + offset, 1)
    path.write_bytes(data)
    return path


def test_members_with_a_password_are_noted(tmp_path: Path) -> None:
    path = encrypted(packed(tmp_path / "a.zip", open_txt="Here.", secret_txt="Hidden."))
    assert "secret.txt: protected by a password" in text(by_record(path)[None])
    with pytest.raises(DocumentError, match=r"no file that can be read .*protected by a password"):
        list(read(encrypted(packed(tmp_path / "b.zip", secret_txt="Hidden."))))


def test_a_bomb_is_refused_unopened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_BOMB_BYTES", 1_000_000)
    path = packed(tmp_path / "a.zip", bomb_txt=b"A" * 4_000_000, good_txt="Here.")
    found = by_record(path)
    assert set(found) == {"good.txt", None}
    assert "bomb.txt: not read: it unpacks to" in text(found[None])


def test_more_bytes_than_the_limit_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(DocumentError, match=r"unpacks to .* that are read: unpack it into a folder"):
        list(read(packed(tmp_path / "a.zip", big_txt="A" * 2000)))


def test_nested_archives_share_one_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "Budget", partial(members.Budget, size=5000))
    inner = packed(tmp_path / "in.zip", big_txt="A B " * 1000).read_bytes()
    path = pack(tmp_path / "a.zip", {f"{number}.zip": inner for number in range(3)})
    found = by_record(path)
    assert "0.zip/big.txt" in found
    assert "1.zip/big.txt" not in found
    assert "unpacks to more than" in text(found[None])


def test_members_after_the_files_time_are_named(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", first_txt="First.", second_txt="Second.")
    with reading_with(ReadOptions(member_seconds=0)):
        found = by_record(path)
    assert set(found) == {"first.txt", None}
    assert "second.txt: not read: the file's time was over" in text(found[None])


def test_folders_of_killed_processes_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    killed = subprocess.Popen([sys.executable, "-c", ""])
    killed.wait()
    names = [
        f"docent-{killed.pid}-old",
        f"docent-{killed.pid}-new",
        f"docent-{os.getpid()}-old",
        "docent-x-old",
    ]
    for name in names:
        (scratch / name).mkdir(parents=True)
        (scratch / name / "member.txt").write_text("Left.")
        if name.endswith("old"):
            os.utime(scratch / name, (1, 1))
    members._scratch.cache_clear()
    assert "a.txt" in by_record(packed(tmp_path / "a.zip", a_txt="Here."))
    assert sorted(path.name for path in scratch.iterdir()) == sorted(names[1:])


def test_more_members_than_the_limit_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBERS", 3)
    with pytest.raises(DocumentError, match=r"a\.zip holds 4 files, more than the 3 that are read"):
        list(read(pack(tmp_path / "a.zip", {f"{number}.txt": "x" for number in range(4)})))


@pytest.mark.parametrize("content", [b"PK\x03\x04 broken", b"no archive", b"PK\x05\x06" + b"\x00" * 18])
def test_what_is_no_archive_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(DocumentError, match=r"a\.zip (is broken or not a ZIP|holds no file)"):
        list(read(tmp_path / "a.zip"))


def test_records_without_an_id_are_told_apart(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps({"text": f"Line {number}."}) for number in range(3))
    assert set(by_record(packed(tmp_path / "a.zip", rows_jsonl=lines))) == {
        "rows.jsonl",
        "rows.jsonl (2)",
        "rows.jsonl (3)",
        None,
    }
