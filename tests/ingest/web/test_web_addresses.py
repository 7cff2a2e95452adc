"""Which machines may be asked."""

from __future__ import annotations

import ipaddress

import pytest

from app.errors import DocumentError
from ingest.web.addresses import Allowed, checked_addresses, is_never_fit, is_not_public, system_resolve


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.10", "10.0.0.5", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",
        "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.2.1", "192.88.99.1", "198.18.0.1",
        "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "::ffff:0:169.254.169.254",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::",
    ],
)  # fmt: skip
def test_is_not_public(address: str):
    assert is_not_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_is_public(address: str):
    assert not is_not_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("address", "never"),
    [("10.0.0.5", False), ("127.0.0.1", False), ("::1", False), ("fd12::1", False), ("169.254.169.254", True),
     ("fe80::1", True), ("224.0.0.1", True), ("0.0.0.0", True), ("::ffff:169.254.169.254", True),
     ("fd00:ec2::254", True), ("100.100.100.200", True)],
)  # fmt: skip
def test_an_allowed_host_may_be_private_but_not_serve_secrets_of_a_cloud(address: str, never: bool):
    assert is_never_fit(ipaddress.ip_address(address)) is never


@pytest.mark.parametrize(
    "host", ["2130706433", "0177.0.0.1", "0x7f.0.0.1", "127.1", "localhost", "127.0.0.1"]
)
def test_other_spellings_of_this_machine_are_seen_through(host: str):
    with pytest.raises(DocumentError, match=r"127\.0\.0\.1, which is not public.*DOCENT_WEB_ALLOWED_HOSTS"):
        checked_addresses(host, 80, Allowed(), system_resolve)


def test_one_private_address_among_public_ones_is_enough_to_refuse():
    with pytest.raises(DocumentError, match=r"10\.0\.0\.1"):
        checked_addresses("h", 80, Allowed(), lambda host, port: ["8.8.8.8", "10.0.0.1"])


def test_an_unknown_host_is_named():
    def fail(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(DocumentError, match=r"'nowhere\.example' is not known"):
        checked_addresses("nowhere.example", 80, Allowed(), fail)


def test_the_hosts_that_are_allowed():
    allowed = Allowed(" Wiki.Firm.local. , 10.0.0.5:8080,")
    assert ("wiki.firm.local", 443) in allowed
    assert ("10.0.0.5", 8080) in allowed
    assert ("10.0.0.5", 80) not in allowed
    assert ("", 80) not in allowed
    resolved = checked_addresses("wiki.firm.local", 80, allowed, lambda host, port: ["10.1.2.3"])
    assert resolved == [ipaddress.ip_address("10.1.2.3")]
