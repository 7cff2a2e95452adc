"""ZIP: each member is a document of its own; an overview names them all, and what could not be read."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO

from app.errors import DocumentError
from ingest.loaders.base import Block, SourceDocument, title_from_name
from ingest.loaders.encoding import decode
from ingest.loaders.members import MAX_MEMBERS, MAX_UNPACKED_BYTES, Members, clean_name

# Text of ever the same letters packs a thousandfold, and office files a few times. Only what is large and
# packs better than this is made to fill a disk.
_BOMB_BYTES = 100 * 1024**2
_BOMB_RATIO = 200

_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
_MOST_LISTED = 1000


def read(path: Path) -> Iterator[SourceDocument]:
    """Documents with the path inside the archive as `record_id`, and last an overview without one.

    Raises:
        DocumentError: not a ZIP; too many or too large members; none can be read.
    """
    with _opened(path) as archive:
        entries = [entry for entry in archive.infolist() if _is_member(entry)]
        _check(path, entries)
        members = Members()
        for entry in entries:
            yield from members.read(_name(entry), partial(_member, archive, entry))
    if not members.names:
        raise DocumentError(f"{path.name} holds no file that can be read{_reasons(members.problems)}.")
    yield SourceDocument(title_from_name(path), list(_overview(path, members)))


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise DocumentError(f"{path.name} is broken or not a ZIP archive: pack it anew.") from None


def _is_member(entry: zipfile.ZipInfo) -> bool:
    """Neither a folder nor a hidden file, which the system put there."""
    parts = clean_name(entry.filename).split("/")
    return not entry.is_dir() and not any(part.startswith((".", "__MACOSX")) for part in parts)


def _check(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_MEMBERS:
        raise DocumentError(
            f"{path.name} holds {len(entries):,} files, more than the {MAX_MEMBERS:,} that are read: "
            "unpack it into a folder, or split it."
        )
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED_BYTES:
        raise DocumentError(
            f"{path.name} unpacks to {unpacked >> 20:,} MB, more than the {MAX_UNPACKED_BYTES >> 20:,} MB "
            "that are read: unpack it into a folder, or split it."
        )


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> IO[bytes]:
    if entry.flag_bits & _ENCRYPTED:
        raise DocumentError("protected by a password; unpack it, or pack it anew without one")
    if entry.file_size > _BOMB_BYTES and entry.file_size > _BOMB_RATIO * max(1, entry.compress_size):
        raise DocumentError(
            f"not read: it unpacks to {entry.file_size // max(1, entry.compress_size):,} times its size"
        )
    return archive.open(entry)


def _name(entry: zipfile.ZipInfo) -> str:
    """Names without the mark of UTF-8 are in the encoding of the computer that packed them: often CP949."""
    if entry.flag_bits & _UTF8_NAME or entry.filename.isascii():
        return entry.filename
    raw = entry.filename.encode("cp437", "replace")
    text = decode(raw)
    return entry.filename if text is None or text == raw.decode("cp1252", "replace") else text


def _reasons(problems: dict[str, str]) -> str:
    shown = [f"{name}: {problem.rstrip('.')}" for name, problem in list(problems.items())[:3]]
    return f" ({'; '.join(shown)}{'; …' if len(problems) > len(shown) else ''})" if shown else ""


def _overview(path: Path, members: Members) -> Iterator[Block]:
    yield Block(
        f"{path.name}: {len(members.names)} of {len(members.names) + len(members.problems)} files were read."
    )
    yield Block("\n".join(f"- {name}" for name in members.names[:_MOST_LISTED]), "list")
    if members.problems:
        yield Block("Not read:")
        listed = list(members.problems.items())[:_MOST_LISTED]
        yield Block("\n".join(f"- {name}: {problem}" for name, problem in listed), "list")
