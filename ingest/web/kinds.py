"""What kind of file a web server sends: the suffix that a reader knows, and text as UTF-8."""

from __future__ import annotations

import codecs
import mimetypes
import re
from pathlib import PurePosixPath
from urllib.parse import unquote

from ingest.loaders import READERS
from ingest.web.client import Response
from ingest.web.trouble import OutOfBounds
from ingest.web.urls import Url, readable

_SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "application/x-pdf": ".pdf",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/x-markdown": ".md",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/json": ".json",
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "application/x-ipynb+json": ".ipynb",
    "message/rfc822": ".eml",
    "application/vnd.ms-outlook": ".msg",
    "application/rtf": ".rtf",
    "text/rtf": ".rtf",
    "application/epub+zip": ".epub",
    "application/msword": ".doc",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.ms-powerpoint": ".ppt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.oasis.opendocument.presentation": ".odp",
    "application/x-hwp": ".hwp",
    "application/haansofthwp": ".hwp",
    "application/vnd.hancom.hwp": ".hwp",
    "application/hwp+zip": ".hwpx",
    "application/haansofthwpx": ".hwpx",
    "application/vnd.hancom.hwpx": ".hwpx",
}

# Types that servers send for whatever they do not know, or that several formats share.
_SAYS_NOTHING = {
    "",
    "text/plain",
    "application/octet-stream",
    "binary/octet-stream",
    "application/x-download",
}
_SAYS_NOTHING |= {"application/download", "application/force-download", "application/zip"}

# Programs that make pages, which some systems know as types of their own.
_PROGRAMS = (".php", ".asp", ".aspx", ".jsp", ".jspx", ".cgi", ".cfm", ".do", ".action", ".shtml")

_TEXTS = (".html", ".txt", ".md", ".csv", ".tsv", ".json", ".jsonl")
_PDF_MARK = b"%PDF-"
_CONTAINER_MARKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_NAME = re.compile(r"filename\*?\s*=\s*(?:[\w-]*''|\")?([^\";]+)", re.IGNORECASE)


def media_type(response: Response) -> str:
    return response.head.get("content-type", "").partition(";")[0].strip().lower()


def charset(response: Response) -> str | None:
    """The encoding that the server names, if Python knows it as one of text."""
    match = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", response.head.get("content-type", ""))
    try:
        return codecs.lookup(match[1]).name if match else None
    except LookupError:
        return None


def suffix_of(url: Url, response: Response) -> str:
    """The suffix by which a reader is chosen: what the bytes show, else what the server and the name say.

    Raises:
        OutOfBounds: there is no reader for this type.
    """
    typed = media_type(response)
    said, named = _SUFFIXES.get(typed, ""), _named(url, response)
    start = response.body[:1024].lstrip()
    if start.startswith(_PDF_MARK):
        suffix = ".pdf"
    elif named in READERS and (typed in _SAYS_NOTHING or start.startswith(_CONTAINER_MARKS)):
        suffix = named
    else:
        suffix = said
    if suffix not in READERS:
        kind = typed or named or "unknown"
        raise OutOfBounds(f"{readable(url)} is of the type {kind[:80]!r}, which is not read.")
    return suffix


def may_be_read(url: Url) -> bool:
    """Whether a link is worth following by its name: no picture, script or archive."""
    if PurePosixPath(url.path).suffix.lower() in _PROGRAMS:
        return True
    guessed = mimetypes.guess_type(url.path)[0]
    return guessed is None or guessed in _SUFFIXES


def as_utf8(suffix: str, response: Response) -> bytes:
    """The body; text that only the server's head gives an encoding of gets it written into it, as UTF-8."""
    encoding = charset(response)
    if suffix not in _TEXTS or encoding in (None, "utf-8") or response.body.startswith(codecs.BOM_UTF8):
        return response.body
    try:
        text = codecs.decode(response.body, _REAL.get(str(encoding), str(encoding)))
    except (UnicodeError, LookupError, TypeError):
        return response.body
    return codecs.BOM_UTF8 + text.encode("utf-8", "replace") if isinstance(text, str) else response.body


# What is sent under these names is, by the rules of browsers, the larger encoding.
_REAL = {"euc_kr": "cp949", "ks_c_5601-1987": "cp949", "iso8859-1": "cp1252", "ascii": "cp1252"}


def file_name(url: Url, response: Response, suffix: str) -> str:
    """A name for the file that holds the page: the last part of its address, harmless on any system."""
    name = _attached(response) or unquote(url.path.rstrip("/").rpartition("/")[2])
    stem = re.sub(r"[^\w.-]+", " ", name.removesuffix(suffix)).strip(". ")
    short = stem.encode()[:80].decode(errors="ignore").strip(". ")
    short = f"_{short}" if _RESERVED.fullmatch(short) else short
    return (short or re.sub(r"[^\w.-]", "-", url.host)) + suffix


def _named(url: Url, response: Response) -> str:
    names = (_attached(response), unquote(url.path))
    return next((suffix for name in names if (suffix := PurePosixPath(name).suffix.lower())), "")


def _attached(response: Response) -> str:
    match = _NAME.search(response.head.get("content-disposition", ""))
    return unquote(match[1]).strip().rpartition("/")[2].rpartition("\\")[2] if match else ""
