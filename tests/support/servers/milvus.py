"""A server of Milvus's protocol on loopback: milvus-lite's own, or the one that MILVUS_TEST_URI names."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.servers.ports import free_port, is_open

_SECONDS_TO_START = 60


@contextmanager
def milvus_server(folder: Path) -> Iterator[str]:
    """Its address; the data lie in `folder` and stay."""
    if known := os.environ.get("MILVUS_TEST_URI"):
        yield known
        return
    port = free_port()
    command = [sys.executable, "-m", "milvus_lite", "server", "--data-dir", str(folder)]
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + _SECONDS_TO_START
        while not is_open(port):
            assert process.poll() is None, "the server of milvus-lite ended"
            assert time.monotonic() < end, "the server of milvus-lite did not start"
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()  # it has no orderly end but Ctrl-C
        process.wait(20)
