"""EPUB: the chapters of a book in the order of its spine, with its author, date and subjects."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from app.errors import DocumentError
from ingest.loaders.base import Block, SourceDocument, one_line, title_from_name, without_text
from ingest.loaders.encoding import decode
from ingest.loaders.html import structure
from ingest.loaders.metadata import Metadata, collect

# A few KB of a hostile archive can unpack to more than any memory.
_MAX_UNPACKED_BYTES = 512 * 1024**2
_MOST_CHAPTERS = 5000

_NAMES = {
    "creator": "author",
    "contributor": "contributor",
    "subject": "keywords",
    "date": "date",
    "publisher": "publisher",
    "language": "language",
    "identifier": "identifier",
}
_LABELS = {"author": "Authors", "publisher": "Publisher", "date": "Date"}
_TAG = re.compile(r"<[^<>]*>")


def read(path: Path) -> Iterator[SourceDocument]:
    with _opened(path) as book:
        name = _package_name(path, book)
        package = _parsed(_part(book, name))
        if package is None:
            raise _broken(path)
        blocks = list(_chapters(path, book, package, posixpath.dirname(name)))
    if not blocks:
        raise without_text(path)
    title, description, metadata = _properties(package)
    heading = next((block.text for block in blocks if block.kind == "heading"), "")
    head = [f"{_LABELS[name]}: {', '.join(metadata[name])}" for name in _LABELS if name in metadata]
    about = Block("\n".join(filter(None, [title, *head, description])))
    yield SourceDocument(
        title or heading or title_from_name(path),
        [about, *blocks] if about.text else blocks,
        metadata=metadata,
    )


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        book = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise _broken(path) from None
    if (unpacked := sum(entry.file_size for entry in book.infolist())) > _MAX_UNPACKED_BYTES:
        book.close()
        raise DocumentError(
            f"{path.name} unpacks to {unpacked >> 20:,} MB, more than the {_MAX_UNPACKED_BYTES >> 20} MB "
            "that are read: split it into smaller files."
        )
    return book


def _broken(path: Path) -> DocumentError:
    return DocumentError(
        f"{path.name} is broken or not an EPUB: get it anew, or convert it in an e-book program."
    )


def _part(book: zipfile.ZipFile, name: str) -> bytes:
    """The part's bytes; empty where the book does not have it."""
    return book.read(name) if name in book.NameToInfo else b""


def _parsed(data: bytes) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    return etree.fromstring(data, parser) if data.strip() else None


def _package_name(path: Path, book: zipfile.ZipFile) -> str:
    container = _parsed(_part(book, "META-INF/container.xml"))
    for root in container.iter("{*}rootfile") if container is not None else ():
        if (name := _resolved("", root.get("full-path") or "")) in book.NameToInfo:
            return name
    found = next((name for name in book.namelist() if name.endswith(".opf")), None)
    if found is None:
        raise _broken(path)
    return found


def _resolved(folder: str, reference: str) -> str:
    """A name within the book; what would lead out of it names nothing."""
    return posixpath.normpath(posixpath.join(folder, unquote(reference.partition("#")[0]))).lstrip("/")


def _chapters(path: Path, book: zipfile.ZipFile, package: Any, folder: str) -> Iterator[Block]:
    """The text of each part of the spine; where it has no heading, the table of contents names it."""
    items = {item.get("id"): item for item in package.iter("{*}item")}
    locked = _locked(book)
    names = _contents(book, items, folder)
    read: set[str] = set()
    for reference in list(package.iter("{*}itemref"))[:_MOST_CHAPTERS]:
        if (item := items.get(reference.get("idref"))) is None:
            continue
        name = _resolved(folder, item.get("href") or "")
        if name in locked:
            raise DocumentError(f"{path.name} is protected against copying (DRM): use a copy without it.")
        if name in read or "nav" in (item.get("properties") or "").split():
            continue
        read.add(name)
        yield from _chapter(_part(book, name), names.get(name, ""))


def _chapter(data: bytes, name: str) -> Iterator[Block]:
    blocks = list(structure(_text(data)))
    if blocks and name and not any(block.kind == "heading" for block in blocks):
        yield Block(name, "heading", 1)
    yield from blocks


def _text(data: bytes) -> str:
    return (decode(data) or data.decode("utf-8", "replace")).replace("\0", "")


def _locked(book: zipfile.ZipFile) -> set[str]:
    """Encrypted parts; fonts often are, which is no lock."""
    root = _parsed(_part(book, "META-INF/encryption.xml"))
    found = root.iter("{*}CipherReference") if root is not None else ()
    return {_resolved("", reference.get("URI") or "") for reference in found}


def _contents(book: zipfile.ZipFile, items: dict[str, Any], folder: str) -> dict[str, str]:
    """Part -> its title in the table of contents, of EPUB 3 (nav) or of EPUB 2 (ncx)."""
    titles: dict[str, str] = {}
    for item in items.values():
        name = _resolved(folder, item.get("href") or "")
        base = posixpath.dirname(name)
        root = None
        if (
            "nav" in (item.get("properties") or "").split()
            or item.get("media-type") == "application/x-dtbncx+xml"
        ):
            root = _parsed(_part(book, name))
        for point in root.iter("{*}a", "{*}navPoint") if root is not None else ():
            target, label = _entry(point)
            if target and label:
                titles.setdefault(_resolved(base, target), label)
    return titles


def _entry(point: Any) -> tuple[str, str]:
    if point.get("href"):
        return point.get("href"), one_line("".join(point.itertext()))
    label, content = next(point.iter("{*}text"), None), next(point.iter("{*}content"), None)
    if label is None or content is None:
        return "", ""
    return content.get("src") or "", one_line(label.text or "")


def _properties(package: Any) -> tuple[str, str, Metadata]:
    """Title, description and metadata, in the terms of Dublin Core."""
    pairs, title, description = [], "", ""
    for element in package.iter("{http://purl.org/dc/elements/1.1/}*"):
        name, text = element.tag.rpartition("}")[2], one_line(_TAG.sub(" ", element.text or ""))
        if name == "title":
            title = title or text
        elif name == "description":
            description = description or text
        elif name in _NAMES:
            pairs.append((_NAMES[name], text[:10] if name == "date" else text))
    return title, description, collect(pairs)
