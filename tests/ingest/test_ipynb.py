"""What comes of notebooks: cells, results, languages; and files that only look like one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.errors import DocumentError
from ingest.loaders import SourceDocument, read


def notebook(path: Path, *cells: dict[str, Any], **metadata: Any) -> Path:
    path.write_text(json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4}), encoding="utf-8")
    return path


def only(path: Path) -> SourceDocument:
    (document,) = read(path)
    return document


def kinds(document: SourceDocument) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in document.blocks]


def code(source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "source": source.splitlines(keepends=True), "outputs": list(outputs)}


def test_cells_and_results_in_order(tmp_path: Path) -> None:
    document = only(
        notebook(
            tmp_path / "a.ipynb",
            {"cell_type": "markdown", "source": ["# 분석\n", "\n", "**연차**를 센다.\n"]},
            code("days = 15\nprint(days)", {"output_type": "stream", "text": ["15\n"]}),
            code(
                "frame",
                {"data": {"text/plain": ["  a\n0 1"], "text/html": "<table></table>", "image/png": "iVBO"}},
            ),
            code(
                "1/0",
                {"ename": "ZeroDivisionError", "evalue": "division by zero", "traceback": ["\x1b[31mx"]},
            ),
            {"cell_type": "raw", "source": "Raw."},
            kernelspec={"language": "python"},
            authors=[{"name": "Kim"}],
        )
    )
    assert document.title == "분석"
    assert document.metadata == {"language": ("python",), "author": ("Kim",)}
    assert kinds(document) == [
        ("heading", "분석"),
        ("text", "연차를 센다."),
        ("code", "days = 15\nprint(days)"),
        ("code", "15"),
        ("code", "frame"),
        ("code", "  a\n0 1"),
        ("code", "1/0"),
        ("code", "ZeroDivisionError: division by zero"),
        ("text", "Raw."),
    ]


def test_tables_given_as_html_alone_and_long_logs(tmp_path: Path) -> None:
    html = "<table><tr><th>a</th></tr><tr><td>1</td></tr></table>"
    document = only(
        notebook(
            tmp_path / "a.ipynb", code("x", {"data": {"text/html": [html]}}, {"text": "log\n" * 100_000})
        )
    )
    assert kinds(document)[1] == ("table", "| a |\n| --- |\n| 1 |")
    assert len(document.blocks[-1].text) <= 4000


def test_notebooks_of_format_3(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Leave"},
        {"cell_type": "code", "input": "days = 15", "outputs": [{"text": "15"}]},
    ]
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3}), encoding="utf-8")
    assert kinds(only(path)) == [("heading", "Leave"), ("code", "days = 15"), ("code", "15")]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "not valid JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "is no notebook"),
        ('{"cells": 5}', "is no notebook"),
        ('{"cells": []}', "is no notebook"),
        ('{"cells": [1, null, "x"]}', "holds no text"),
        ('{"cells": [{"cell_type": "code", "source": 5, "outputs": [1, {"data": []}]}]}', "holds no text"),
    ],
)
def test_what_is_no_notebook_is_an_error(tmp_path: Path, content: str, problem: str) -> None:
    (tmp_path / "a.ipynb").write_text(content, encoding="utf-8")
    with pytest.raises(DocumentError, match=problem):
        only(tmp_path / "a.ipynb")
