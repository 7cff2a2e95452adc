"""Which files lie below the given paths."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.errors import NotFoundError, StorageError, UsageError
from ingest.loaders import is_readable, suffixes


@dataclass(frozen=True, slots=True)
class Found:
    """A file to index.

    Attributes:
        location: where it is opened.
        path: the same, absolute and in NFC: its name in the catalogue.
        root: the given path, absolute.
        source: the path below the root with "/", in NFC.
        metadata: what is known of it from outside, such as the address of a web page.
    """

    location: Path
    path: str
    root: str
    source: str
    size: int
    mtime_ns: int
    metadata: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)


@dataclass(slots=True)
class Scan:
    """What a scan saw.

    Attributes:
        roots: the given paths, absolute and in NFC.
        unreadable: folders and files that may not be looked at, with the reason; nothing below them is gone.
        gone: names of web pages that the server says are no more.
        skipped: how many files were left out: hidden, linked, or of an unknown type.
    """

    roots: list[str] = field(default_factory=list)
    files: dict[str, Found] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    skipped: int = 0

    def covers(self, path: str) -> bool:
        """Whether a file of this name would have been found if it were still there."""
        if path in self.gone:
            return True
        below = any(_is_below(path, root) for root in self.roots)
        return below and not any(_is_below(path, folder) for folder in self.unreadable)


def scan(paths: Sequence[Path], *, excluded: Path | None = None) -> Scan:
    """Look through files and folders, sorted by name; links are not followed, hidden files left out.

    Args:
        excluded: a folder that is never looked into (the collections themselves).

    Raises:
        NotFoundError: a path is not there.
        StorageError: a given folder may not be read.
        UsageError: a given file is of a type that is not read.
    """
    result = Scan()
    for given in paths:
        root = _existing(given)
        result.roots.append(_name(root))
        if root.is_dir():
            _scan_folder(root, result, excluded)
        elif is_readable(root):
            _add(result, root, root, root.stat())
        else:
            raise UsageError(
                f"{given}: files of type {root.suffix!r} are not read; these are: {' '.join(suffixes())}."
            )
    return result


def _existing(given: Path) -> Path:
    """The given path without links: an unchanged folder keeps its name, however it is reached."""
    try:
        return given.expanduser().resolve(strict=True)
    except FileNotFoundError:
        raise NotFoundError(
            f"There is no file or folder {str(given)!r}: check the spelling.", path=str(given)
        ) from None
    except (OSError, RuntimeError) as error:
        raise StorageError(
            f"{str(given)!r} may not be read ({error}): give this user the right to."
        ) from error


def _scan_folder(root: Path, result: Scan, excluded: Path | None) -> None:
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            if folder == root:
                raise StorageError(
                    f"The folder {str(root)!r} may not be read ({error.strerror}): give this user the right. "
                    "Nothing was changed."
                ) from error
            result.unreadable[_name(folder)] = (
                f"This folder may not be read ({error.strerror}): give this user the right to."
            )
            continue
        below = [Path(entry.path) for entry in entries if _is_folder(entry)]
        folders.extend(path for path in reversed(below) if path != excluded)
        for path in _files(entries, result):
            _add(result, path, root, path.lstat())


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)


def _files(entries: Sequence[os.DirEntry[str]], result: Scan) -> Iterator[Path]:
    """Office leaves a hidden "~$name" beside each open file."""
    for entry in entries:
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            continue
        if (
            entry.name.startswith((".", "~$"))
            or not entry.is_file(follow_symlinks=False)
            or not is_readable(path)
        ):
            result.skipped += 1
            continue
        yield path


def _add(result: Scan, path: Path, root: Path, status: os.stat_result) -> None:
    name = _name(path)
    if name in result.files and result.files[name].location != path:
        name = os.fsdecode(os.fsencode(path)).encode("utf-8", "backslashreplace").decode()
    below = path.relative_to(root) if path != root else Path(path.name)
    if stat.S_ISREG(status.st_mode):
        found = Found(path, name, _name(root), _name(below), status.st_size, status.st_mtime_ns)
        result.files.setdefault(name, found)


def _name(path: Path) -> str:
    """The path as text that any database takes: "/" between parts, NFC, and old Korean bytes read as such."""
    raw = path.as_posix()
    try:
        raw.encode()
    except UnicodeEncodeError:
        data = os.fsencode(raw)
        try:
            raw = data.decode("cp949")
        except UnicodeDecodeError:
            raw = data.decode("utf-8", "backslashreplace")
    return unicodedata.normalize("NFC", raw)


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
