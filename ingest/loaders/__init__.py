"""Readers of files: a table from suffix to reader, and `read`, which picks one and makes every failure clear.

A reader is a function `(path) -> Iterator[SourceDocument]` in a module of this folder, imported when a file
of its kind comes. To add a format: one file and its suffixes in `READERS`.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from app.errors import DocumentError
from ingest.loaders.base import Block, Kind, SourceDocument
from ingest.loaders.metadata import with_usual_names
from ingest.loaders.signature import suffix_by_content

__all__ = ["READERS", "Block", "Kind", "Reader", "SourceDocument", "is_readable", "read", "suffixes"]

Reader = Callable[[Path], Iterator[SourceDocument]]

_CODE = (
    ".py .pyi .js .mjs .cjs .jsx .ts .tsx .vue .java .kt .kts .scala .groovy .c .h .cc .cpp .cxx .hpp .cs "
    ".go .rs .rb .php .swift .dart .pl .pm .lua .r .jl .sql .sh .bash .zsh .ps1 .proto .graphql .tf .css "
    ".scss .less .yaml .yml .toml .ini .cfg .conf .properties"
)

_IMAGES = ".png .jpg .jpeg .tif .tiff .bmp .webp .gif"

READERS = {
    ".pdf": "ingest.loaders.pdf:read",
    ".docx": "ingest.loaders.docx:read",
    ".docm": "ingest.loaders.docx:read",
    ".dotx": "ingest.loaders.docx:read",
    ".pptx": "ingest.loaders.pptx:read",
    ".pptm": "ingest.loaders.pptx:read",
    ".ppsx": "ingest.loaders.pptx:read",
    ".potx": "ingest.loaders.pptx:read",
    ".xlsx": "ingest.loaders.xlsx:read",
    ".xlsm": "ingest.loaders.xlsx:read",
    ".xltx": "ingest.loaders.xlsx:read",
    ".xls": "ingest.loaders.xls:read",
    ".odt": "ingest.loaders.odf:read",
    ".ods": "ingest.loaders.odf:read",
    ".odp": "ingest.loaders.odf:read",
    ".doc": "ingest.loaders.legacy:read",
    ".ppt": "ingest.loaders.legacy:read",
    ".rtf": "ingest.loaders.rtf:read",
    ".xml": "ingest.loaders.xml:read",
    ".md": "ingest.loaders.markdown:read",
    ".markdown": "ingest.loaders.markdown:read",
    ".txt": "ingest.loaders.text:read",
    ".text": "ingest.loaders.text:read",
    ".log": "ingest.loaders.text:read",
    ".rst": "ingest.loaders.text:read",
    ".html": "ingest.loaders.html:read",
    ".htm": "ingest.loaders.html:read",
    ".csv": "ingest.loaders.delimited:read",
    ".tsv": "ingest.loaders.delimited:read",
    ".json": "ingest.loaders.json:read",
    ".jsonl": "ingest.loaders.json:read_lines",
    ".ndjson": "ingest.loaders.json:read_lines",
    ".hwp": "ingest.loaders.hwp:read",
    ".hwpx": "ingest.loaders.hwp:read",
    ".eml": "ingest.loaders.eml:read",
    ".msg": "ingest.loaders.msg:read",
    ".epub": "ingest.loaders.epub:read",
    ".ipynb": "ingest.loaders.ipynb:read",
    ".zip": "ingest.loaders.archive:read",
    **dict.fromkeys(_IMAGES.split(), "ingest.loaders.image:read"),
    **dict.fromkeys(_CODE.split(), "ingest.loaders.code:read"),
}

# Above this a reader would need more memory than a laptop has to spare.
MAX_FILE_BYTES = 1024**3

_logger = logging.getLogger(__name__)


def suffixes() -> tuple[str, ...]:
    """The suffixes that can be read, in lower case with their dot."""
    return tuple(READERS)


def is_readable(path: Path) -> bool:
    """Whether the name has a suffix that a reader knows."""
    return path.suffix.lower() in READERS


def read(path: Path) -> Iterator[SourceDocument]:
    """The documents in one file; all text in Unicode's composed form (NFC).

    Raises:
        DocumentError: the file cannot be read; the message names the file, what is wrong and the cure.
    """
    try:
        _check(path)
        for document in _reader(path)(path):
            yield _composed(document)
    except DocumentError:
        raise
    except PermissionError:
        raise DocumentError(f"{path.name} may not be read: give this user the right to read it.") from None
    except OSError as error:
        raise DocumentError(f"{path.name} cannot be read: {error.strerror or error}.") from error
    except Exception as error:  # parsers raise anything on hostile files, and one file must not stop a run
        _logger.debug("reading %s failed", path, exc_info=True)
        what = f"{type(error).__name__}: {error}".strip().rstrip(":.")[:300]
        raise DocumentError(
            f"{path.name} cannot be read as {path.suffix.lower()[1:].upper()} ({what}). "
            "Open it in its own program and save it anew."
        ) from error


def _check(path: Path) -> None:
    size = path.stat().st_size
    if size == 0:
        raise DocumentError(f"{path.name} is empty (0 bytes): restore it from where it came, or remove it.")
    if size > MAX_FILE_BYTES:
        raise DocumentError(
            f"{path.name} has {size / 1024**2:,.0f} MB, more than the {MAX_FILE_BYTES // 1024**2:,} MB "
            "that are read: split it into smaller files."
        )


def _reader(path: Path) -> Reader:
    target = READERS.get(path.suffix.lower())
    if target is None:
        raise DocumentError(
            f"{path.name}: files of type {path.suffix!r} are not read; these are: {' '.join(READERS)}."
        )
    module, _, name = READERS.get(suffix_by_content(path) or "", target).partition(":")
    reader: Reader = getattr(import_module(module), name)
    return reader


def _composed(document: SourceDocument) -> SourceDocument:
    from ingest.suspicion import parted  # which knows blocks, too

    blocks = [
        block
        if unicodedata.is_normalized("NFC", block.text)
        else replace(block, text=unicodedata.normalize("NFC", block.text))
        for block in document.blocks
    ]
    title = unicodedata.normalize("NFC", document.title)
    seen, hidden = parted(blocks, title)
    return replace(
        document,
        title=title,
        blocks=seen,
        hidden=[*document.hidden, *hidden],
        metadata=with_usual_names(document.metadata),
    )
