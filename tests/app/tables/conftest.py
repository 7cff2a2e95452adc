"""A desk with a few invoices on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.desk import TEXTS, Desk


@pytest.fixture
def empty_desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def desk(empty_desk: Desk) -> Desk:
    empty_desk.write(TEXTS)
    return empty_desk


@pytest.fixture
def filled(desk: Desk) -> Desk:
    desk.run()
    desk.filler.asked.clear()
    return desk
