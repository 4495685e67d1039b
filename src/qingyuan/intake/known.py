"""What the gateway is told of stations before they speak. The bureau's register says it; the gateway asks no database.

Looked up by MN for every frame, so it is a plain mapping that is replaced whole every few seconds.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from qingyuan.hj212 import CrcDialect, Known

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
NOWHERE: tuple[Network, ...] = (ipaddress.ip_network("0.0.0.0/32"),)


@dataclass(frozen=True)
class KnownStation:
    """A registered station. networks: where it may speak from, () = anywhere; how: wrong checks it may send, and its
    SM4 keys, which are kept out of every printed form.
    """

    mn: str
    networks: tuple[Network, ...] = ()
    how: Known = field(default=Known(), repr=False)


Register = Callable[[], Mapping[str, KnownStation]]
"""Reads the register anew; may take its time and may fail."""


def is_in(address: str, networks: tuple[Network, ...]) -> bool:
    """Whether an address lies in one of the networks; what is no address lies in none."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    ip = getattr(ip, "ipv4_mapped", None) or ip  # an IPv4 peer of a socket that listens on both
    return any(ip in network for network in networks)


def networks_of(text: str) -> tuple[Network, ...]:
    """Networks separated by commas, () for none; what cannot be read stands for nowhere, not for everywhere."""
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError:
        return NOWHERE


def station_of(mn: str, network: str, dialect: str, keys: tuple[bytes, ...]) -> KnownStation:
    """A station as the register writes it down: networks as text, the name of its check."""
    wrong = set(CrcDialect) - {CrcDialect.HJ}
    dialects = frozenset({CrcDialect(dialect)}) if dialect in wrong else frozenset()
    return KnownStation(mn, networks_of(network), Known(dialects, keys))
