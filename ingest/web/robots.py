"""robots.txt as RFC 9309 has it, with wildcards, which the standard library's reader does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.web.urls import Url, spelled

TOKEN = "docent"  # noqa: S105, a product token
MOST_BYTES = 512 * 1024

_LINE = re.compile(r"\s*([A-Za-z-]+)\s*:\s*([^#]*)")
_AGENT = re.compile(r"[A-Za-z_-]+|\*")
_MOST_RULES = 5000


@dataclass(slots=True)
class Robots:
    """What a host asks of us.

    Attributes:
        rules: path pattern with "*" and a final "$", and whether it may be read.
        delay: seconds between two requests, where the host names them.
    """

    rules: list[tuple[str, bool]] = field(default_factory=list)
    delay: float | None = None

    def allows(self, url: Url) -> bool:
        """The longest pattern that fits decides; of two as long, the one that allows."""
        fitting = [(len(pattern), allow) for pattern, allow in self.rules if fits(pattern, url.target)]
        return max(fitting, default=(0, True))[1]


NOTHING = Robots([("/", False)])
"""A host that wants nothing read."""


def parse_robots(data: bytes) -> Robots:
    """What a robots.txt says to us, by our name or else to all."""
    ours, everyones = Robots(), Robots()
    named = False
    agents: set[str] = set()
    in_rules = True
    for name, value in _lines(data):
        if name == "user-agent":
            agents = agents if not in_rules else set()
            in_rules = False
            found = _AGENT.match(value)
            agents.add(found[0].lower() if found else "")
            named = named or TOKEN in agents
            continue
        in_rules = in_rules or name in ("allow", "disallow", "crawl-delay")
        for robots in [ours] * (TOKEN in agents) + [everyones] * ("*" in agents):
            _add(robots, name, value)
    return ours if named else everyones


def _lines(data: bytes) -> Iterator[tuple[str, str]]:
    text = data[:MOST_BYTES].decode("utf-8-sig", "replace")
    for line in text.splitlines():
        if match := _LINE.match(line):
            yield match[1].lower(), match[2].strip()


def _add(robots: Robots, name: str, value: str) -> None:
    if name in ("allow", "disallow") and value.startswith(("/", "*")) and len(robots.rules) < _MOST_RULES:
        robots.rules.append((spelled(value, more="?"), name == "allow"))
    elif name == "crawl-delay" and robots.delay is None and re.fullmatch(r"\d{1,9}(\.\d{1,6})?", value):
        robots.delay = float(value)


def fits(pattern: str, target: str) -> bool:
    """Whether a path begins as the pattern says; without regular expressions, whose time could explode."""
    pattern, end = pattern.removesuffix("$"), pattern.endswith("$")
    first, *rest = pattern.split("*")
    if not target.startswith(first):
        return False
    at = len(first)
    for part in rest[:-1] if end else rest:
        found = target.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    if not end:
        return True
    return target[at:].endswith(rest[-1]) and len(target) - at >= len(rest[-1]) if rest else at == len(target)
