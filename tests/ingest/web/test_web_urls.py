"""Addresses: one spelling, links, and what is shown of them."""

from __future__ import annotations

import pytest

from app.errors import UsageError
from ingest.web.urls import Url, is_url, join, parse, readable


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("https://Example.org", "https://example.org/"),
        ("HTTPS://example.org:443/a#part", "https://example.org/a"),
        ("http://example.org.:80/a/./b/../c/", "http://example.org/a/c/"),
        ("http://example.org:8080/a?x=1&y=%2f", "http://example.org:8080/a?x=1&y=%2F"),
        ("https://example.org/%7Euser/a%20b c", "https://example.org/~user/a%20b%20c"),
        (
            "https://example.org/위키?말=한글",
            "https://example.org/%EC%9C%84%ED%82%A4?%EB%A7%90=%ED%95%9C%EA%B8%80",
        ),
        ("https://한국.kr/", "https://xn--3e0b707e.kr/"),
        ("http://[2001:DB8::1]:8000/", "http://[2001:db8::1]:8000/"),
        ("http://example.org//a", "http://example.org//a"),
        ("http://example.org/100%", "http://example.org/100%25"),
        ("http://①②⑦.⓪.⓪.①/", "http://127.0.0.1/"),
    ],
)
def test_an_address_has_one_spelling(typed: str, asked: str):
    assert str(parse(typed)) == asked
    assert str(parse(asked)) == asked


@pytest.mark.parametrize(
    "typed",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "https://",
        "http:///x",
        "http://exa mple.org/",
        "http://example.org:99999/",
        "http://example..org/",
        "http://[::1/",
        "http://example.org/\r\nX-Evil: 1",
        "http://example.org/" + "a" * 5000,
    ],
)
def test_what_is_no_address_of_a_page_is_refused(typed: str):
    with pytest.raises(UsageError, match="cannot be read"):
        parse(typed)


@pytest.mark.parametrize(
    "typed", ["https://me:geheim@example.org/", "http://geheim@h/", "http://a\\@geheim/"]
)
def test_a_user_or_a_password_is_refused_and_never_shown(typed: str):
    with pytest.raises(UsageError) as raised:
        parse(typed)
    assert "geheim" not in str(raised.value)
    assert "password" in str(raised.value)


@pytest.mark.parametrize(
    ("link", "leads_to"),
    [
        ("b.html", "https://example.org/a/b.html"),
        ("../c", "https://example.org/c"),
        ("//other.org/d", "https://other.org/d"),
        ("http://example.org/e", "http://example.org/e"),
        ("#part", "https://example.org/a/page"),
        ("?q=1", "https://example.org/a/page?q=1"),
        ("mailto:a@example.org", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("https://me:secret@example.org/", None),
        ("http://[broken", None),
    ],
)
def test_where_a_link_leads(link: str, leads_to: str | None):
    url = join(parse("https://example.org/a/page"), link)
    assert (str(url) if url else None) == leads_to


def test_a_link_to_the_same_host_is_followed_as_safely_as_the_page_was():
    page = parse("https://example.org/a")
    assert str(parse("http://example.org/b").as_safe_as(page)) == "https://example.org/b"
    assert str(parse("http://other.org/b").as_safe_as(page)) == "http://other.org/b"
    assert str(parse("http://example.org:8080/b").as_safe_as(page)) == "http://example.org:8080/b"


def test_letters_of_a_query_are_sent_in_the_encoding_of_the_page():
    url = join(parse("http://example.org/"), "/찾기?q=한글", "euc-kr")
    assert url == Url("http", "example.org", 80, "/%EC%B0%BE%EA%B8%B0?q=%C7%D1%B1%DB")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://example.org/%EC%9C%84%ED%82%A4", "https://example.org/위키"),
        ("https://example.org/a%20b%2Fc", "https://example.org/a%20b%2Fc"),
        ("https://example.org/%C7%D1", "https://example.org/%C7%D1"),  # no UTF-8
        (
            "https://example.org/%E2%80%AEgpj",
            "https://example.org/%E2%80%AEgpj",
        ),  # would turn the line around
        ("https://example.org/%E1%84%80%E1%85%A1", "https://example.org/%E1%84%80%E1%85%A1"),  # not composed
    ],
)
def test_an_address_is_shown_in_letters_and_still_works(address: str, shown: str):
    assert readable(parse(address)) == shown
    assert str(parse(shown)) == address


def test_a_site_is_a_host_and_a_folder():
    home = parse("https://example.org/handbook/index.html")
    assert parse("https://example.org/handbook/a/b").is_below(home)
    assert parse("http://example.org/handbook/").is_below(home)
    assert not parse("https://example.org/handbook2/").is_below(home)
    assert not parse("https://example.org:8443/handbook/").is_below(home)
    assert not parse("https://www.example.org/handbook/").is_below(home)


@pytest.mark.parametrize(
    ("text", "meant"), [("https://a/b", True), (" HTTP://a", True), ("ftp://a", True), ("docs", False)]
)
def test_what_is_meant_as_an_address(text: str, meant: bool):
    assert is_url(text) is meant
    assert is_url("C:\\docs") is False
