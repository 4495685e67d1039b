"""The register as the gateway and the ingest need it: where a station may speak from, its check, its keys."""

from __future__ import annotations

import ipaddress
import logging
from collections import defaultdict

from qingyuan.bureau.errors import Invalid
from qingyuan.bureau.sources.keys import open_key
from qingyuan.bureau.sources.models import Device, DeviceKey
from qingyuan.hj212 import CrcDialect, Known
from qingyuan.intake.known import KnownStation, Network

log = logging.getLogger(__name__)
NOWHERE = (ipaddress.ip_network("0.0.0.0/32"),)


def known_stations() -> dict[str, KnownStation]:
    """Every station in use, by MN."""
    keys: dict[str, list[bytes]] = defaultdict(list)
    for mn, sealed in DeviceKey.objects.order_by("-pk").values_list("device__mn", "sealed"):
        try:
            keys[mn].append(open_key(mn, sealed))
        except Invalid as error:
            log.warning("%s", error)
    rows = Device.objects.filter(state=Device.State.ACTIVE).values_list("mn", "network", "crc_dialect")
    return {
        mn: KnownStation(mn, networks_of(network), Known(_dialects(dialect), tuple(keys.get(mn, ()))))
        for mn, network, dialect in rows
    }


def networks_of(text: str) -> tuple[Network, ...]:
    """Networks separated by commas, () for none; what cannot be read stands for nowhere, not for everywhere."""
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError:
        return NOWHERE


def _dialects(name: str) -> frozenset[CrcDialect]:
    return frozenset({CrcDialect(name)}) if name in set(CrcDialect) - {CrcDialect.HJ} else frozenset()
