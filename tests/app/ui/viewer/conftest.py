"""The viewer's routes over a real collection and a real history."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "ingest"))  # for `doubles`
sys.path.insert(0, str(Path(__file__).parent))  # for `cited_library`

from cited_library import Library, serving

from app.config import Settings
from app.runtime import build


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    settings = Settings(data_dir=tmp_path / "data", vector_backend="faiss", chunk_tokens=64)
    folder = tmp_path / "docs"
    folder.mkdir()
    with build(settings) as runtime, serving(lambda: runtime) as client:
        yield Library(folder, runtime, client)
