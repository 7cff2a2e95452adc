"""What readers of office files share: archives that are safe to open, their properties, and safe XML."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from app.errors import DocumentError
from ingest.loaders.base import Block, one_line

# A few KB of a hostile archive can unpack to more than any memory.
MAX_UNPACKED_BYTES = 512 * 1024**2

OLE = b"\xd0\xcf\x11\xe0"
# Titles that PowerPoint gives by itself.
UNTITLED = ("", "powerpoint presentation", "powerpoint 프레젠테이션", "slide 1", "슬라이드 1")
_PROGRAMS = {"d": "Word", "p": "PowerPoint", "x": "Excel", "o": "LibreOffice", "f": "LibreOffice"}
_SUMMARY = {2: "title", 4: "creator", 5: "keywords", 12: "created", 13: "modified"}
_BYTES, _FILE_TIME = 30, 64
_EPOCH = datetime(1601, 1, 1)
_LONGEST_SUMMARY = 1024**2
_MOST_NAMED = 100
_CORE = "docProps/core.xml"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_KEYWORDS = re.compile(r"[,;、]")

# ISO's strict variant of Office Open XML and files with macros or for shows hold the same under other names.
_STRICT = b"http://purl.oclc.org/ooxml/"
_RENAMED = {
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    b"http://purl.oclc.org/ooxml/officeDocument/math": b"http://schemas.openxmlformats.org/officeDocument/2006/math",
    b"http://purl.oclc.org/ooxml/wordprocessingml/main": b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    b"http://purl.oclc.org/ooxml/presentationml/main": b"http://schemas.openxmlformats.org/presentationml/2006/main",
    b"http://purl.oclc.org/ooxml/spreadsheetml/main": b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    b"http://purl.oclc.org/ooxml/drawingml/": b"http://schemas.openxmlformats.org/drawingml/2006/",
}
_PLAIN_TYPES = {
    rb"application/vnd\.ms-word\.(?:document|template)\.macroEnabled(?:Template)?\.main\+xml|"
    rb"application/vnd\.openxmlformats-officedocument\.wordprocessingml\.template\.main\+xml": (
        b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    ),
    rb"application/vnd\.ms-powerpoint\.(?:slideshow|template)\.macroEnabled\.main\+xml|"
    rb"application/vnd\.openxmlformats-officedocument\.presentationml\.(?:slideshow|template)\.main\+xml": (
        b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
    ),
}


def check_archive(path: Path) -> None:
    """Refuse what is no archive, is encrypted, or unpacks to too much.

    Raises:
        DocumentError: which of these it is, and the cure.
    """
    suffix = path.suffix.lower()
    with path.open("rb") as file:
        start = file.read(4)
    if start == OLE:
        old = f", or an old {suffix[:4]}" if suffix[1] in "dpx" else ""
        raise DocumentError(f"{path.name} is encrypted{old}: remove the password, and save it as {suffix}.")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError):
        raise DocumentError(
            f"{path.name} is broken or not a {suffix[1:].upper()} file: "
            f"open it in {_PROGRAMS[suffix[1]]} and save it anew."
        ) from None
    if any(entry.flag_bits & 1 for entry in entries):
        raise DocumentError(f"{path.name} is encrypted: remove the password, and save it as {suffix}.")
    if (unpacked := sum(entry.file_size for entry in entries)) > MAX_UNPACKED_BYTES:
        raise DocumentError(
            f"{path.name} unpacks to {unpacked >> 20:,} MB, more than the {MAX_UNPACKED_BYTES >> 20} MB "
            "that are read: split it into smaller files."
        )


def open_package(path: Path) -> IO[bytes]:
    """What the libraries can read: the file, or a copy in memory with today's names for its parts' XML."""
    check_archive(path)
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        head = b"".join(
            archive.read(name) for name in ("[Content_Types].xml", "_rels/.rels") if name in names
        )
        if _STRICT not in head and not any(re.search(pattern, head) for pattern in _PLAIN_TYPES):
            return path.open("rb")
        return _renamed(archive)


def _renamed(archive: zipfile.ZipFile) -> IO[bytes]:
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as target:
        for entry in archive.infolist():
            data = archive.read(entry)
            if entry.filename.endswith((".xml", ".rels")):
                for name, plain in _RENAMED.items():
                    data = data.replace(name, plain)
                for pattern, plain in _PLAIN_TYPES.items():
                    data = re.sub(pattern, plain, data)
            target.writestr(entry.filename, data)
    copy.seek(0)
    return copy


def parse_xml(data: bytes, mend: bool = True) -> Any:
    """The root of an XML text; entities stay as they are, and nothing outside of it is read.

    Args:
        mend: give what can be read of a broken text, or None, instead of an error. Right for parts beside
            the body only: half a body would go unnoticed.

    Raises:
        lxml.etree.XMLSyntaxError: the text is broken, and is not to be mended.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=mend)
    return etree.fromstring(data, parser)


def local_name(element: Any) -> str:
    """The tag without its namespace; "" for comments and processing instructions."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def package_properties(path: Path) -> tuple[str, dict[str, tuple[str, ...]]]:
    """The title and the metadata that an Office Open XML file says of itself."""
    with zipfile.ZipFile(path) as archive:
        if _CORE not in archive.namelist():
            return "", {}
        root = parse_xml(archive.read(_CORE))
    values = (
        {local_name(child): one_line("".join(child.itertext())) for child in root} if root is not None else {}
    )
    return values.get("title", ""), metadata(values)


def metadata(values: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Metadata as filters know it from properties as Dublin Core names them; days as 2026-03-01."""
    return dict(_metadata(values))


def _metadata(values: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    if author := values.get("creator"):
        yield "author", tuple(name for part in author.split(";") if (name := part.strip()))
    for name in ("created", "modified"):
        if day := _DAY.match(values.get(name, "")):
            yield name, (day[0],)
    if words := [word for part in _KEYWORDS.split(values.get("keywords", "")) if (word := part.strip())]:
        yield "keywords", tuple(dict.fromkeys(words))


def ole_properties(path: Path) -> tuple[str, dict[str, tuple[str, ...]]]:
    """The title and the metadata that a file of Office before 2007 says of itself."""
    import olefile

    try:
        with olefile.OleFileIO(path) as file:
            stream = file.openstream("\x05SummaryInformation").read(_LONGEST_SUMMARY)
        values = _summary(stream)
    except (
        OSError,
        ValueError,
        LookupError,
        OverflowError,
        struct.error,
    ):  # these say nothing against the text
        return "", {}
    return values.get("title", ""), metadata(values)


def _summary(stream: bytes) -> dict[str, str]:
    """What [MS-OLEPS] calls a property set; olefile's reader believes any count that a file names."""
    (start,) = struct.unpack_from("<I", stream, 44)
    (count,) = struct.unpack_from("<I", stream, start + 4)
    places = dict(
        struct.unpack_from("<II", stream, start + 8 + 8 * at) for at in range(min(count, _MOST_NAMED))
    )
    codepage = struct.unpack_from("<H", stream, start + places[1] + 4)[0] if 1 in places else 1252
    encoding = {1200: "utf-16-le", 65001: "utf-8"}.get(codepage, f"cp{codepage}")
    values: dict[str, str] = {}
    for identifier, name in _SUMMARY.items():
        if identifier in places:
            kind, size = struct.unpack_from("<II", stream, start + places[identifier])
            data = stream[start + places[identifier] + 8 :]
            if kind == _FILE_TIME:
                ticks = struct.unpack_from("<Q", stream, start + places[identifier] + 4)[0]
                values[name] = str(_EPOCH + timedelta(microseconds=ticks // 10)) if ticks else ""
            elif kind == _BYTES:
                values[name] = _decoded(data[:size], encoding)
    return values


def _decoded(value: bytes, encoding: str) -> str:
    try:
        text = value.decode(encoding, "replace")
    except LookupError:
        text = value.decode("utf-8", "replace")
    return one_line(text.replace("\x00", ""))


_LONGEST_TITLE = 80
_SHORTEST_PICTURE = 4
_MADE_UP = re.compile(
    r"(?i)automatically generated|ai-generated|자동으로 생성|^(?:image|picture|graphic|그림|사진|도형)\s?\d*$"
    r"|\.(?:png|jpe?g|gif|bmp|tiff?|[ew]mf|svg)$"
)
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def picture_text(description: str | None) -> str:
    """What an author wrote of a picture for those who cannot see it; "" for what programs make up."""
    text = one_line(description or "")
    return "" if len(text) < _SHORTEST_PICTURE or _MADE_UP.search(text) else text


def note(mark: str, text: str) -> str:
    """A footnote as it stands after its paragraph; in that its mark would change a word."""
    return f"{mark.strip().translate(_SUPERSCRIPTS)} {text}".strip()


def slide_blocks(
    blocks: Sequence[Block], extras: Mapping[str, Sequence[Block]], page: int
) -> Iterator[Block]:
    """A slide's blocks below its title, then the named extras; nothing for an empty slide.

    Without a heading of its own a slide would be taken for a part of the one before it: a short first line
    stands for a title, else the slide's number does.
    """
    if not blocks and not any(extras.values()):
        return
    yield from _titled(blocks, page)
    for name, found in extras.items():
        if found:
            yield Block(name, "heading", 2, page)
            yield from found


def _titled(blocks: Sequence[Block], page: int) -> list[Block]:
    at = next((index for index, block in enumerate(blocks) if block.kind == "heading"), None)
    if at is not None:
        return [blocks[at], *blocks[:at], *blocks[at + 1 :]]
    first = blocks[0] if blocks else None
    if first and first.kind == "text" and len(first.text) <= _LONGEST_TITLE and "\n" not in first.text:
        return [Block(first.text, "heading", 1, page), *blocks[1:]]
    return [Block(f"Slide {page}", "heading", 1, page), *blocks]
