"""EML: mails as they travel (RFC 5322 and MIME), parsed by the standard library."""

from __future__ import annotations

import email
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path

from app.errors import DocumentError
from ingest.loaders import tnef
from ingest.loaders.base import SourceDocument, one_line
from ingest.loaders.encoding import decode
from ingest.loaders.mail import Attachment, Mail, body_blocks, decoded, documents

# A mail has some dozens of parts and short headers; more are made to keep a reader busy.
_MOST_PARTS = 1000
_LONGEST_HEADER = 20_000

_POLICY = compat32.clone(mangle_from_=False)
_TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")
_ENCRYPTED = ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")


def read(path: Path) -> Iterator[SourceDocument]:
    try:
        message = email.message_from_bytes(path.read_bytes(), policy=_POLICY)
    except RecursionError:
        raise DocumentError(f"{path.name} is nested too deeply to be read: save its attachments.") from None
    yield from documents(path, _mail(message))


@dataclass(slots=True)
class _Content:
    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def _mail(message: Message) -> Mail:
    content = _content(message)
    return Mail(
        subject=one_line(_words(_raw(message, "subject"))),
        sender=_people(message, "from"),
        to=_people(message, "to"),
        cc=_people(message, "cc"),
        date=_date(_raw(message, "date")),
        body=body_blocks("\n\n".join(content.plain), "\n".join(content.html)),
        attachments=content.attachments,
        notes=content.notes,
    )


def _content(message: Message) -> _Content:
    """The leaves of the tree of parts; a stack withstands any depth, and attached mails stay whole."""
    content = _Content()
    stack = [message]
    for _ in range(_MOST_PARTS):
        if not stack:
            return content
        part = stack.pop()
        if part.get_content_type() in _ENCRYPTED and not _file_name(part).endswith(".p7s"):
            content.notes.append("the mail is encrypted or sealed: save it anew without that")
        children = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(children, list):
            stack.extend(child for child in reversed(children) if isinstance(child, Message))
        else:
            _add(content, part)
    content.notes.append(f"there are more than the {_MOST_PARTS:,} parts that are read")
    return content


def _add(content: _Content, part: Message) -> None:
    kind, name = part.get_content_type(), _file_name(part)
    attached = part.get_content_disposition() == "attachment" or (name and kind not in _BODIES)
    if kind == "message/rfc822":
        content.attachments.append(_forwarded(part, name))
    elif kind in _TNEF or name.lower() == "winmail.dat":
        content.attachments += [Attachment(*found) for found in tnef.attachments(_bytes(part))]
    elif kind in _BODIES and not attached:
        text = decoded(_bytes(part), part.get_content_charset())
        (content.html if kind == "text/html" else content.plain).append(text)
    elif attached and not _is_decoration(part):
        content.attachments.append(Attachment(name, _bytes(part), kind))


_BODIES = ("text/plain", "text/html")


def _is_decoration(part: Message) -> bool:
    """Pictures that a mail shows in its text: logos and signatures."""
    shown = part.get_content_disposition() != "attachment" and part.get("content-id") is not None
    return shown and part.get_content_maintype() == "image"


def _forwarded(part: Message, name: str) -> Attachment:
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    if not isinstance(inner, Message):
        return Attachment(name or "message.eml", _bytes(part), "message/rfc822")
    name = name or one_line(_words(_raw(inner, "subject")))[:80].replace("/", "_") or "message"
    try:
        data = inner.as_bytes(policy=_POLICY)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        data = b""  # reported as empty
    return Attachment(name if name.lower().endswith(".eml") else f"{name}.eml", data, "message/rfc822")


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _file_name(part: Message) -> str:
    for header in ("content-disposition", "content-type"):
        raw = _raw(part, header)
        if not raw.isascii():
            part.replace_header(header, raw)
    with suppress(ValueError, LookupError, TypeError):
        return one_line(_words(part.get_filename() or ""))
    return ""


def _raw(message: Message, name: str) -> str:
    """The header as it stands; bytes beyond ASCII, which break the rules, in the encoding that fits."""
    values = [str(value) for key, value in message.raw_items() if key.lower() == name]
    data = ", ".join(values)[:_LONGEST_HEADER].encode("utf-8", "surrogateescape")
    return decode(data) or data.decode("utf-8", "replace") if data else ""


def _words(text: str) -> str:
    """A header's text with its encoded words (RFC 2047) decoded."""
    try:
        pieces = decode_header(text)
    except (HeaderParseError, ValueError):
        return text
    return "".join(
        piece
        if isinstance(piece, str)
        else decoded(piece, charset)
        if charset
        else decoded(piece, "raw_unicode_escape")
        for piece, charset in pieces
    )


def _people(message: Message, name: str) -> list[tuple[str, str]]:
    """(name, address) each; parsed before decoding, for a decoded name may hold a comma."""
    raw = one_line(_raw(message, name))
    found = [(one_line(_words(person)), address.strip()) for person, address in getaddresses([raw])]
    return [person for person in found if any(person)] or ([(_words(raw), "")] if raw else [])


def _date(text: str) -> datetime | None:
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        return parsedate_to_datetime(text)
    return None
