"""Uploaded files on disk: `DATA_DIR/uploads/COLLECTION/NAME`, whatever name the browser sent.

The name comes from the network and is shown, stored and indexed, so it is made harmless first; the
words of it are kept, because people find their documents by them.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import threading
import unicodedata
from pathlib import Path
from typing import Protocol

from app.errors import DocumentError, StorageError

SUFFIXES = (".pdf", ".docx", ".md", ".txt", ".html", ".htm", ".csv", ".json", ".jsonl")

# Most file systems allow 255 bytes; Korean letters take three each, and a number may be added.
_LONGEST_NAME_BYTES = 200
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?$")

_naming = threading.Lock()


class Upload(Protocol):
    """What Streamlit's uploader gives: a readable file with its name and size in bytes."""

    name: str
    size: int

    def seek(self, offset: int, /) -> int: ...
    def read(self, size: int = -1, /) -> bytes: ...


def folder_of(data_dir: Path, collection: str) -> Path:
    """Where a collection's uploads lie."""
    return data_dir.resolve() / "uploads" / collection


def save(upload: Upload, folder: Path, max_mb: int) -> Path:
    """Keep an upload in `folder` and return its path; the same file sent twice is kept once.

    Raises:
        DocumentError: its type cannot be read, it is empty, or it is larger than `max_mb`.
        StorageError: the disk is full or may not be written.
    """
    name = safe_name(upload.name)
    _check(name, upload.size, max_mb)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _keep(upload, folder, name)
    except OSError as error:
        raise StorageError(
            f"{name!r} could not be kept in {str(folder)!r}: {error.strerror or error}. "
            "Free some disk space or check the folder's rights.",
            path=str(folder),
        ) from error


def _check(name: str, size: int, max_mb: int) -> None:
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise DocumentError(f"{name!r} is of a type that cannot be read. Use one of {', '.join(SUFFIXES)}.")
    if size == 0:
        raise DocumentError(f"{name!r} is empty. Save it again and send it anew.")
    if size > max_mb * 1_000_000:
        raise DocumentError(
            f"{name!r} has {size / 1e6:.0f} MB; at most {max_mb} MB may be uploaded. "
            "Raise DOCENT_MAX_UPLOAD_MB, or index it where it lies: python -m ingest PATH."
        )


def _keep(upload: Upload, folder: Path, name: str) -> Path:
    part = folder / f".{hashlib.sha256(name.encode()).hexdigest()[:16]}.{threading.get_ident()}.part"
    try:
        upload.seek(0)
        with part.open("wb") as target:
            shutil.copyfileobj(upload, target)
        with _naming:  # two sessions may send the same name at once
            path = _free_path(folder, name, part)
            part.replace(path)
        return path
    finally:
        part.unlink(missing_ok=True)


def _free_path(folder: Path, name: str, content: Path) -> Path:
    """`name`, or `name (2)` and so on where another file has it; compared as careless file systems do."""
    there = {unicodedata.normalize("NFC", path.name).casefold(): path for path in folder.iterdir()}
    number, candidate = 1, name
    while (found := there.get(candidate.casefold())) is not None and not _same(found, content):
        number += 1
        candidate = f"{Path(name).stem} ({number}){Path(name).suffix}"
    return found or folder / candidate


def _same(one: Path, other: Path) -> bool:
    return one.stat().st_size == other.stat().st_size and _digest(one) == _digest(other)


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def safe_name(name: str) -> str:
    """A file name without folders, control and direction letters, or anything a system reserves; in NFC."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
    clean = " ".join(_FORBIDDEN.sub("_", visible).split()).strip(". ")
    if not clean or _RESERVED.match(clean):
        clean = f"_{clean}"
    stem, suffix = Path(clean).stem, Path(clean).suffix[:12]
    return _cut(stem, _LONGEST_NAME_BYTES - len(suffix.encode())).rstrip(". ") + suffix


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore")


def is_upload(path: Path, data_dir: Path) -> bool:
    """Whether this lies in the uploads folder and so is ours to delete."""
    return path.resolve().is_relative_to(data_dir.resolve() / "uploads")


def remove(path: Path, data_dir: Path) -> bool:
    """Delete an upload; False for any other path, which is left alone."""
    ours = is_upload(path, data_dir)
    if ours:
        path.unlink(missing_ok=True)
    return ours
