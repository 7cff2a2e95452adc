"""Where a page leads, and what a site map lists."""

from __future__ import annotations

import codecs
import re
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import islice

from app.errors import DocumentError
from ingest.web.client import joined, unpacked
from ingest.web.urls import Url, join, readable

# What a page is searched for links in, and how many count.
_SEARCHED_BYTES = 8 * 1024**2
_MOST_LINKS = 5000

# The protocol's own limits of a site map.
_MAP_BYTES = 50 * 1024**2
_MAP_ENTRIES = 50_000

_GZIP_MARK = b"\x1f\x8b"
_REFRESH = re.compile(r"url\s*=\s*[\"']?([^\"']+)", re.IGNORECASE)
_LINKING = {"a": "href", "area": "href", "frame": "src", "iframe": "src"}


def links(data: bytes, base: Url) -> list[Url]:
    """The addresses that an HTML page leads to, each once, in their order."""
    from lxml import etree, html

    searched = data[:_SEARCHED_BYTES].removeprefix(BOM_UTF8)
    encoding = "utf-8" if _is_utf8(searched) else None  # else what the page says of itself
    parser = html.HTMLParser(encoding=encoding, no_network=True, huge_tree=False)
    try:
        tree = html.document_fromstring(searched, parser=parser)
    except (etree.LxmlError, ValueError, LookupError):
        return []
    for element in islice(tree.iter("base"), 1):
        base = join(base, element.get("href") or "") or base
    used = encoding or tree.getroottree().docinfo.encoding or "utf-8"
    found = (join(base, link, used) for link in islice(_raw_links(tree), _MOST_LINKS))
    return list(dict.fromkeys(url.as_safe_as(base) for url in found if url is not None))


def _is_utf8(data: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)  # its last letter may be cut
    except UnicodeDecodeError:
        return False
    return True


def _raw_links(tree: Iterable[object]) -> Iterator[str]:
    for element in tree.iter(*_LINKING):  # type: ignore[attr-defined]
        link = element.get(_LINKING[element.tag])
        if link and "nofollow" not in (element.get("rel") or ""):
            yield link
    for element in tree.iter("meta"):  # type: ignore[attr-defined]
        refresh = _REFRESH.search(element.get("content") or "")
        if refresh and (element.get("http-equiv") or "").lower() == "refresh":
            yield refresh[1]


class SiteMap:
    """A site map as read: addresses of pages, and of further maps if it is an index.

    Attributes:
        pages: on the map's own host alone; others may not be spoken for.
    """

    def __init__(self, pages: list[Url], maps: list[Url]) -> None:
        self.pages = pages
        self.maps = maps


def looks_like_site_map(url: Url, data: bytes) -> bool:
    """Whether to read it as one: XML that names its root, or packed under a name ending in .xml.gz."""
    if data.startswith(_GZIP_MARK):
        return url.path.lower().endswith(".gz")
    start = data[:4096]
    return b"<urlset" in start or b"<sitemapindex" in start


def read_site_map(data: bytes, url: Url) -> SiteMap:
    """The addresses in a site map or an index of site maps, packed by gzip or not.

    Raises:
        DocumentError: it is broken, too long, or no site map.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, iterparse

    found: dict[str, list[Url]] = {"url": [], "sitemap": []}
    try:
        for count, (parent, text) in enumerate(
            _locations(iterparse(BytesIO(_plain(data, url)), ["start", "end"]))
        ):
            if count >= _MAP_ENTRIES:
                break
            entry = join(url, text)
            if entry is not None and entry.is_same_site(url) and parent in found:
                found[parent].append(entry.as_safe_as(url))
    except (ParseError, DefusedXmlException, ValueError, LookupError, zlib.error) as error:
        raise DocumentError(f"{readable(url)} is no site map that can be read ({error}).") from None
    return SiteMap(found["url"], found["sitemap"])


def _locations(events: Iterable[tuple[str, object]]) -> Iterator[tuple[str, str]]:
    """Parent's name and text of each `<loc>`; what was read is let go of."""
    above: list[str] = []
    for event, element in events:
        name = str(getattr(element, "tag", "")).rpartition("}")[2]
        if event == "start":
            above.append(name)
            continue
        above.pop()
        if name == "loc" and above:
            yield above[-1], (getattr(element, "text", "") or "").strip()
        elif name in ("url", "sitemap"):
            element.clear()  # type: ignore[attr-defined]


def _plain(data: bytes, url: Url) -> bytes:
    plain = joined(unpacked([data], _MAP_BYTES + 1), _MAP_BYTES) if data.startswith(_GZIP_MARK) else data
    if plain is None or len(plain) > _MAP_BYTES:
        raise DocumentError(f"{readable(url)} has more than the 50 MB that a site map may have.")
    return plain
