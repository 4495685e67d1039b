"""What was met in the messages of each station: deviations counted by id, and how its clock stands."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection, transaction

from qingyuan.bureau.sources.models import DeviceClock, DeviceCount
from qingyuan.intake.ingest import Met

_LONGEST_MN = 40
_ADD = """INSERT INTO {table} (mn, kind, count, last_at) VALUES (%s, %s, %s, %s)
    ON CONFLICT (mn, kind) DO UPDATE SET count = {table}.count + excluded.count, last_at = excluded.last_at"""


def keep_counts(stations: Mapping[str, Met]) -> None:
    """Add a batch's counts; what names no station, or none that can be one, is counted under ""."""
    table = connection.ops.quote_name(DeviceCount._meta.db_table)
    adapt = connection.ops.adapt_datetimefield_value
    named = {mn if len(mn) <= _LONGEST_MN else "": met for mn, met in stations.items()}
    rows = [(mn, kind, count, adapt(met.at)) for mn, met in named.items() for kind, count in met.kinds.items()]
    clocks = [
        DeviceClock(mn=mn, drift_s=met.drift_s, at=met.at) for mn, met in named.items() if met.drift_s is not None
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        if rows:
            cursor.executemany(_ADD.format(table=table), rows)
        DeviceClock.objects.bulk_create(
            clocks, update_conflicts=True, unique_fields=["mn"], update_fields=["drift_s", "at"], batch_size=200
        )
