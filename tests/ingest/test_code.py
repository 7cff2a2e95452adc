"""What comes of source code: definitions below their names, with their lines, in any language."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import DocumentError
from ingest.loaders import SourceDocument, read


def only(path: Path, content: str) -> SourceDocument:
    path.write_text(content, encoding="utf-8")
    (document,) = read(path)
    return document


def headings(document: SourceDocument) -> list[tuple[int, str]]:
    return [(block.level, block.text) for block in document.blocks if block.kind == "heading"]


PYTHON = '''"""Counts days."""

import os


@cache
def days(who: str) -> int:
    """휴가."""

    return 15


LIMIT = 3


class Leave:
    pass
'''


def test_definitions_stand_below_their_names_with_their_line(tmp_path: Path) -> None:
    document = only(tmp_path / "leave.py", PYTHON)
    assert document.title == "leave.py"
    assert [(block.kind, block.line, block.text) for block in document.blocks] == [
        ("code", 1, '"""Counts days."""'),
        ("code", 3, "import os"),
        ("heading", None, "days"),
        ("code", 6, '@cache\ndef days(who: str) -> int:\n    """휴가."""\n\n    return 15'),
        ("heading", None, "leave.py"),
        ("code", 13, "LIMIT = 3"),
        ("heading", None, "Leave"),
        ("code", 16, "class Leave:\n    pass"),
    ]


def test_each_line_is_where_it_is_said_to_be(tmp_path: Path) -> None:
    source = PYTHON + "\n".join(f"\n    def method_{n}(self):\n        return {n}\n" for n in range(30))
    lines = source.split("\n")
    document = only(tmp_path / "leave.py", source)
    assert (2, "method_29") in headings(document)
    seen = []
    for block in document.blocks:
        if block.kind == "code":
            assert block.line is not None
            for number, line in enumerate(block.text.split("\n"), block.line - 1):
                assert lines[number].rstrip() == line.rstrip()
                seen.append(number)
    assert sorted(seen) == sorted(set(seen))
    assert {number for number, line in enumerate(lines) if line.strip()} <= set(seen)


@pytest.mark.parametrize(
    ("name", "source", "names"),
    [
        (
            "a.go",
            "package a\n\nfunc (l *Leave) Days() int {\n\treturn 15\n}\nfunc main() {\n}\n",
            ["Days", "main"],
        ),
        (
            "a.rs",
            "pub struct Leave {\n}\n\nimpl Leave {\n}\n\npub(crate) fn days() {\n}\n",
            ["Leave", "Leave", "days"],
        ),
        (
            "a.c",
            "#include <a.h>\n\nstatic int days(char *who)\n{\n  return 15;\n}\n\nint x(int);\n",
            ["days", "a.c"],
        ),
        ("a.cpp", "namespace a {\n}\n\nint Leave::days() const {\n}\n", ["a", "Leave::days"]),
        ("A.java", "import a;\n\n/** Doc. */\npublic final class Leave extends Base {\n}\n", ["Leave"]),
        ("a.cs", "public partial class Leave\n{\n}\n", ["Leave"]),
        (
            "a.ts",
            "export const add = async (a: number) => {\n};\n\nexport default class Leave {\n}\n",
            ["add", "Leave"],
        ),
        ("a.js", "function days() {\n}\nconst f = function () {\n}\n", ["days", "f"]),
        ("a.kt", "data class Leave(val days: Int)\n\nfun days(): Int = 15\n", ["Leave", "days"]),
        ("a.rb", "module Leave\nend\n\ndef days\n  15\nend\n", ["Leave", "days"]),
        ("a.php", "<?php\n\nfunction days() {\n}\n", ["days"]),
        ("a.swift", "protocol Leave {\n}\n\nextension Leave {\n}\n", ["Leave", "Leave"]),
        ("a.sh", "#!/bin/sh\n\ndays() {\n  echo 15\n}\n", ["days"]),
        (
            "a.sql",
            'CREATE TABLE IF NOT EXISTS leave (\n);\n\ncreate or replace view "v" as select 1;\n',
            ["leave", "v"],
        ),
        ("a.toml", "[leave]\ndays = 15\n\nmore = 1\n\n[[sick]]\ndays = 3\n", ["leave", "sick"]),
        ("a.ini", "[leave]\ndays = 15\n", ["leave"]),
        ("a.yaml", "leave:\n  days: 15\n\nsick: 3\n", []),
        ("a.css", "p {\n}\n\na {\n}\n", []),
    ],
)
def test_names_in_many_languages(tmp_path: Path, name: str, source: str, names: list[str]) -> None:
    document = only(tmp_path / name, source)
    assert [text for _, text in headings(document)] == names
    kept = "".join("".join(block.text.split()) for block in document.blocks if block.kind == "code")
    assert kept == "".join(source.split())


def test_methods_of_a_large_class_have_names_of_their_own(tmp_path: Path) -> None:
    body = "throws IOException {\n        return foo(who,\n            15);\n    }\n"
    methods = "".join(f"    public int days{number}(String who) {body}" for number in range(20))
    document = only(tmp_path / "Leave.java", f"public class Leave {{\n    int days = 15;\n\n{methods}}}\n")
    assert headings(document) == [(1, "Leave"), *((2, f"days{n}") for n in range(20))]


def test_korean_source_in_an_old_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.c"
    path.write_bytes("/* 연차를 센다. */\nint days(void) {\n}\n".encode("cp949"))
    (document,) = read(path)
    assert document.blocks[1].text.startswith("/* 연차를 센다. */")


def test_minified_code_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"a\.js was written by a program .* exclude it"):
        only(tmp_path / "a.js", "!function(e){" + "var a=1;" * 5000 + "}();\n")


@pytest.mark.parametrize(
    "source",
    [
        "a " * 5000 + "(\n" * 100,
        "\n".join(" " * number + "def f():" for number in range(900)),
        "}\n" * 20_000,
        "public static " * 10_000 + "\n" * 400,
        "class A:\n" * 5_000,
    ],
)
@pytest.mark.parametrize("suffix", ["py", "java", "js", "sql"])
def test_hostile_code_is_read_in_time(tmp_path: Path, source: str, suffix: str) -> None:
    assert only(tmp_path / f"a.{suffix}", source).blocks
