"""Web pages: fetched with care into a folder of the data, and found there like files."""

from __future__ import annotations

from ingest.web.site import DEPTH, MOST_PAGES, Site
from ingest.web.urls import is_url

__all__ = ["DEPTH", "MOST_PAGES", "Site", "is_url"]
