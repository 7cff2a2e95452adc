"""Files within a file: members of archives, attachments of mails; read by kind, and within limits."""

from __future__ import annotations

import logging
import lzma
import os
import re
import shutil
import stat
import struct
import tempfile
import time
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path, PurePosixPath
from typing import IO

from app.errors import DocumentError
from ingest.loaders import is_readable, read
from ingest.loaders.base import SourceDocument, one_line
from ingest.loaders.options import read_options, reading_with

# For one file of the corpus and all that is nested in it. More than people put into an archive, and less than
# what fills a disk: a bomb of some KB unpacks to petabytes.
MAX_MEMBERS = 10_000
MAX_UNPACKED_BYTES = 2 * 1024**3
# An archive in a mail in an archive is life; deeper are archives made to hold themselves.
MAX_DEPTH = 4

_PIECE = 1024**2
_PREFIX = "docent-"
_STALE_SECONDS = 3600
_LONGEST_NAME = 100
_LONGEST_SUFFIX = 20
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\ud800-\udfff]')

# What unpacking raises on hostile data: wrong sums, lengths, methods, passwords, names.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    KeyError,
    struct.error,
)

_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Budget:
    """What may still be unpacked below the outermost file, for how long, and how deep we are."""

    members: int = MAX_MEMBERS
    size: int = MAX_UNPACKED_BYTES
    depth: int = 0
    seconds: float = field(default_factory=lambda: read_options().member_seconds)

    def take_member(self) -> None:
        if self.depth >= MAX_DEPTH:
            raise DocumentError(f"not read: it lies more than {MAX_DEPTH} files deep; unpack it")
        if self.members < 1:
            raise DocumentError(f"not read: there are more than {MAX_MEMBERS:,} files; split them")
        if self.seconds < 0:
            raise DocumentError("not read: the file's time was over; unpack it, or raise DOCENT_READ_SECONDS")
        self.members -= 1

    def copy(self, source: IO[bytes], target: IO[bytes]) -> None:
        """Copy a member, counting what it really holds: the size that an archive declares may be a lie."""
        while piece := _piece(source):
            self.size -= len(piece)
            if self.size < 0:
                raise DocumentError(
                    f"not read: the file unpacks to more than {MAX_UNPACKED_BYTES >> 20:,} MB; split it"
                )
            target.write(piece)


_current: ContextVar[Budget | None] = ContextVar("budget", default=None)


class Members:
    """Reads the members of one file.

    Attributes:
        names: of those that were read, in order.
        problems: name -> why it could not be read; one bad member does not lose the others.
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self.problems: dict[str, str] = {}
        self._budget = _current.get() or Budget()
        self._taken: set[str] = set()
        self._again: Counter[str] = Counter()

    def read(self, name: str, source: Callable[[], IO[bytes]]) -> list[SourceDocument]:
        """The documents of one member; each has the member's name in its `record_id`."""
        label = self._free(clean_name(name))
        try:
            documents = self._documents(clean_name(name), source)
        except DocumentError as error:
            _logger.warning("%r was not read: %s", label, error)
            self.problems[label] = str(error)
            return []
        self.names.append(label)
        return list(self._within(label, documents))

    def _within(self, label: str, documents: Sequence[SourceDocument]) -> Iterator[SourceDocument]:
        """The first without an id of its own is the member itself."""
        whole = False
        for document in documents:
            if document.record_id is not None:
                record = self._free(f"{label}/{document.record_id}")
            else:
                record, whole = self._free(label) if whole else label, True
            yield replace(document, record_id=record, title=document.title or label)

    def _free(self, name: str) -> str:
        """The name, or with a number after it where it is taken."""
        free = name
        while free in self._taken:
            self._again[name] += 1
            free = f"{name} ({self._again[name] + 1})"
        self._taken.add(free)
        return free

    def _documents(self, name: str, source: Callable[[], IO[bytes]]) -> list[SourceDocument]:
        member = _file_name(name)
        if not is_readable(Path(member)):
            raise DocumentError(f"files of type {PurePosixPath(member).suffix!r} are not read")
        self._budget.take_member()
        with tempfile.TemporaryDirectory(prefix=_scratch()) as folder:
            path = Path(folder, member)
            with path.open("xb") as target, _opened(source) as file:
                self._budget.copy(file, target)
            return _nested(path, self._budget)


def _opened(source: Callable[[], IO[bytes]]) -> IO[bytes]:
    try:
        return source()
    except _BROKEN as error:
        raise DocumentError(_broken(error)) from error


def _piece(source: IO[bytes]) -> bytes:
    try:
        return source.read(_PIECE)
    except _BROKEN as error:
        raise DocumentError(_broken(error)) from error


def _broken(error: BaseException) -> str:
    return f"cannot be unpacked ({one_line(str(error)) or type(error).__name__}); pack it anew"


def _nested(path: Path, budget: Budget) -> list[SourceDocument]:
    """Time is that of reading alone: what comes of it may have to wait for the index."""
    options = read_options()
    left = replace(options, ocr_seconds=max(0.0, min(options.ocr_seconds, budget.seconds)))
    token, began = _current.set(budget), time.monotonic()
    budget.depth += 1
    try:
        with reading_with(left):
            return list(read(path))
    finally:
        budget.depth -= 1
        if not budget.depth:
            budget.seconds -= time.monotonic() - began
        _current.reset(token)


@cache
def _scratch() -> str:
    """How this process names its temporary folders; those of processes that were killed are removed first."""
    stale = (
        Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*") if hasattr(os, "getuid") else ()
    )  # not on Windows
    for folder in stale:
        with suppress(OSError, ValueError):
            about = folder.lstat()
            is_ours = stat.S_ISDIR(about.st_mode) and about.st_uid == os.getuid()
            if is_ours and time.time() - about.st_mtime > _STALE_SECONDS and not _lives(folder.name):
                shutil.rmtree(folder)
    return f"{_PREFIX}{os.getpid()}-"


def _lives(folder: str) -> bool:
    try:
        os.kill(int(folder.removeprefix(_PREFIX).partition("-")[0]), 0)
    except ProcessLookupError:
        return False
    return True


def clean_name(name: str) -> str:
    """A member's path as a name to show: relative, with "/" alone, composed, and without what is no name."""
    text = unicodedata.normalize("NFC", name.replace("\\", "/"))
    parts = [_UNSAFE.sub("_", part).strip() for part in text.split("/")]
    return "/".join(part for part in parts if part.strip(".")) or "unnamed"


def _file_name(name: str) -> str:
    """The name of the temporary file: the member's own, because readers make titles and messages of it."""
    last = PurePosixPath(name)
    stem = last.stem
    while len(stem.encode()) > _LONGEST_NAME:
        stem = stem[: len(stem) // 2]
    return f"{stem}{last.suffix[:_LONGEST_SUFFIX].lower()}"
