"""Web addresses: one spelling for each, readable for people, and which belong to a site."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass, replace
from urllib.parse import quote, urljoin, urlsplit

from app.errors import UsageError

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9]([a-z0-9_.-]{0,251}[a-z0-9])?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_LETTERS_AS_BYTES = re.compile(r"(?:%[89A-F][0-9A-F])+")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_IN_PATH = "/%:@!$&'()*+,;=~"
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Url:
    """An address as it is asked for: without user, password and fragment, in ASCII, its port always given.

    Attributes:
        host: in lower case; a Korean name in its "xn--" form; IPv6 without brackets.
        target: path and query.
    """

    scheme: str
    host: str
    port: int
    target: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"

    @property
    def authority(self) -> str:
        """Host, and port where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.has_usual_port else f"{host}:{self.port}"

    @property
    def has_usual_port(self) -> bool:
        return self.port == _PORTS[self.scheme]

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def folder(self) -> str:
        """The path up to its last "/"."""
        return self.path[: self.path.rindex("/") + 1]

    def is_same_site(self, other: Url) -> bool:
        """Whether the host is the same, and the port but for http and https."""
        usual = self.has_usual_port and other.has_usual_port
        return self.host == other.host and (usual or self.port == other.port)

    def as_safe_as(self, other: Url) -> Url:
        """The same by https, where `other` was had from this host by https."""
        plain = self.scheme == "http" and other.scheme == "https" and self.has_usual_port
        return replace(self, scheme="https", port=443) if plain and self.is_same_site(other) else self

    def is_below(self, other: Url) -> bool:
        """Whether this is on the same host as `other`, and in its folder or deeper."""
        return self.is_same_site(other) and self.path.startswith(other.folder)


def is_url(text: str) -> bool:
    """Whether this is meant as an address rather than as a path."""
    return re.match(r"\s*[A-Za-z][A-Za-z0-9+.-]*://", text) is not None


def parse(text: str) -> Url:
    """The address that a person typed.

    Raises:
        UsageError: it is none that is read. A message never shows a user or a password.
    """
    cleaned = text.strip()
    try:
        url = _parsed(cleaned)
    except ValueError as error:
        shown = "The address" if "@" in cleaned else repr(cleaned[:200])
        raise UsageError(f"{shown} cannot be read: {error}.") from None
    return url


def join(base: Url, link: str, encoding: str = "utf-8") -> Url | None:
    """Where a link on the page `base` leads; None where that is not a web address.

    Args:
        encoding: of the page; the letters of a query are sent in it, as browsers do.
    """
    try:
        return _parsed(urljoin(str(base), link.strip()), encoding)
    except ValueError:
        return None


def readable(url: Url | str) -> str:
    """For people: Korean and other letters instead of their bytes; still a working address."""
    return _LETTERS_AS_BYTES.sub(lambda match: _as_letters(match[0]), str(url))


def spelled(text: str, encoding: str = "utf-8", more: str = "") -> str:
    """A path escaped where it must be and nowhere else, with large letters; signs in `more` stay."""
    whole = _BARE_PERCENT.sub("%25", text)
    try:
        escaped = quote(whole, safe=_IN_PATH + more, encoding=encoding, errors="strict")
    except (UnicodeEncodeError, LookupError):
        escaped = quote(whole, safe=_IN_PATH + more, errors="replace")
    return _ESCAPED.sub(lambda match: _unescaped(int(match[1], 16)), escaped)


def _parsed(text: str, encoding: str = "utf-8") -> Url:
    if len(text) > _LONGEST or _CONTROL.search(text):
        raise ValueError(f"an address has at most {_LONGEST} letters, and no control characters")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("its host or its port is none") from None
    scheme = parts.scheme.lower()
    if scheme not in _PORTS:
        raise ValueError("only addresses that begin with http:// or https:// are read")
    if "@" in parts.netloc:
        raise ValueError("it names a user or a password; leave them out, only what is open to all is read")
    return Url(
        scheme,
        _host(parts.hostname or ""),
        port or _PORTS[scheme],
        _target(parts.path, parts.query, encoding),
    )


def _host(name: str) -> str:
    if ":" in name:
        return str(ipaddress.IPv6Address(name.partition("%")[0]))
    try:
        host = name.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        host = ""
    if not _HOST.fullmatch(host):
        raise ValueError(f"{name[:80]!r} is not the name of a host")
    return host


def _target(path: str, query: str, encoding: str) -> str:
    whole = _without_dots(spelled(path, "utf-8"))
    return f"{whole}?{spelled(query, encoding, more='?')}" if query else whole


def _unescaped(byte: int) -> str:
    return chr(byte) if chr(byte) in _UNRESERVED else f"%{byte:02X}"


def _without_dots(path: str) -> str:
    kept: list[str] = []
    parts = path.split("/")[1:]
    for part in parts:
        if part == "..":
            del kept[-1:]
        elif part != ".":
            kept.append(part)
    if parts and parts[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _as_letters(escaped: str) -> str:
    """Only what comes back as the same bytes, and only signs that can be seen."""
    try:
        text = bytes.fromhex(escaped.replace("%", "")).decode()
    except UnicodeDecodeError:
        return escaped
    shown = all(unicodedata.category(sign)[0] in "LMNS" for sign in text)
    return text if shown and unicodedata.is_normalized("NFC", text) else escaped
