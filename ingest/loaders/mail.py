"""A mail, from whatever format: its headers and body as one document, each attachment as one of its own."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from email.header import Header
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime
from functools import partial
from mimetypes import guess_extension
from pathlib import Path, PurePosixPath

from app.errors import DocumentError
from ingest.loaders import is_readable
from ingest.loaders.base import Block, SourceDocument, paragraphs, title_from_name
from ingest.loaders.encoding import decode
from ingest.loaders.html import structure
from ingest.loaders.members import Members, clean_name
from ingest.loaders.metadata import Metadata, collect

# Mail programs write names of encodings that Python does not know, or means more narrowly.
_ENCODINGS = {
    "ks_c_5601-1987": "cp949",
    "ks_c_5601-1989": "cp949",
    "ksc5601": "cp949",
    "ksc_5601": "cp949",
    "euc-kr": "cp949",
    "euc_kr": "cp949",
    "x-windows-949": "cp949",
    "windows-949": "cp949",
    "iso-2022-kr": "iso2022_kr",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "iso-8859-1": "cp1252",
    "unicode-1-1-utf-7": "utf-7",
}
_SUFFIXES = {"message/rfc822": ".eml", "text/plain": ".txt", "text/html": ".html", "image/jpeg": ".jpg"}
_BLANKS = re.compile(r"[ \t\xa0\u3000]+$", re.MULTILINE)
_LONGEST_LINE = 4000
_MUCH_MORE = 2


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    data: bytes
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """What readers of mail formats find.

    Attributes:
        sender, to, cc: (name, address); either may be empty.
        notes: what is wrong with the mail, for people.
    """

    subject: str = ""
    sender: Sequence[tuple[str, str]] = ()
    to: Sequence[tuple[str, str]] = ()
    cc: Sequence[tuple[str, str]] = ()
    date: datetime | None = None
    body: Sequence[Block] = ()
    attachments: Sequence[Attachment] = ()
    notes: Sequence[str] = ()


def documents(path: Path, mail: Mail) -> Iterator[SourceDocument]:
    """The mail, then its attachments; these carry its metadata too, and have their name as `record_id`.

    Raises:
        DocumentError: there is neither a header nor text nor an attachment.
    """
    members = Members()
    metadata = _metadata(mail)
    attached = [
        replace(
            document, title=document.record_id or document.title, metadata={**metadata, **document.metadata}
        )
        for attachment in mail.attachments
        for document in members.read(_name(attachment), partial(io.BytesIO, attachment.data))
    ]
    head = "\n".join(_head(mail, [*members.names, *members.problems]))
    notes = [*mail.notes, *(f"{name}: {problem}" for name, problem in members.problems.items())]
    if not (mail.subject or mail.body or mail.sender or attached):
        raise DocumentError(f"{path.name} is no mail, or an empty one: save it anew from the mail program.")
    blocks = [Block(head)] if head else []
    blocks += [*mail.body, *(Block(f"Attachment not read: {note}") for note in notes)]
    yield SourceDocument(mail.subject or title_from_name(path), blocks, metadata=metadata)
    yield from attached


def decoded(data: bytes, charset: str | None) -> str:
    """Text in the encoding that the mail names; where that is wrong or unknown, in the one that fits."""
    name = (charset or "").strip().strip("\"'").lower()
    text = None
    if name:
        with suppress(LookupError, ValueError):
            text = data.decode(_ENCODINGS.get(name, name))
    if text is None:
        text = decode(data) or data.decode("utf-8", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return text.encode("utf-8", "replace").decode("utf-8")  # some encodings give half characters


def body_blocks(plain: str, html: str) -> list[Block]:
    """The plain text; HTML where there is none, or far less ("your program cannot show this mail")."""
    blocks = list(paragraphs(_BLANKS.sub("", plain)))
    formatted = list(structure(html)) if html.strip() else []
    if _length(formatted) > _MUCH_MORE * _length(blocks):
        return formatted
    return [*blocks, *(block for block in formatted if block.hidden)]


def written(mail: Mail, name: str) -> Attachment:
    """A mail that is a part of another one in a format without files of its own, as EML."""
    message = MIMEMultipart()
    message["Subject"] = Header(mail.subject, "utf-8").encode()
    for label, people in (("From", mail.sender), ("To", mail.to), ("Cc", mail.cc)):
        for person, address in people:
            ascii_address = address if address.isascii() else ""
            message[label] = f"{Header(person, 'utf-8').encode()} <{ascii_address}>"
    if mail.date:
        message["Date"] = format_datetime(mail.date)
    message.attach(MIMEText("\n\n".join(block.text for block in mail.body), "plain", "utf-8"))
    for attachment in mail.attachments:
        part = MIMEApplication(attachment.data)
        part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", attachment.name))
        message.attach(part)
    label = clean_name(name or mail.subject).replace("/", "_")
    return Attachment(label if label.lower().endswith(".eml") else f"{label}.eml", message.as_bytes())


def _length(blocks: Sequence[Block]) -> int:
    return sum(len(block.text) for block in blocks if not block.hidden)


def _head(mail: Mail, attached: Sequence[str]) -> Iterator[str]:
    people = (("From", mail.sender), ("To", mail.to), ("Cc", mail.cc))
    for label, addresses in people:
        if addresses:
            yield f"{label}: {', '.join(map(_person, addresses))}"[:_LONGEST_LINE]
    if mail.date:
        yield f"Date: {mail.date.strftime('%Y-%m-%d %H:%M %z').strip()}"
    if mail.subject:
        yield f"Subject: {mail.subject}"
    if attached:
        yield f"Attachments: {', '.join(attached)}"[:_LONGEST_LINE]


def _person(person: tuple[str, str]) -> str:
    name, address = person
    return f"{name} <{address}>" if name and address and name != address else name or address


def _metadata(mail: Mail) -> Metadata:
    return collect(
        [
            *(("from", part) for person in mail.sender for part in _parts(person)),
            *(("to", part) for person in (*mail.to, *mail.cc) for part in _parts(person)),
            ("date", mail.date.date() if mail.date else None),
            ("subject", mail.subject),
        ]
    )


def _parts(person: tuple[str, str]) -> tuple[str, str]:
    return person[1].lower(), person[0]


def _name(attachment: Attachment) -> str:
    """The attachment's name, with the suffix of its media type where it has none that is read."""
    name = clean_name(attachment.name).rpartition("/")[2] if attachment.name.strip() else "attachment"
    if not is_readable(Path(name)):
        suffix = _SUFFIXES.get(attachment.media_type) or guess_extension(attachment.media_type) or ""
        if suffix.lower() != PurePosixPath(name).suffix.lower() and is_readable(Path(f"x{suffix}")):
            return f"{name}{suffix}"
    return name
