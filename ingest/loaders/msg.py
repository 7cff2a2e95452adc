"""MSG: mails as Outlook saves them (MS-OXMSG), properties in an OLE compound file, read by olefile."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.utils import parsedate_to_datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import DocumentError
from ingest.loaders import lzfu
from ingest.loaders.base import SourceDocument, one_line
from ingest.loaders.mail import Attachment, Mail, body_blocks, decoded, documents, written
from ingest.loaders.members import MAX_DEPTH

if TYPE_CHECKING:
    from olefile import OleFileIO

# Of recipients and of attachments; more are made to keep a reader busy.
_MOST_PARTS = 1000

_SUBJECT, _BODY, _HTML, _RTF, _HEADERS = 0x0037, 0x1000, 0x1013, 0x1009, 0x007D
_SENDER_NAMES, _SENDER_ADDRESSES = (0x0C1A, 0x0042), (0x5D01, 0x5D02, 0x0C1F, 0x0065)
_NAMES, _ADDRESSES, _RECIPIENT_TYPE = (0x3001, 0x5FF6), (0x39FE, 0x3003), 0x0C15
_SHOWN_TO, _SHOWN_CC = 0x0E04, 0x0E03
_SUBMITTED, _DELIVERED = 0x0039, 0x0E06
_ATTACHED, _ATTACHED_NAMES, _MEDIA_TYPE, _ATTACH_FLAGS = 0x3701, (0x3707, 0x3704, 0x3001), 0x370E, 0x3714
_CODE_PAGES = (0x3FFD, 0x3FDE)
_TO, _CC = 1, 2
_IN_BODY = 4

_ENCODINGS = {65001: "utf-8", 51949: "cp949", 50225: "iso2022_kr", 20127: "ascii", 28591: "cp1252"}
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


def read(path: Path) -> Iterator[SourceDocument]:
    import olefile

    try:
        with olefile.OleFileIO(path) as container:
            mail = _mail(_Storage(container), 0)
    except (OSError, ValueError, IndexError, struct.error, RecursionError) as error:
        reason = one_line(str(error))[:200]
        raise DocumentError(
            f"{path.name} is broken or not a mail of Outlook ({reason}): open it there and save it anew."
        ) from error
    yield from documents(path, mail)


@dataclass
class _Storage:
    """A message, a recipient or an attachment: its properties by number.

    Attributes:
        within: the storages above it in the file.
        code_page: of strings that are not in UTF-16; of the message, where it is a part of one.
    """

    container: OleFileIO
    within: tuple[str, ...] = ()
    code_page: str = ""

    def __post_init__(self) -> None:
        for number in _CODE_PAGES:
            if page := self.fixed.get(number, 0) & 0xFFFFFFFF:
                self.code_page = self.code_page or _ENCODINGS.get(page, f"cp{page}")

    def stream(self, name: str) -> bytes:
        path = [*self.within, name]
        return self.container.openstream(path).read() if self.container.exists(path) else b""

    def data(self, number: int) -> bytes:
        return self.stream(f"__substg1.0_{number:04X}0102")

    def text(self, *numbers: int) -> str:
        """The first of these that is there and not empty."""
        for number in numbers:
            wide = self.stream(f"__substg1.0_{number:04X}001F").decode("utf-16-le", "replace")
            text = wide or decoded(self.stream(f"__substg1.0_{number:04X}001E"), self.code_page)
            if text.strip("\0 \r\n"):
                return text.replace("\0", "").replace("\r\n", "\n")
        return ""

    @cached_property
    def fixed(self) -> dict[int, int]:
        """Numbers, flags and times: rows of tag, flags and value, after a head by what the storage is."""
        last = self.within[-1] if self.within else ""
        rows = self.stream("__properties_version1.0")[_heads(last) :]
        rows = rows[: len(rows) // 16 * 16]
        return {tag >> 16: value for tag, _, value in struct.iter_unpack("<IIQ", rows)}

    def parts(self, kind: str) -> list[_Storage]:
        start = len(self.within)
        names = {
            entry[start]
            for entry in self.container.listdir(streams=True, storages=False)
            if len(entry) > start + 1 and tuple(entry[:start]) == self.within
        }
        chosen = sorted(name for name in names if name.startswith(f"__{kind}_version1.0_#"))[:_MOST_PARTS]
        return [_Storage(self.container, (*self.within, name), self.code_page) for name in chosen]


def _heads(storage: str) -> int:
    """Bytes before the rows: of the file's own message, of a message within it, of any other part."""
    return 32 if not storage else 24 if storage.endswith("000D") else 8


def _mail(storage: _Storage, depth: int) -> Mail:
    headers = message_from_string(storage.text(_HEADERS))
    people = _people(storage)
    sender = one_line(storage.text(*_SENDER_NAMES)), _address(storage, _SENDER_ADDRESSES)
    plain, html = _body(storage)
    return Mail(
        subject=one_line(storage.text(_SUBJECT)),
        sender=[sender] if any(sender) else [],
        to=people.get(_TO) or _shown(storage.text(_SHOWN_TO)),
        cc=people.get(_CC) or _shown(storage.text(_SHOWN_CC)),
        date=_date(storage, str(headers.get("date") or "")),
        body=body_blocks(plain, html),
        attachments=[found for part in storage.parts("attach") for found in _attachment(part, depth)],
    )


def _body(storage: _Storage) -> tuple[str, str]:
    """(plain text, HTML); where there is neither, what the formatted text holds."""
    plain = storage.text(_BODY)
    html = storage.text(_HTML) or decoded(storage.data(_HTML), storage.code_page)
    if not plain.strip() and not html.strip():
        plain = lzfu.text(storage.data(_RTF))
    return plain, html


def _people(storage: _Storage) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = {}
    for part in storage.parts("recip"):
        person = one_line(part.text(*_NAMES)), _address(part, _ADDRESSES)
        if any(person):
            found.setdefault(part.fixed.get(_RECIPIENT_TYPE, _TO) & 0xF, []).append(person)
    return found


def _address(storage: _Storage, numbers: Sequence[int]) -> str:
    """The first that is an address of the internet, and not one within Exchange."""
    return next((text for number in numbers if "@" in (text := one_line(storage.text(number)))), "")


def _shown(text: str) -> list[tuple[str, str]]:
    return [(one_line(name), "") for name in text.split(";") if name.strip()]


def _date(storage: _Storage, header: str) -> datetime | None:
    for number in (_SUBMITTED, _DELIVERED):
        if ticks := storage.fixed.get(number, 0):
            with suppress(OverflowError):
                return _EPOCH + timedelta(microseconds=ticks // 10)
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        return parsedate_to_datetime(header)
    return None


def _attachment(part: _Storage, depth: int) -> Iterator[Attachment]:
    """The file; an attached mail is written as EML; pictures that the text shows are left out."""
    name, media_type = one_line(part.text(*_ATTACHED_NAMES)), one_line(part.text(_MEDIA_TYPE)).lower()
    inner = (*part.within, f"__substg1.0_{_ATTACHED:04X}000D")
    if part.container.exists([*inner, "__properties_version1.0"]):
        if depth < MAX_DEPTH:
            mail = _Storage(part.container, inner, part.code_page)
            yield written(_mail(mail, depth + 1), name)
    elif not (part.fixed.get(_ATTACH_FLAGS, 0) & _IN_BODY and media_type.startswith("image/")):
        yield Attachment(name, part.data(_ATTACHED), media_type)
