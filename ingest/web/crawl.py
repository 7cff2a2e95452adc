"""Which pages a site has: from the given address along its links, or by its map."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.errors import DocumentError
from ingest.web.kinds import may_be_read
from ingest.web.links import links, looks_like_site_map, read_site_map
from ingest.web.store import Page, PageStore
from ingest.web.trouble import OutOfBounds
from ingest.web.urls import Url, parse, readable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ingest.web.site import Site
    from ingest.web.visitor import Answer, Visitor

_GONE = (404, 410)
_LOGIN = (401, 403, 407)

# Addresses that are remembered, and visits that may come to nothing, for each page that is wanted.
_MOST_WAITING = 50
_MOST_VISITS = 3
_MOST_MAPS = 50

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Harvest:
    """What a walk over a site brought.

    Attributes:
        pages: by address.
        gone: addresses of pages that are no more, or have moved for good.
        failed: address and reason; what is known of these stays.
    """

    pages: dict[str, Page] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)


class Walk:
    """One walk over one site.

    Pages that earlier walks brought keep their seats among `max_pages`, and are asked for even if no link
    leads to them any more: only what the server says is gone is gone.

    Args:
        known: addresses of these pages.
        on_page: called with the address and the number of pages so far.
    """

    def __init__(
        self,
        site: Site,
        visitor: Visitor,
        store: PageStore,
        known: Collection[str] = (),
        on_page: Callable[[str, int], None] | None = None,
        cancelled: threading.Event | None = None,
    ) -> None:
        self._site = site
        self._visitor = visitor
        self._store = store
        self._known = {parse(address) for address in known}
        self._on_page = on_page or (lambda address, number: None)
        self._cancelled = cancelled or threading.Event()
        self._harvest = Harvest()
        self._waiting: deque[tuple[Url, int]] = deque()
        self._without_seat: list[tuple[Url, int]] = []
        self._noticed: set[Url] = set()
        self._visited: set[Url] = set()
        self._bounds = site.url
        self._whole_host = False

    def go(self) -> Harvest:
        """Walk until all is seen or a limit is reached; trouble with a page is kept in the harvest."""
        if self._start():
            self._follow()
            self._waiting.extend((url, 0) for url in sorted(self._known - self._visited, key=str))
            self._follow()
            self._waiting.extend(self._without_seat)  # some seats may have become free
            self._without_seat = []
            self._follow()
        if self._waiting or self._without_seat:
            log.warning(
                "%s: not all of it was read: --max-pages allows more, or try again later.", self._site
            )
        return self._harvest

    # -- the way --------------------------------------------------------------------------------------

    def _start(self) -> bool:
        """Visit the given address, which may redirect to any public host; False if that failed."""
        url = self._site.url
        try:
            answer = self._visitor.get(url, self._may_start_at, self._conditions)
            self._bounds = answer.url
            if answer.response.status == 200 and looks_like_site_map(answer.url, answer.response.body):
                self._take_map(answer)
            else:
                self._take(url, answer, self._site.depth)
        except DocumentError as error:
            self._harvest.failed[str(url)] = str(error)
            return False
        return True

    def _may_start_at(self, target: Url) -> bool:
        """Pages that are known are not given up because the site sends its guests to a login now."""
        return not self._known or target.is_same_site(self._site.url) or target in self._known

    def _follow(self) -> None:
        while self._waiting and not self._is_over():
            url, depth = self._waiting.popleft()
            if url in self._visited:
                continue
            if url in self._known or self._has_seats():
                self._visit(url, depth)
            else:
                self._without_seat.append((url, depth))

    def _is_over(self) -> bool:
        visits = len(self._visited) - len(self._known)
        too_many = visits > self._site.max_pages * _MOST_VISITS + _MOST_VISITS
        visitor = self._visitor
        return (
            too_many or self._cancelled.is_set() or visitor.has_enough or visitor.has_given_up(self._bounds)
        )

    def _has_seats(self) -> bool:
        reserved = len(self._known - self._visited)
        return len(self._harvest.pages) + reserved < self._site.max_pages

    def _visit(self, url: Url, depth: int) -> None:
        try:
            self._take(url, self._visitor.get(url, self._is_within, self._conditions), depth)
        except OutOfBounds as error:
            self._visited.add(url)
            if url in self._known:
                self._harvest.failed[str(url)] = str(error)
            log.info("passed over: %s", error)
        except DocumentError as error:
            self._visited.add(url)
            self._harvest.failed[str(url)] = str(error)

    def _is_within(self, url: Url) -> bool:
        return url.is_same_site(self._bounds) if self._whole_host else url.is_below(self._bounds)

    def _conditions(self, url: Url) -> Mapping[str, str]:
        page = self._store.get(url)
        return page.conditions if page else {}

    # -- what comes back ------------------------------------------------------------------------------

    def _take(self, asked: Url, answer: Answer, depth: int) -> None:
        url, status = answer.url, answer.response.status
        again = url in self._visited
        self._visited |= {asked, url}
        if status in _GONE:
            self._take_leave(asked, url)
            return
        if url != asked and self._is_held(asked) and not self._take_move(asked, answer):
            return
        if not again:
            page = self._page(answer)
            self._harvest.pages[str(url)] = page
            self._on_page(readable(url), len(self._harvest.pages))
            if depth > 0 and page.file.suffix == ".html":
                self._notice(links(page.file.read_bytes(), url), depth - 1)

    def _page(self, answer: Answer) -> Page:
        url, response = answer.url, answer.response
        if response.status == 304 and (page := self._store.get(url)):
            return page
        if response.status == 200:
            return self._store.keep(url, response)
        if response.status in _LOGIN:
            raise OutOfBounds(
                f"{readable(url)} asks for a login (error {response.status}): only open pages are read. Save "
                "it as a file and index that."
            )
        raise DocumentError(f"{readable(url)}: the server answered with {response.status} instead of a page.")

    def _take_leave(self, asked: Url, url: Url) -> None:
        """A page that is no more; one that was named and never there is an error."""
        for one in (asked, url):
            self._store.drop(one)
            self._harvest.gone.add(str(one))
        if asked == self._site.url and not self._known:
            self._harvest.failed[str(asked)] = f"There is no page {readable(asked)}: check the address."

    def _is_held(self, asked: Url) -> bool:
        return asked in self._known or (asked == self._site.url and bool(self._known))

    def _take_move(self, asked: Url, answer: Answer) -> bool:
        """Whether what is known of an address gives way to where it redirects to; not to a login."""
        if answer.url in self._known and asked not in self._known:
            return True
        if answer.moved_for_good and answer.response.status in (200, 304):
            self._harvest.gone.add(str(asked))
            return True
        self._harvest.failed[str(asked)] = (
            f"{readable(asked)} redirects for now to {readable(answer.url)}: what is indexed of it stays."
        )
        return False

    def _notice(self, urls: Iterable[Url], depth: int) -> None:
        for url in urls:
            if len(self._noticed) >= self._site.max_pages * _MOST_WAITING:
                return
            if url not in self._noticed and self._is_within(url) and may_be_read(url):
                self._noticed.add(url)
                self._waiting.append((url, depth))

    # -- site maps ------------------------------------------------------------------------------------

    def _take_map(self, answer: Answer) -> None:
        """The pages that a map lists, and the maps that an index of maps lists."""
        self._whole_host = True
        seen, found = {answer.url}, read_site_map(answer.response.body, answer.url)
        waiting = deque(found.maps)
        self._notice(found.pages, self._site.depth)
        while waiting and len(seen) <= _MOST_MAPS and len(self._waiting) < self._site.max_pages:
            url = waiting.popleft()
            if url in seen or self._cancelled.is_set():
                continue
            seen.add(url)
            try:
                inner = self._visitor.get(url, self._is_within)
                found = read_site_map(inner.response.body, url)
            except DocumentError as error:
                self._harvest.failed[str(url)] = str(error)
                continue
            waiting.extend(found.maps)
            self._notice(found.pages, self._site.depth)
