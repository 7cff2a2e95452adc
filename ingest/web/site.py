"""What a person asks for: an address, and how far to go from there."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.web.urls import Url, parse, readable

DEPTH = 0
MOST_PAGES = 200


@dataclass(frozen=True, slots=True)
class Site:
    """A page, a part of a web site, or a site map.

    Attributes:
        url: in one spelling; see `Site.of`.
        depth: how many links away from the page; 0 is the page alone, or what a site map lists.
        max_pages: how many pages at most.
    """

    url: Url
    depth: int = DEPTH
    max_pages: int = MOST_PAGES

    @classmethod
    def of(cls, address: str, depth: int = DEPTH, max_pages: int = MOST_PAGES) -> Site:
        """From what was typed.

        Raises:
            UsageError: it is no address that is read.
        """
        return cls(parse(address), depth, max_pages)

    def __str__(self) -> str:
        return readable(self.url)
