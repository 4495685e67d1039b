"""The register as the gateway and the ingest need it: where a station may speak from, its check, its keys."""

from __future__ import annotations

import logging
from collections import defaultdict

from qingyuan import process
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.line.actions.keys import open_key
from qingyuan.bureau.line.models import Device, DeviceKey
from qingyuan.intake.known import KnownStation, station_of
from qingyuan.intake.register_file import REGISTER_FILE, Row, content_of

log = logging.getLogger(__name__)


def known_stations() -> dict[str, KnownStation]:
    """Every station in use, by MN."""
    return {row.mn: station_of(row.mn, row.network, row.dialect, _opened(row)) for row in _rows()}


def lay_down_register() -> bool:
    """Write the gateway's copy of the register if it is not the present one; returns whether it was written."""
    path = process.run_dir() / REGISTER_FILE
    content = content_of(_rows())
    if process.read_json(path) == content:
        return False
    process.write_json(path, content)
    return True


def _rows() -> list[Row]:
    sealed: dict[str, list[str]] = defaultdict(list)
    for mn, text in DeviceKey.objects.order_by("-pk").values_list("device__mn", "sealed"):
        sealed[mn].append(text)
    rows = Device.objects.filter(state=Device.State.ACTIVE).values_list("mn", "network", "crc_dialect")
    return [Row(mn, network, dialect, tuple(sealed.get(mn, ()))) for mn, network, dialect in rows]


def _opened(row: Row) -> tuple[bytes, ...]:
    keys = []
    for text in row.sealed:
        try:
            keys.append(open_key(row.mn, text))
        except Invalid as error:
            log.warning("%s", error)
    return tuple(keys)
