"""What a file is by its first bytes, where its suffix says something else."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

_PDF, _ZIP, _OLE, _IMAGE, _TEXT = "pdf", "zip", "ole", "image", "text"

# First bytes -> family. A PDF may have some bytes before its mark; most readers allow a thousand.
_MARKS = {
    b"%PDF-": _PDF,
    b"PK\x03\x04": _ZIP,
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": _OLE,
    b"\x89PNG\r\n\x1a\n": _IMAGE,
    b"\xff\xd8\xff": _IMAGE,
    b"GIF8": _IMAGE,
    b"II*\0": _IMAGE,
    b"MM\0*": _IMAGE,
}
_PACKAGES = (
    ".docx .docm .dotx .dotm .pptx .pptm .ppsx .potx .xlsx .xlsm .xltx .xltm .odt .ott .ods .ots .odp .otp "
    ".hwpx .epub .zip"
)
_FAMILIES = {
    ".pdf": _PDF,
    **dict.fromkeys(_PACKAGES.split(), _ZIP),
    **dict.fromkeys((".doc", ".dot", ".xls", ".xlt", ".ppt", ".pps", ".hwp", ".msg"), _OLE),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".gif"), _IMAGE),
}
# A member that tells what a package is, and the suffix whose reader takes it.
_MEMBERS = {
    "word/document.xml": ".docx",
    "ppt/presentation.xml": ".pptx",
    "xl/workbook.xml": ".xlsx",
    "META-INF/container.xml": ".epub",
    "Contents/content.hpf": ".hwpx",
}
_TYPES = {
    b"application/vnd.oasis.opendocument.text": ".odt",
    b"application/vnd.oasis.opendocument.spreadsheet": ".ods",
    b"application/vnd.oasis.opendocument.presentation": ".odp",
    b"application/hwp+zip": ".hwpx",
    b"application/epub+zip": ".epub",
}
_STREAMS = {
    "WordDocument": ".doc",
    "Workbook": ".xls",
    "Book": ".xls",
    "PowerPoint Document": ".ppt",
    "FileHeader": ".hwp",
    "__properties_version1.0": ".msg",
}


def suffix_by_content(path: Path) -> str | None:
    """The suffix that the content would have, if it cannot be of the kind that the file's own one names.

    None where both may be right: readers of old Office formats know themselves what else comes by their
    names, and a text has no mark.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        beginning = file.read(16)
    family = next((family for mark, family in _MARKS.items() if beginning.startswith(mark)), None)
    expected = _FAMILIES.get(path.suffix.lower(), _TEXT)
    if family is None or expected in (family, _OLE):
        return None
    return _KINDS[family](path)


def _package(path: Path) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            kind = archive.open("mimetype").read(80).strip() if "mimetype" in names else b""
    except (OSError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile):
        return None
    return _TYPES.get(kind) or next((suffix for name, suffix in _MEMBERS.items() if name in names), ".zip")


def _compound(path: Path) -> str | None:
    import olefile

    try:
        with olefile.OleFileIO(path) as file:
            return next((suffix for name, suffix in _STREAMS.items() if file.exists(name)), None)
    except (OSError, ValueError, IndexError):
        return None


_KINDS: dict[str, Callable[[Path], str | None]] = {
    _PDF: lambda _: ".pdf",
    _IMAGE: lambda _: ".png",
    _ZIP: _package,
    _OLE: _compound,
}
