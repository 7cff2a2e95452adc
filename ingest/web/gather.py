"""Bring in the pages of sites as entries of a scan, so that a run treats them like files."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from ingest.scan import Found
from ingest.web.addresses import Allowed, Resolve, system_resolve
from ingest.web.client import Client, Limits
from ingest.web.crawl import Harvest, Walk
from ingest.web.site import Site
from ingest.web.store import Page, PageStore
from ingest.web.urls import parse, readable
from ingest.web.visitor import Visitor

if TYPE_CHECKING:
    from pathlib import Path

    from app.config import Settings
    from ingest.catalog import FileRecord
    from ingest.scan import Scan


def gather(
    sites: Iterable[Site],
    seen: Scan,
    known: Iterable[FileRecord],
    settings: Settings,
    *,
    on_page: Callable[[str, int], None] | None = None,
    cancelled: threading.Event | None = None,
    limits: Limits | None = None,
    resolve: Resolve = system_resolve,
) -> None:
    """Add to what a scan saw: pages as files, what is gone, and what failed.

    Args:
        known: all files of the collection; those of a site are asked for again.
        resolve: looks up names; for tests.

    Raises:
        OSError: the data folder may not be written.
    """
    limits = limits or Limits()
    store = PageStore(settings.data_dir)
    records = list(known)
    with Client(Allowed(settings.web_allowed_hosts), limits, resolve) as client:
        visitor = Visitor(client, limits, cancelled)
        for site in sites:
            root = str(site)
            paths = [record.path for record in records if record.root == root]
            _add(root, Walk(site, visitor, store, paths, on_page, cancelled).go(), seen)


def _add(root: str, harvest: Harvest, seen: Scan) -> None:
    seen.unreadable.update(harvest.failed)
    seen.gone.update(harvest.gone - harvest.pages.keys())
    for page in harvest.pages.values():
        seen.files.setdefault(page.url, _found(page, root))


def kept(pages: Mapping[str, str], data_dir: Path) -> dict[str, Found]:
    """Pages as they were last fetched, without asking for them; those that are not kept are left out.

    Args:
        pages: their addresses in the catalogue, and the root of each.
    """
    store = PageStore(data_dir)
    held = ((store.get(parse(address)), root) for address, root in pages.items())
    return {page.url: _found(page, root) for page, root in held if page is not None}


def _found(page: Page, root: str) -> Found:
    status, source = page.file.stat(), readable(page.url)
    metadata = {"url": (source,), "fetched": (page.fetched,)}
    if changed := page.changed_on:
        metadata["modified"] = (changed,)
    return Found(page.file, page.url, root, source, status.st_size, status.st_mtime_ns, metadata)
