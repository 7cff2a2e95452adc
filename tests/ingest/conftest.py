"""Fixtures of ingestion: settings with a folder of their own, and the doubles on the path."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from app.config import Settings

sys.path.insert(0, str(Path(__file__).parent))  # for `doubles`


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", vector_backend="faiss", chunk_tokens=64)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A folder of three small documents."""
    folder = tmp_path / "docs"
    (folder / "sub").mkdir(parents=True)
    (folder / "leave.md").write_text("# Leave\n\nStaff have 15 days of annual leave.\n", encoding="utf-8")
    (folder / "pay.txt").write_text(
        "Salaries are paid on the 25th.\n\nBonuses follow in March.\n", encoding="utf-8"
    )
    (folder / "sub" / "휴가.txt").write_text("연차는 15일이다. 병가는 별도로 준다.\n", encoding="utf-8")
    return folder
