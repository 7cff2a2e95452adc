"""RTF by striprtf: paragraphs and tables; title, author and dates from its information group."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from app.errors import DocumentError
from ingest.loaders.base import Block, SourceDocument, markdown_table, one_line, title_from_name, without_text
from ingest.loaders.office import metadata

_START = re.compile(rb"\s*\{\\rtf")
_CODEPAGE = re.compile(rb"\\ansicpg(\d+)")
_INFO = re.compile(r"\{\\info\b")
_GROUP = re.compile(r"\{\\(title|author|keywords)\b ?((?:[^{}\\]|\\.)*)\}", re.DOTALL)
_TIME = re.compile(r"\{\\(creatim|revtim)\\yr(\d{4})\\mo(\d{1,2})\\dy(\d{1,2})")
_NAMES = {"author": "creator", "creatim": "created", "revtim": "modified"}
_INFO_CHARACTERS = 20_000


def read(path: Path) -> Iterator[SourceDocument]:
    data = path.read_bytes()
    if not _START.match(data):
        raise DocumentError(f"{path.name} is broken or not an RTF file: open it in Word and save it anew.")
    found = _CODEPAGE.search(data)
    codepage = f"cp{int(found[1])}" if found else "cp1252"
    source = data.decode("latin-1")
    try:
        text = _plain(source, codepage)
        values = dict(_properties(source, codepage))
    except LookupError:
        raise DocumentError(
            f"{path.name} is in the unknown code page {codepage!r}: save it anew in Word."
        ) from None
    blocks = list(_blocks(text))
    if not blocks:
        raise without_text(path)
    yield SourceDocument(values.get("title") or title_from_name(path), blocks, metadata=metadata(values))


def _plain(source: str, codepage: str) -> str:
    from striprtf import striprtf

    return str(striprtf.rtf_to_text(source, encoding=codepage, errors="replace"))  # type: ignore[no-untyped-call]


def _blocks(text: str) -> Iterator[Block]:
    """Lines with a bar at their end are rows of a table; the others are paragraphs."""
    lines = (line for line in text.replace("\x00", "").split("\n") if line.strip(" \t|"))
    for is_table, group in groupby(lines, key=lambda line: line.rstrip().endswith("|")):
        if is_table:
            yield Block(markdown_table([line.rstrip()[:-1].split("|") for line in group]), "table")
        else:
            yield from (_paragraph(line.strip()) for line in group)


def _paragraph(line: str) -> Block:
    mark = line[:1]
    return Block(f"- {line[1:].strip()}", "list") if mark in "•·▪◦" else Block(line)


def _properties(source: str, codepage: str) -> Iterator[tuple[str, str]]:
    if not (start := _INFO.search(source)):
        return
    info = source[start.start() : start.start() + _INFO_CHARACTERS]
    for name, value in _GROUP.findall(info):
        yield _NAMES.get(name, name), one_line(_plain(f"{{\\rtf1 {value}}}", codepage))
    for name, year, month, day in _TIME.findall(info):
        yield _NAMES[name], f"{year}-{int(month):02}-{int(day):02}"
