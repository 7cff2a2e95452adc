"""DOC and PPT: those of 97 to 2003 by their records, older ones by kreuzberg, others as what they are."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path

from app.errors import DocumentError
from ingest.loaders import doc, ppt
from ingest.loaders.base import Block, SourceDocument, markdown_table, title_from_name, without_text
from ingest.loaders.office import OLE, UNTITLED, ole_properties

_INSTALL = (
    "make install, or .venv/bin/python -m pip install --constraint constraints.txt --editable '.[legacy]'"
)
_TYPES = {".doc": "application/msword", ".ppt": "application/vnd.ms-powerpoint"}
_NEWER = {".doc": ".docx", ".ppt": ".pptx"}
_ENCRYPTED_DOC = 0x01
_ENCRYPTED_PPT = b"\xdf\xc4\xd1\xf3"

# What Word keeps of a field beside its result: "Figure SEQ Figure \* ARABIC 1".
_FIELD = re.compile(
    r"[ \t]+(?:SEQ|REF|PAGEREF|STYLEREF|PAGE|NUMPAGES|DATE)\b[^\\\n]*(?:\\\S+ ?(?:[A-Z]\w* )?)+"
)
_BREAK = re.compile(r"\r\n?|\x0b")
_MASTER = re.compile(r"Click to edit Master|마스터 (?:제목|텍스트) 스타일")


def read(path: Path) -> Iterator[SourceDocument]:
    """One document; slides are pages. Word keeps no pages in its files.

    Raises:
        DocumentError: kreuzberg is missing, with the command that installs it; or the file is bad.
    """
    with path.open("rb") as file:
        start = file.read(512)
    if not start.startswith(OLE):
        yield from _disguised(path, start)
        return
    _check_encryption(path)
    slides = _slides(path) if path.suffix.lower() == ".ppt" else []
    blocks = [block for slide in slides for block in slide] if slides else _word(path)
    blocks = blocks or list(_blocks(_extract(path)))
    if not blocks:
        raise without_text(path)
    title, metadata = ole_properties(path)
    heading = blocks[0].text if blocks[0].kind == "heading" else ""
    title = heading if title.lower() in UNTITLED else title
    yield SourceDocument(title or title_from_name(path), blocks, pages=len(slides) or None, metadata=metadata)


def _disguised(path: Path, start: bytes) -> Iterator[SourceDocument]:
    from ingest.loaders import docx, html, pptx, rtf, text

    if start.startswith(b"PK"):
        yield from (docx if path.suffix.lower() == ".doc" else pptx).read(path)
    elif start.lstrip().startswith(b"{\\rtf"):
        yield from rtf.read(path)
    elif b"<" in start.replace(b"\x00", b"")[:64]:
        yield from html.read(path)
    else:
        yield from text.read(path)


def _check_encryption(path: Path) -> None:
    import olefile

    with olefile.OleFileIO(path) as file:
        word = file.openstream("WordDocument").read(12) if file.exists("WordDocument") else b""
        user = file.openstream("Current User").read(16) if file.exists("Current User") else b""
    if (word[11:12] and word[11] & _ENCRYPTED_DOC) or user[12:16] == _ENCRYPTED_PPT:
        newer = _NEWER[path.suffix.lower()]
        raise DocumentError(f"{path.name} is encrypted: remove the password, and save it as {newer}.")


def _word(path: Path) -> list[Block]:
    """The blocks of a Word 97 to 2003 file; none of another."""
    import olefile

    try:
        with olefile.OleFileIO(path) as file:
            stream = file.openstream("WordDocument").read()
            table = file.openstream(doc.table_name(stream)).read() if doc.is_word_97(stream) else b""
        return list(doc.blocks(stream, table)) if table else []
    except (ValueError, LookupError, OSError, struct.error):
        return []


def _slides(path: Path) -> list[list[Block]]:
    """The blocks of each slide; none where they cannot be told apart."""
    import olefile

    try:
        with olefile.OleFileIO(path) as file:
            stream, user = (file.openstream(name).read() for name in ("PowerPoint Document", "Current User"))
        return list(ppt.slides(stream, user))
    except (ValueError, LookupError, OSError, struct.error):
        return []


def _extract(path: Path) -> str:
    suffix = path.suffix.lower()
    try:
        import kreuzberg
    except ImportError:
        raise DocumentError(
            f"{path.name} is broken, or older than 97: files of type {suffix!r} from then need the package "
            f"kreuzberg: run {_INSTALL}."
        ) from None
    try:
        return str(kreuzberg.extract_file_sync(str(path), mime_type=_TYPES[suffix]).content)
    except (kreuzberg.KreuzbergError, OSError) as error:
        raise DocumentError(
            f"{path.name} is broken or not a {suffix[1:].upper()} file ({error}): "
            f"open it in its own program and save it as {_NEWER[suffix]}."
        ) from None


def _blocks(text: str) -> Iterator[Block]:
    for line in _FIELD.sub(" ", _BREAK.sub("\n", text)).split("\n"):
        if table := _table(line):
            yield table
        elif line.strip() and not _MASTER.search(line):
            yield Block(line.strip())


def _table(line: str) -> Block | None:
    """A table as it comes: cells between tabs, rows between two of them."""
    rows = [row.split("\t") for row in line.strip("\t").split("\t\t")]
    if not line.startswith("\t") or len(rows) < 2 or min(map(len, rows)) < 2:
        return None
    return Block(markdown_table(rows), "table")
