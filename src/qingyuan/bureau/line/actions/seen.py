"""What was met in the messages of each station: deviations counted by id, and how its clock stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction

from qingyuan.bureau.line.models import Device, DeviceClock, DeviceCount
from qingyuan.bureau.line.queries.policy import figure
from qingyuan.intake.ledger import is_name
from qingyuan.intake.resolving import Met

_MOST = 1_000_000
_ADD = """INSERT INTO {table} (mn, kind, count, last_at) VALUES (%s, %s, %s, %s)
    ON CONFLICT (mn, kind) DO UPDATE SET count = {table}.count + excluded.count, last_at = excluded.last_at"""

_CLOCK = """INSERT INTO {table} (mn, drift_s, at, steady_s, steady_count) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (mn) DO UPDATE SET drift_s = excluded.drift_s, at = excluded.at, steady_s = excluded.steady_s,
        steady_count = excluded.steady_count"""


def keep_counts(stations: Mapping[str, Met]) -> None:
    """Add a batch's counts; what no station of the register said is counted under ""."""
    table = connection.ops.quote_name(DeviceCount._meta.db_table)
    adapt = connection.ops.adapt_datetimefield_value
    named = _named(stations)
    rows = [(mn, kind, count, adapt(met.at)) for mn, met in named.items() for kind, count in met.kinds.items()]
    clocks = _clocks({mn: met for mn, met in named.items() if met.drift_s is not None})
    with transaction.atomic(), connection.cursor() as cursor:
        if rows:
            cursor.executemany(_ADD.format(table=table), rows)
        if clocks:
            clock_table = connection.ops.quote_name(DeviceClock._meta.db_table)
            cursor.executemany(
                _CLOCK.format(table=clock_table), [(mn, d, adapt(at), s, n) for mn, d, at, s, n in clocks]
            )


def _named(stations: Mapping[str, Met]) -> dict[str, Met]:
    """The same with everything that no station of the register (or its waiting room) said under ""."""
    mns = [mn for mn in stations if is_name(mn)]  # a database server takes no NUL, and no device bears such a name
    kept = set(Device.objects.filter(mn__in=mns).values_list("mn", flat=True)) if mns else set()
    named = {mn: met for mn, met in stations.items() if mn in kept}
    others = [met for mn, met in stations.items() if mn not in kept]
    if others:
        kinds = sum((met.kinds for met in others), Counter[str]())
        named[""] = Met(kinds, None, max(met.at for met in others))
    return named


def _clocks(met: Mapping[str, Met]) -> list[tuple[str, float, datetime, float, int]]:
    """How the clocks stand now, and how often in a row they stood so: frames that were held back say something else."""
    rows = DeviceClock.objects.filter(mn__in=list(met)).values_list("mn", "steady_s", "steady_count") if met else []
    before = {mn: (steady, count) for mn, steady, count in rows}
    found = []
    for mn, one in met.items():
        assert one.drift_s is not None
        steady, count = before.get(mn, (None, 0))
        near = figure("time.steady_s", one.at)
        if steady is not None and abs(steady - one.drift_s) <= near:
            found.append((mn, one.drift_s, one.at, steady, min(count + 1, _MOST)))
        else:
            found.append((mn, one.drift_s, one.at, one.drift_s, 1))
    return found
