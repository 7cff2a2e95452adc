"""The pages without a server: Streamlit's own test driver over a scripted Runtime."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

sys.path.insert(0, str(Path(__file__).parent))  # for `runtime_double` and `page_driver`

from page_driver import Visit
from runtime_double import RuntimeDouble

from app.ui import shell

# Each page driver looks through all installed packages for components, which takes longer than most tests.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)

MAIN = Path(shell.__file__).with_name("main.py")


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RuntimeDouble]:
    """What the pages of this test work with."""
    double = RuntimeDouble(tmp_path)
    monkeypatch.setattr(shell, "build", lambda settings: double)
    _forget()
    yield double
    double.close()
    _forget()


def _forget() -> None:
    shell.runtime.clear()
    shell.indexing.clear()


@pytest.fixture
def visit(runtime: RuntimeDouble) -> Visit:
    """Open the pages; `lang`, `c` and the like are query parameters."""

    def open_(**params: str) -> AppTest:
        page = AppTest.from_file(str(MAIN), default_timeout=20)
        for name, value in params.items():
            page.query_params[name] = value
        return page.run()

    return open_
