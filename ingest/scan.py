"""Which files lie below the given paths."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.errors import DocentError, NotFoundError, StorageError, UsageError
from ingest.excludes import IGNORE_FILE, Excludes
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
        skipped: how many files were passed over: hidden, linked, or of an unknown type.
        excluded: files and folders that a pattern leaves out.
        emptied: roots that are folders without anything in them.
        alone: the only files that this is about; None for all.
        missed: those of them that could not be looked for.
    """

    roots: list[str] = field(default_factory=list)
    files: dict[str, Found] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    skipped: int = 0
    excluded: set[str] = field(default_factory=set)
    emptied: list[str] = field(default_factory=list)
    alone: frozenset[str] | None = None
    missed: frozenset[str] = frozenset()

    def covers(self, path: str) -> bool:
        """Whether a file of this name would have been found if it were still there."""
        if path in self.gone:
            return True
        if self.alone is not None and path not in self.alone:
            return False
        below = any(_is_below(path, root) for root in self.roots)
        return below and not any(_is_below(path, folder) for folder in self.unreadable)

    def excludes(self, path: str) -> bool:
        """Whether a pattern leaves it out, itself or a folder that it lies in."""
        parts = path.split("/")
        return any("/".join(parts[:count]) in self.excluded for count in range(len(parts), 1, -1))


def scan(paths: Sequence[Path], *, never: Path | None = None, exclude: Sequence[str] = ()) -> Scan:
    """Look through files and folders, sorted by name; hidden files are passed over.

    Links are not followed: what one inside points to is found at its own place, and what lies outside is not
    for this collection. A given path may be one.

    Args:
        never: a folder that is not looked into (the collections themselves).
        exclude: patterns of what to leave out, beside those in `.docentignore`; see `Excludes`.

    Raises:
        NotFoundError: a path is not there.
        StorageError: a given folder may not be read.
        UsageError: a given file is of a type that is not read, or a pattern means nothing.
    """
    result = Scan()
    for given in paths:
        root = _existing(given)
        result.roots.append(_name(root))
        if root.is_dir():
            _scan_folder(root, result, never, Excludes.of_root(root, exclude))
        elif Excludes.of_root(root.parent, exclude).leave_out(root):
            result.excluded.add(_name(root))
        elif is_readable(root):
            _add(result, root, root, root.stat())
        else:
            raise UsageError(
                f"{given}: files of type {root.suffix!r} are not read; these are: {' '.join(suffixes())}."
            )
    return result


def scan_again(files: Mapping[str, str], *, never: Path | None, exclude: Sequence[str]) -> Scan:
    """Look for these files alone, where they were found before.

    Args:
        files: their paths in the catalogue, and the root of each; of one that is gone, they are `missed`.
        never, exclude: as in `scan`.
    """
    result = Scan(alone=frozenset(files))
    for root in sorted(set(files.values())):
        there = [Path(name) for name in (root, unicodedata.normalize("NFD", root)) if Path(name).exists()]
        try:
            seen = scan(there[:1], never=never, exclude=exclude)
        except DocentError:  # it may not be read any more, or is of a type that is not
            continue
        result.roots += seen.roots
        result.files |= {path: found for path, found in seen.files.items() if path in files}
        result.unreadable |= seen.unreadable
        result.excluded |= seen.excluded
    result.missed = frozenset(path for path in files if not (path in result.files or result.covers(path)))
    return result


def name_of(given: Path) -> str:
    """What a given path is called in the catalogue.

    Raises:
        NotFoundError: it is not there.
    """
    return _name(_existing(given))


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


def _scan_folder(root: Path, result: Scan, never: Path | None, excludes: Excludes) -> None:
    folders = [(root, excludes)]
    while folders:
        folder, excludes = folders.pop()
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
        if not entries and folder == root:
            result.emptied.append(_name(root))
        if any(entry.name == IGNORE_FILE for entry in entries):
            excludes = excludes.inside(folder)
        below = [
            path
            for path in map(Path, filter(_is_folder, entries))
            if path != never and not _left_out(path, result, excludes, is_folder=True)
        ]
        folders.extend((path, excludes) for path in reversed(below))
        for path in _files(entries, result):
            if not _left_out(path, result, excludes):
                _add(result, path, root, path.lstat())


def _left_out(path: Path, result: Scan, excludes: Excludes, *, is_folder: bool = False) -> bool:
    out = excludes.leave_out(path, is_folder=is_folder)
    if out:
        result.excluded.add(_name(path))
    return out


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
