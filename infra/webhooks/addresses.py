"""Where word may be carried to: public addresses by https, and what the setting allows beside; decided by what a name leads to.

A name is resolved once, what it leads to is looked at, and the connection is made to that very address, so that nobody can
have it lead somewhere else in between. Source: docs/decisions/0025.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from domain.refusals import refuse

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
"""What a name leads to, as literal addresses; raises OSError where it leads nowhere."""

LONGEST: Final = 2_000
_HOST: Final = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|[0-9a-f:.]+")
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_NEVER: Final = tuple(
    ipaddress.ip_network(one)
    for one in (
        "168.63.129.16/32",  # a cloud's own, though the address is a public one
        "192.0.0.0/24",  # for protocols, and where another cloud tells secrets
        "192.88.99.0/24",  # relays to what lies behind
        "::/96",  # addresses of version 4 in other clothes; none of these is anybody's server
        "64:ff9b:1::/48",
        "2001::/23",
        "2002::/16",
        "fec0::/10",
    )
)


class NotAllowed(Exception):
    """Word is not carried there."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What is allowed beside public addresses and https: names of hosts, and networks."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()

    def host(self, name: str) -> bool:
        """Whether this name is allowed, wherever it leads."""
        return name.lower().rstrip(".") in self.hosts

    def address(self, literal: str) -> bool:
        """Whether this address is in a network that is allowed."""
        return any(_plain(literal) in network for network in self.networks)


def read_allowed(said: str) -> Allowed:
    """Read a setting: names of hosts, addresses and networks (`10.1.0.0/16`), with commas. Raises ValueError with the one that is neither."""
    hosts, networks = set(), []
    for one in (part.strip().lower() for part in said.split(",")):
        if not one:
            continue
        try:
            networks.append(ipaddress.ip_network(one))
        except ValueError:
            if "/" in one or not _HOST.fullmatch(one) or one.replace(".", "").isdigit():
                raise ValueError(one) from None
            hosts.add(one.rstrip("."))
    return Allowed(frozenset(hosts), tuple(networks))


def is_public(literal: str) -> bool:
    """Whether an address is one of the open network: not this machine's, a private one, a group's, or a cloud's own."""
    address = _plain(literal)
    if isinstance(address, ipaddress.IPv6Address) and address in _NAT64:
        address = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    inside = (
        address.is_private,
        address.is_loopback,
        address.is_link_local,
        address.is_multicast,
        address.is_unspecified,
        address.is_reserved,
    )
    return address.is_global and not any(inside) and not any(address in one for one in _NEVER)


def _plain(literal: str) -> Address:
    """An address without the interface that it may name; one of version 4 in the clothes of version 6 as itself."""
    address = ipaddress.ip_address(literal.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def require_reachable(host: str, leads_to: Sequence[str], allowed: Allowed) -> None:
    """Raise NotAllowed unless each address to which the name of a host leads may be connected to."""
    if allowed.host(host):
        return
    for one in leads_to:
        if not allowed.address(one) and not is_public(one):
            raise NotAllowed(f"{host} leads to {one}, which is not a public address")


def resolve(host: str, port: int) -> Sequence[str]:
    """What a name, or an address however it is written, leads to. Raises OSError where it leads nowhere."""
    return _addresses(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))


def check_url(url: str, allowed: Allowed) -> str:
    """Return `url` where word may be carried to it as far as can be told without asking for its name; refuse it otherwise."""
    parts = _split(url)
    host = parts.hostname or ""
    literal = _literal(host)
    if literal:
        try:
            require_reachable(host, literal, allowed)
        except NotAllowed:
            raise _not_there("that address is not a public one") from None
    if parts.scheme == "http" and not (allowed.host(host) or (literal and all(map(allowed.address, literal)))):
        raise _not_there("what is carried there could be read on the way")
    return url


def _split(url: str) -> SplitResult:
    if not (url.isascii() and url.isprintable() and len(url) <= LONGEST) or " " in url or "\\" in url:
        raise _not_there("that is no address")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _not_there("that is no address") from None
    if parts.scheme not in {"https", "http"} or not parts.hostname or port == 0:
        raise _not_there("that is no address")
    if not _HOST.fullmatch(parts.hostname) or "@" in parts.netloc or parts.fragment:
        raise _not_there("it names a user, a part of a page, or no host")
    return parts


def _not_there(reason: str) -> Exception:
    return refuse(
        "webhook-address",
        reason,
        field="url",
        allowed=f"an https address of a public host, at most {LONGEST} characters; others where ASSAY_WEBHOOKS_ALLOW names them",
    )


def _literal(host: str) -> Sequence[str]:
    """The address that a host is, in whatever notation; empty for a name."""
    try:
        return _addresses(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST))
    except OSError:
        return ()


def _addresses(found: Sequence[Any]) -> Sequence[str]:
    return list(dict.fromkeys(str(one[4][0]) for one in found))
