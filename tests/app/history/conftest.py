"""Conversations in both databases that people keep them in."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.history import History


@pytest.fixture(params=["sqlite", "postgres"])
def history_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of an empty place of its own."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'conversations.sqlite'}"
    shared: str = request.getfixturevalue("shared_database_url")
    schema = f"history_{secrets.token_hex(6)}"
    with psycopg.connect(shared, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
    return f"{shared}?options=-csearch_path%3D{schema}"


@pytest.fixture
def history(history_url: str) -> Iterator[History]:
    opened = History(history_url)
    yield opened
    opened.close()
