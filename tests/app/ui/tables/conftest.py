"""The pages over real tables: a small collection, and rules that fill them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from page_driver import Visit
from streamlit.testing.v1 import AppTest
from support.desk import Desk

from app.runtime import Runtime, build
from app.ui import shell

MAIN = Path(shell.__file__).with_name("main.py")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def real(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    """What the pages of this test work with."""
    made = build(desk.settings)
    monkeypatch.setattr(shell, "build", lambda settings: made)
    _forget()
    yield made
    made.close()
    _forget()


def _forget() -> None:
    shell.runtime.clear()
    shell.indexing.clear()
    shell.extractions.clear()


@pytest.fixture
def visit_tables(real: Runtime) -> Visit:
    """Open the page of tables."""

    def open_(**params: str) -> AppTest:
        page = AppTest.from_file(str(MAIN), default_timeout=20)
        for name, value in params.items():
            page.query_params[name] = value
        page.run()
        return page.button(key="tables").click().run() if "table" not in params else page

    return open_
