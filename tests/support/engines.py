"""Servers of OpenAI's protocol that others wrote, each with a tiny model of random weights made here.

Each runs with a Python of its own, because these packages do not belong to the project:

    DOCENT_TEST_LLAMA_PYTHON          has llama-cpp-python[server] and gguf
    DOCENT_TEST_TRANSFORMERS_PYTHON   has transformers[serving] and torch

Without these variables the Python that runs the tests is tried.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_STARTS_IN = 120.0
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Engine:
    """A server that runs.

    Attributes:
        model: by the name that it goes by there.
    """

    url: str
    model: str


@dataclass(frozen=True)
class Kind:
    """How a kind of server is found, given its model and started.

    Attributes:
        needs: modules that its Python must have.
        makes: script that writes the model to a path.
        starts: arguments of its Python; `{model}` and `{port}` are filled in.
        listed: whether the model goes by its file's name.
    """

    name: str
    variable: str
    needs: tuple[str, ...]
    makes: str
    starts: tuple[str, ...]
    file: str

    def python(self) -> str | None:
        """The Python that has what it needs."""
        python = os.environ.get(self.variable) or sys.executable
        code = f"import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, {self.needs!r})))"
        return python if subprocess.run([python, "-c", code], capture_output=True).returncode == 0 else None

    @property
    def reason(self) -> str:
        """Why it is skipped."""
        return (
            f"{self.name} is not installed; {self.variable} names a Python that has {', '.join(self.needs)}"
        )


LLAMA = Kind(
    "llama-cpp-python's server",
    "DOCENT_TEST_LLAMA_PYTHON",
    ("llama_cpp", "gguf", "uvicorn", "sse_starlette"),
    "tiny_gguf.py",
    (
        "-m",
        "llama_cpp.server",
        "--model",
        "{model}",
        "--port",
        "{port}",
        "--n_ctx",
        "4096",
        "--n_threads",
        "1",
    ),
    "tiny.gguf",
)
TRANSFORMERS = Kind(
    "transformers serve",
    "DOCENT_TEST_TRANSFORMERS_PYTHON",
    ("transformers", "torch", "accelerate", "fastapi", "uvicorn"),
    "tiny_transformer.py",
    (
        "-m",
        "transformers.cli.transformers",
        "serve",
        "--port",
        "{port}",
        "--host",
        "127.0.0.1",
        "--device",
        "cpu",
    ),
    "tiny",
)


@contextmanager
def running(kind: Kind, folder: Path, python: str) -> Iterator[Engine]:
    """The server with a new model, while the block runs."""
    model = folder / kind.file
    subprocess.run([python, str(_HERE / kind.makes), str(model)], check=True, capture_output=True)
    port = _free_port()
    arguments = [part.format(model=model, port=port) for part in kind.starts]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    log = folder / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen([python, *arguments], stdout=output, stderr=output, env=environment)
        try:
            _wait(f"http://127.0.0.1:{port}", server, log)
            yield Engine(f"http://127.0.0.1:{port}/v1", str(model))
        finally:
            server.terminate()
            server.wait(20)


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _STARTS_IN
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text()[-2000:]
        try:
            with urllib.request.urlopen(f"{address}/v1/models", timeout=2):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.3)
    raise AssertionError(f"the server did not start: {log.read_text()[-2000:]}")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
