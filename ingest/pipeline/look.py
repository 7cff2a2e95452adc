"""What a run looks at: the files below the given paths, the pages of sites, or what failed before."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.schemas import FileStatus
from ingest.catalog import Catalog, FileRecord
from ingest.collection import collections_dir, home_of
from ingest.pipeline.progress import Watch
from ingest.scan import Scan, scan, scan_again
from ingest.web import is_url

if TYPE_CHECKING:
    from app.config import Settings
    from ingest.web import Site


@contextmanager
def reading(settings: Settings, collection: str) -> Iterator[Catalog | None]:
    """The catalogue of a collection, to read; None where there is none yet."""
    home = home_of(collection, settings)
    catalog = home.catalog(home.generations().current) if home.exists() else None
    try:
        yield catalog
    finally:
        if catalog is not None:
            catalog.close()


def look(
    paths: Sequence[Path | Site],
    settings: Settings,
    collection: str,
    watch: Watch,
    *,
    exclude: Sequence[str],
    retry: Collection[str] | None,
) -> Scan:
    """See `sync` for the arguments, and for what is raised."""
    folders = [path for path in paths if isinstance(path, Path)]
    never = collections_dir(settings.data_dir)
    if retry is not None:
        failed = _failed(folders, settings, collection, retry)
        seen = scan_again(failed, never=never, exclude=exclude)
        _take_kept(failed, seen, settings)
        return seen
    seen = scan(folders, never=never, exclude=exclude)
    _gather([site for site in paths if not isinstance(site, Path)], seen, settings, collection, watch)
    return seen


def _failed(
    folders: Sequence[Path], settings: Settings, collection: str, ids: Collection[str]
) -> dict[str, str]:
    """Paths and roots of files that failed: with these ids, or all; below these folders, or anywhere."""
    places = scan(folders, never=collections_dir(settings.data_dir)) if folders else None
    return {
        record.path: record.root
        for record in _records(settings, collection)
        if record.status is FileStatus.FAILED
        and (not ids or record.id in ids)
        and (places is None or places.covers(record.path))
    }


def _take_kept(files: Mapping[str, str], seen: Scan, settings: Settings) -> None:
    """Web pages among these files are read again as they were last fetched."""
    pages = {path: root for path, root in files.items() if is_url(path)}
    if not pages:
        return
    from ingest.web.gather import kept

    found = kept(pages, settings.data_dir)
    seen.files |= found
    seen.missed -= found.keys()


def _gather(sites: Sequence[Site], seen: Scan, settings: Settings, collection: str, watch: Watch) -> None:
    if not sites:
        return
    from ingest.web.gather import gather

    records = _records(settings, collection)
    gather(sites, seen, records, settings, on_page=watch.fetched, cancelled=watch.cancel_event)


def _records(settings: Settings, collection: str) -> list[FileRecord]:
    with reading(settings, collection) as catalog:
        return catalog.files.all() if catalog else []
