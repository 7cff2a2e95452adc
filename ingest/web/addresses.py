"""Which machines may be asked: public ones, and hosts that the settings name."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address

from app.errors import DocumentError

Address = IPv4Address | IPv6Address

Resolve = Callable[[str, int], Sequence[str]]
"""Host and port to the texts of its addresses; raises OSError."""

# Relays, site-local, and where large clouds answer about a machine; `is_global` lets some of them through.
_NETWORKS = (
    "192.88.99.0/24",
    "168.63.129.16/32",
    "100.100.100.200/32",
    "fec0::/10",
    "fd00:ec2::/32",
)
_FORBIDDEN = tuple(map(ipaddress.ip_network, _NETWORKS))

# Ways to write an IPv4 address within an IPv6 one: network -> how many bits stand to the right of it.
_CARRIERS = {
    ipaddress.IPv6Network("::/96"): 0,
    ipaddress.IPv6Network("::ffff:0:0/96"): 0,
    ipaddress.IPv6Network("::ffff:0:0:0/96"): 0,
    ipaddress.IPv6Network("64:ff9b::/96"): 0,
    ipaddress.IPv6Network("2002::/16"): 80,
}


class Allowed:
    """The hosts of `DOCENT_WEB_ALLOWED_HOSTS`, which may have private addresses.

    Args:
        hosts: names or addresses, with a port or without, parted by commas.
    """

    def __init__(self, hosts: str = "") -> None:
        self._hosts = {host.strip().lower().rstrip(".") for host in hosts.split(",")} - {""}

    def __contains__(self, place: tuple[str, int]) -> bool:
        host, port = place
        return bool({host, f"{host}:{port}"} & self._hosts)


def system_resolve(host: str, port: int) -> Sequence[str]:
    """What the system's resolver says; it also reads decimal and octal forms of an address."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked_addresses(host: str, port: int, allowed: Allowed, resolve: Resolve) -> list[Address]:
    """The addresses of a host, all of them fit to be asked; connect to these, and do not resolve again.

    Raises:
        DocumentError: the name is unknown, or one of its addresses is not public.
    """
    try:
        texts = resolve(host, port)
    except (OSError, UnicodeError):
        texts = []
    addresses = [ipaddress.ip_address(text.partition("%")[0]) for text in texts]
    if not addresses:
        raise DocumentError(f"The host {host!r} is not known: check the spelling and the connection.")
    for address in addresses:
        _check(host, address, is_allowed=(host, port) in allowed)
    return addresses


def _check(host: str, address: Address, *, is_allowed: bool) -> None:
    if not (is_never_fit(address) if is_allowed else is_not_public(address)):
        return
    cure = f"To index a server of your own network, add {host} to DOCENT_WEB_ALLOWED_HOSTS."
    raise DocumentError(
        f"{host!r} has the address {address}, which is not public, and is not asked. "
        + ("No setting allows that one." if is_never_fit(address) else cure)
    )


def is_not_public(address: Address) -> bool:
    """Whether it is of a private network, of this machine, of a group, reserved, or carries such a one."""
    if (inner := _carried(address)) is not None:
        return is_not_public(inner)
    return not address.is_global or address.is_reserved or is_never_fit(address)


def is_never_fit(address: Address) -> bool:
    """Whether no web server of a firm is there: link-local (a cloud's metadata), groups, nowhere."""
    if (inner := _carried(address)) is not None:
        return is_never_fit(inner)
    kinds = address.is_link_local or address.is_multicast or address.is_unspecified
    return kinds or any(address in network for network in _FORBIDDEN)


def _carried(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address) or address == ipaddress.IPv6Address("::1"):
        return None
    for network, right in _CARRIERS.items():
        if address in network and address != ipaddress.IPv6Address("::"):
            return IPv4Address((int(address) >> right) & 0xFFFFFFFF)
    return None
