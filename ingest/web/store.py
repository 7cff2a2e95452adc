"""Pages as they were last sent: `DATA_DIR/web/HOST/ADDRESS'S HASH/`, a file and a note about it.

A cache: what is missing or broken is asked for anew. Files change only when their content does.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from ingest.excludes import IGNORE_FILE
from ingest.web.client import Response
from ingest.web.kinds import as_utf8, file_name, suffix_of
from ingest.web.urls import Url, parse

_NOTE = ".page.json"  # with a dot, which no page's file has in front


@dataclass(frozen=True, slots=True)
class Page:
    """A page that lies on the disk.

    Attributes:
        url: in the one spelling of `Url`.
        file: where its content lies.
        fetched: when it was last sent, in ISO 8601.
        etag: with `modified`, what the server tells versions apart by; "" where it does not say.
    """

    url: str
    file: Path
    fetched: str
    etag: str = ""
    modified: str = ""

    @property
    def conditions(self) -> dict[str, str]:
        """The head of a request that is answered by 304 as long as nothing changed."""
        head = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in head.items() if value}

    @property
    def changed_on(self) -> str:
        """The day of its last change (2026-03-02) by the server's word; "" if that is none."""
        try:
            return parsedate_to_datetime(self.modified).date().isoformat()
        except ValueError:
            return ""


class PageStore:
    """The pages below one data folder."""

    def __init__(self, data_dir: Path) -> None:
        self._root = data_dir.resolve() / "web"

    def get(self, url: Url) -> Page | None:
        """The page as it was last kept; None if it was not, or the note about it is broken."""
        folder = self._folder(url)
        try:
            note = json.loads((folder / _NOTE).read_text(encoding="utf-8"))
            page = Page(**{**note, "file": folder / Path(note["file"]).name})
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return page if page.url == str(url) and page.file.is_file() else None

    def keep(self, url: Url, response: Response) -> Page:
        """Keep what the server sent; an equal content keeps its file as it is.

        Raises:
            OutOfBounds: there is no reader for its type.
            OSError: the disk is full or may not be written.
        """
        suffix = suffix_of(url, response)
        content = as_utf8(suffix, response)
        folder = self._folder(url)
        folder.mkdir(parents=True, exist_ok=True)
        (self._root / IGNORE_FILE).write_text("*\n", encoding="utf-8")  # no folder of files to index
        file = folder / file_name(url, response, suffix)
        if not (file.is_file() and file.read_bytes() == content):
            _write(file, content)
        page = Page(
            url=str(url),
            file=file,
            fetched=datetime.now(UTC).isoformat(timespec="seconds"),
            etag=_printable(response.head.get("etag", "")),
            modified=_printable(response.head.get("last-modified", "")),
        )
        note = json.dumps({**asdict(page), "file": file.name}, ensure_ascii=False, indent=1)
        _write(folder / _NOTE, note.encode())
        for other in folder.iterdir():  # an earlier version may have been of another type
            if not other.name.startswith(".") and other.name != file.name:
                other.unlink(missing_ok=True)
        return page

    def drop(self, url: Url) -> None:
        """Forget a page that is gone."""
        shutil.rmtree(self._folder(url), ignore_errors=True)

    def _folder(self, url: Url) -> Path:
        host = re.sub(r"[^\w.-]", "_", url.authority)
        return self._root / host / hashlib.sha256(str(url).encode()).hexdigest()[:24]


def forget(address: str, data_dir: Path) -> None:
    """Delete the copy of a page, by its name in the catalogue."""
    PageStore(data_dir).drop(parse(address))


def _printable(value: str) -> str:
    """What is sent back to the server: one line of ASCII, not too long."""
    return value if value.isascii() and value.isprintable() and len(value) <= 500 else ""


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name[:40]}.{threading.get_ident()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
