"""robots.txt by RFC 9309."""

from __future__ import annotations

import pytest

from ingest.web.robots import fits, parse_robots
from ingest.web.urls import parse

SOME = b"""\xef\xbb\xbf# a comment
Sitemap: https://example.org/sitemap.xml
User-agent: *
Disallow: /private/ # and a comment
Disallow: /*?print=
Disallow: /*.zip$
Allow: /private/open
Crawl-delay: 1.5

User-agent: Bad
User-agent: Worse/2.0
Disallow: /
"""


@pytest.mark.parametrize(
    ("target", "allowed"),
    [
        ("/", True),
        ("/private/", False),
        ("/private/a", False),
        ("/private/open/a", True),
        ("/private", True),
        ("/a?print=1", False),
        ("/a?b=1", True),
        ("/a/b.zip", False),
        ("/a/b.zip?x=1", True),
    ],
)
def test_all_may_read(target: str, allowed: bool):
    assert parse_robots(SOME).allows(parse(f"https://example.org{target}")) is allowed


def test_pauses_are_asked_for():
    assert parse_robots(SOME).delay == 1.5
    assert parse_robots(b"User-agent: *\nCrawl-delay: soon").delay is None


def test_what_is_said_to_us_by_name_counts_alone():
    text = SOME + b"User-agent: DOCENT/1.0\nDisallow: /%7euser\nDisallow: /\xea\xb0\x80\n"
    robots = parse_robots(text)
    assert robots.allows(parse("https://example.org/private/"))
    assert not robots.allows(parse("https://example.org/~user/a"))
    assert not robots.allows(parse("https://example.org/가/나"))
    assert robots.delay is None


def test_groups_of_the_same_name_are_one():
    robots = parse_robots(b"User-agent: *\nDisallow: /a\nUser-agent: *\nDisallow: /b")
    assert [robots.allows(parse(f"http://h/{name}")) for name in "abc"] == [False, False, True]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"User-agent: *\nDisallow:",
        b"<html>no robots</html>",
        b"Disallow: /",
        b"\xff\xfe\x00",
        b"User-agent:",
    ],
)
def test_nothing_said_is_nothing_forbidden(text: bytes):
    assert parse_robots(text).allows(parse("http://h/private"))


def test_equal_length_allows():
    assert parse_robots(b"User-agent: *\nDisallow: /a\nAllow: /a").allows(parse("http://h/a"))


@pytest.mark.parametrize(
    ("pattern", "target", "fit"),
    [
        ("/", "/a", True),
        ("/a$", "/a", True),
        ("/a$", "/ab", False),
        ("/*b$", "/aXbYb", True),
        ("/a*b*c", "/aXXbXXcXX", True),
        ("/a*b*c", "/aXXcXXb", False),
        ("/a*a$", "/a", False),
        ("*", "/x", True),
        ("/*$", "/x", True),
    ],
)
def test_patterns(pattern: str, target: str, fit: bool):
    assert fits(pattern, target) is fit


def test_a_hostile_pattern_costs_no_time():
    assert not fits("/" + "*a" * 2000 + "b$", "/" + "a" * 4000)
