"""A polite guest: asks robots.txt first, takes its time, follows redirects within bounds."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.errors import DocumentError
from ingest.web.client import Client, Limits, Response
from ingest.web.robots import NOTHING, Robots, parse_robots
from ingest.web.trouble import OutOfBounds, Unreachable
from ingest.web.urls import Url, join, parse, readable

_REDIRECTS = (301, 302, 303, 307, 308)
_FOR_GOOD = (301, 308)
_TOO_BUSY = (429, 503)

MayGo = Callable[[Url], bool]
HeadFor = Callable[[Url], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came at the end of the redirects.

    Attributes:
        url: where that is.
        moved_for_good: whether there were redirects, and all of them permanent.
    """

    url: Url
    response: Response
    moved_for_good: bool = False


class Visitor:
    """Visits one address after the other; not for several threads at once."""

    def __init__(self, client: Client, limits: Limits, cancelled: threading.Event | None = None) -> None:
        self._client = client
        self._limits = limits
        self._cancelled = cancelled or threading.Event()
        self._robots: dict[str, Robots] = {}
        self._asked: dict[str, float] = {}
        self._failures: Counter[str] = Counter()
        self._bytes = 0

    @property
    def has_enough(self) -> bool:
        """Whether as much came in as one run may fetch."""
        return self._bytes >= self._limits.run_bytes

    def has_given_up(self, url: Url) -> bool:
        """Whether this host failed so often in a row that it is left alone."""
        return self._failures[url.host] >= self._limits.failures

    def may_read(self, url: Url) -> bool:
        """What the host's robots.txt says, which is asked for once.

        Raises:
            DocumentError: it cannot be had, so that the site may not be read now.
        """
        return self._robots_of(url).allows(url)

    def get(self, url: Url, may_go: MayGo, head_for: HeadFor = lambda url: {}) -> Answer:
        """Ask for an address and for what it redirects to.

        Args:
            may_go: whether a redirect to this address is followed.
            head_for: further lines of the request's head.

        Raises:
            OutOfBounds: robots.txt forbids it, or it redirects to where it may not.
            Unreachable: no answer, or one of a server in trouble.
            DocumentError: any other answer that is no page.
        """
        at = url
        permanent: list[bool] = []
        for _ in range(self._limits.redirects + 1):
            if not self.may_read(at):
                raise OutOfBounds(
                    f"{readable(at)} is not read: the robots.txt of {at.host} forbids it, or asks for pauses "
                    f"of more than {self._limits.patience:.0f} s."
                )
            response = self._ask(at, head_for(at))
            if response.status not in _REDIRECTS:
                return Answer(at, response, bool(permanent) and all(permanent))
            permanent.append(response.status in _FOR_GOOD)
            at = self._redirected(at, response, may_go)
        raise DocumentError(
            f"{readable(url)} redirects more than {self._limits.redirects} times: check it in a browser."
        )

    def _redirected(self, at: Url, response: Response, may_go: MayGo) -> Url:
        target = join(at, response.head.get("location", ""))
        if target is None:
            raise DocumentError(f"{readable(at)} redirects to something that is no web address.")
        if at.scheme == "https" and target.scheme == "http":
            raise DocumentError(f"{readable(at)} redirects from https to http, which anybody could change.")
        if not may_go(target):
            raise OutOfBounds(
                f"{readable(at)} redirects to {readable(target)}, outside of what was asked for."
            )
        return target

    # -- robots.txt -----------------------------------------------------------------------------------

    def _robots_of(self, url: Url) -> Robots:
        site = f"{url.scheme}://{url.authority}"
        if site not in self._robots:
            self._robots[site] = self._read_robots(parse(f"{site}/robots.txt"))
        return self._robots[site]

    def _read_robots(self, url: Url) -> Robots:
        """Nothing is forbidden where there is none (4xx); nothing allowed where the server fails (5xx)."""
        for _ in range(self._limits.redirects + 1):
            response = self._ask(url)
            if response.status not in _REDIRECTS:
                break
            url = self._redirected(url, response, lambda target: True)
        if response.status == 200:
            robots = parse_robots(response.body)
            return robots if (robots.delay or 0) <= self._limits.patience else NOTHING
        return Robots()

    # -- taking turns -----------------------------------------------------------------------------------

    def _ask(self, url: Url, head: Mapping[str, str] | None = None) -> Response:
        if self.has_given_up(url):
            raise Unreachable(f"{url.host} failed {self._limits.failures} times in a row: try again later.")
        try:
            response = self._asked_again_if_busy(url, head)
        except Unreachable:
            self._failures[url.host] += 1
            raise
        self._failures[url.host] = 0
        self._bytes += len(response.body)
        return response

    def _asked_again_if_busy(self, url: Url, head: Mapping[str, str] | None) -> Response:
        for attempt in range(2):
            self._take_turn(url)
            response = self._client.get(url, head)
            if response.status not in _TOO_BUSY or attempt:
                break
            wait = response.head.get("retry-after", "")
            if not wait.isdecimal() or int(wait) > self._limits.patience:
                break
            self._cancelled.wait(int(wait))
        if response.status in (429, *range(500, 600)):
            raise Unreachable(
                f"{readable(url)}: the server answered with error {response.status}: try again later."
            )
        return response

    def _take_turn(self, url: Url) -> None:
        robots = self._robots.get(f"{url.scheme}://{url.authority}")
        gap = max(self._limits.gap, (robots.delay if robots else None) or 0)
        if url.host in self._asked:
            self._cancelled.wait(max(0.0, self._asked[url.host] + gap - time.monotonic()))
        self._asked[url.host] = time.monotonic()
