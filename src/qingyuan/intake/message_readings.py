"""The readings that a message gives: which series each value belongs to, and what stands for no value."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from qingyuan.clock import BEIJING
from qingyuan.hj212 import Message, NotANumberError, number
from qingyuan.hj212.layout import DEVICE_FLAG, FLAG, NUMERIC_SUBS
from qingyuan.intake.sentinels import Sentinels
from qingyuan.readings import NewReading, Rank, SeriesKey

HOUR, DAY = 3600, 86400
FLAGS = frozenset({FLAG, DEVICE_FLAG})


@dataclass(frozen=True)
class ChannelMap:
    """Where one factor of a device goes."""

    point: str
    item: str
    unit: str


@dataclass(frozen=True)
class DeviceMap:
    """A known device: its point, the lengths of its minute and hour intervals, its channels by factor code."""

    mn: str
    point: str
    minute_seconds: int
    channels: dict[str, ChannelMap] = field(default_factory=dict)
    hour_seconds: int = HOUR

    def channel(self, code: str) -> ChannelMap:
        """The channel of a code; an unmapped code is kept under its own name at the device's point."""
        return self.channels.get(code) or ChannelMap(self.point, code, "")


def readings_of(
    message: Message, device: DeviceMap, grain: str, origin: int, received: int, sentinels: Sentinels
) -> Iterable[NewReading]:
    """The readings of a usable message with a time. received: second of receipt; origin: the record's position."""
    assert message.data_time is not None
    start = int(message.data_time.timestamp())
    length = {"raw": 0, "minute": device.minute_seconds, "hour": device.hour_seconds, "day": DAY}[grain]
    stamp = _stamp(message.head.qn, received)
    section = message.section
    flags = dict(zip(section.layout.flags, section.flags, strict=True))
    known = iter(section.values)
    with_value = set()
    for (code, statistic), text in zip(section.layout.slots, section.texts, strict=True):
        if statistic in FLAGS:
            continue
        value = next(known) if statistic in NUMERIC_SUBS else _number(text)
        if value is None or not math.isfinite(value):
            continue  # text (Info and the like), or more digits than any number of ours holds: stays in the raw message
        with_value.add(code)
        channel = device.channel(code)
        is_none = sentinels(value, channel.item, channel.unit, statistic, grain, start)
        yield NewReading(
            SeriesKey(channel.point, channel.item, statistic, grain),
            start,
            start + length,
            None if is_none else value,
            -1 if is_none else len(text.partition(".")[2]),
            channel.unit,
            flags.get(code, ""),
            text.strip() if is_none else "",
            rank=Rank.REPORTED,
            stamp=stamp,
            origin=origin,
            received_at=received,
        )
    for code, flag in flags.items():
        if flag and code not in with_value:  # "no value, because of this flag" is worth knowing
            channel = device.channel(code)
            key = SeriesKey(channel.point, channel.item, "Rtd" if grain == "raw" else "Avg", grain)
            yield NewReading(
                key, start, start + length, None, -1, channel.unit, flag, "", 0, Rank.REPORTED, stamp, origin, received
            )


def _number(text: str) -> float | None:
    """A sub-item that the standard does not know, where it is a number."""
    try:
        return number(text).value
    except NotANumberError:
        return None


def _stamp(qn: str, received: int) -> int:
    """The device's own order of its messages: QN as a number, else the second of receipt in the same form."""
    if qn.isdigit() and len(qn) == 17:
        return int(qn)
    return int(datetime.fromtimestamp(received, BEIJING).strftime("%Y%m%d%H%M%S")) * 1000
