"""A real Chroma server on loopback: `chroma run`, as people start it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.servers.ports import free_port, is_open

_SECONDS_TO_START = 60


@contextmanager
def chroma_server(folder: Path) -> Iterator[str]:
    """Its address; the data lie in `folder` and stay."""
    port = free_port()
    command = [Path(sys.executable).with_name("chroma"), "run", "--path", folder, "--host", "127.0.0.1"]
    process = subprocess.Popen(
        [*map(str, command), "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + _SECONDS_TO_START
        while not is_open(port):
            assert process.poll() is None, "chroma run ended"
            assert time.monotonic() < end, "chroma run did not start"
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def chroma_options(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The settings that reach a server which the whole session shares."""
    with chroma_server(tmp_path_factory.mktemp("chroma")) as url:
        yield {"chroma_url": url}
