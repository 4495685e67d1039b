"""Readings to put into a store."""

from __future__ import annotations

from typing import Any

from qingyuan.readings import Message, NewReading, Rank, SeriesKey

T0 = 1_700_006_400  # a whole hour
HOUR = 3600
KEY = SeriesKey("D01", "NOx", "Avg", "hour")


def reading(hour: int = 0, value: float | None = 1.0, key: SeriesKey = KEY, **more: Any) -> NewReading:
    start = T0 + hour * HOUR
    given = {
        "decimals": 1,
        "unit": "mg/m3",
        "flag": "N",
        "rank": Rank.REPORTED,
        "origin": 1,
        "received_at": start + HOUR,
    }
    return NewReading(key, start, start + HOUR, value, **(given | more))


def message(origin: int, name: str = "", outcome: str = "stored", station: str = "MN1") -> Message:
    return Message(origin, (name or str(origin)).encode(), T0 + origin, station, "2061", outcome)
