"""Names for who writes answers, by which a process of this machine is known to have ended."""

from __future__ import annotations

import os
import socket
import uuid
from functools import cache
from pathlib import Path


def new_writer() -> str:
    """A name that nobody else has: machine, process, and a part of its own."""
    return f"{_machine()}/{os.getpid()}/{_process()}/{uuid.uuid4().hex[:8]}"


def has_ended(writer: str) -> bool:
    """Whether its process has ended for certain; False for those of other machines, which cannot be known."""
    machine, *told = writer.rsplit("/", 3)
    if machine != _machine() or len(told) != 3 or not told[0].isdigit():
        return False
    pid, process = int(told[0]), told[1]
    if pid == os.getpid():
        return process != _process()
    return not _is_running(pid)


@cache
def _machine() -> str:
    """Processes of other containers are not to be seen, even where the host's name is the same."""
    namespace = Path("/proc/self/ns/pid")
    return f"{socket.gethostname()}/{namespace.stat().st_ino if namespace.exists() else 0}"


@cache
def _process() -> str:
    """Told from an earlier one with the same number: in a container it is always the first."""
    return uuid.uuid4().hex[:8]


def _is_running(pid: int) -> bool:
    if os.name == "nt":  # there, os.kill ends a process whatever is sent
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
