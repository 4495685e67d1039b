"""The readings that a message gives: which series each value belongs to, and what stands for no value."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from qingyuan.clock import BEIJING
from qingyuan.hj212 import Message
from qingyuan.hj212.layout import KNOWN_SUBS, NUMERIC_SUBS, Layout
from qingyuan.hj212.message import decimals_of
from qingyuan.intake.ledger import is_code
from qingyuan.intake.sentinels import Sentinels
from qingyuan.readings import NewReading, Rank, SeriesKey

HOUR, DAY = 3600, 86400
BAD_NAME, SERIES_FULL = "bad_name", "series_full"
"""Counted where a code or statistic cannot be a name, and where a device has as many series as it may have."""
UNREADABLE_FLAG = "?"
_LONGEST_FLAG = 8
_MOST_OPENED, _MOST_PLANS = 4096, 16
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,9})?")
_NAMES_NO_VALUE = re.compile(
    r".*(?i:time|date|type|flag|state|status|info|code|name|unit|result|version)|(?:.*[a-z])?(?:No|NO|Id|ID|Sn|SN)|no|id|sn"
)


@dataclass(frozen=True)
class ChannelMap:
    """Where one factor of a device goes."""

    point: str
    item: str
    unit: str


@dataclass(frozen=True)
class DeviceMap:
    """A known device: its point, the lengths of its minute and hour intervals, its channels by factor code.

    minute_seen: the step of its minute data by their own times, 0 = not learnt; is_minute_given: a person registered the
    length. opened: (code, statistic) of series that may be, as found out before; plans: by structure and grain where each
    number goes, likewise.
    """

    mn: str
    point: str
    minute_seconds: int
    channels: dict[str, ChannelMap] = field(default_factory=dict)
    hour_seconds: int = HOUR
    minute_seen: int = 0
    is_minute_given: bool = False
    opened: set[tuple[str, str]] = field(default_factory=set, compare=False, repr=False)
    plans: dict[tuple[Layout, str], tuple[_Place, ...]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    @property
    def minute_length(self) -> int:
        """Length of a minute interval [s]: as registered, else as the device's own times show it."""
        return self.minute_seconds if self.is_minute_given else self.minute_seen or self.minute_seconds

    def channel(self, code: str) -> ChannelMap:
        """The channel of a code; an unmapped code is kept under its own name at the device's point."""
        return self.channels.get(code) or ChannelMap(self.point, code, "")

    def may_open(self, code: str, channel: ChannelMap, statistic: str) -> bool:
        """Whether a series may be: a device that invents names without end has only so many."""
        return True


class _Place(NamedTuple):
    """Where a number of a plain section goes: its place among the numbers and the texts, its flag's among the flags."""

    number: int
    text: int
    flag: int
    key: SeriesKey
    unit: str


def readings_of(
    message: Message,
    device: DeviceMap,
    grain: str,
    origin: int,
    received: int,
    sentinels: Sentinels,
    refused: Callable[[str], None] = lambda kind: None,
) -> Iterable[NewReading]:
    """The readings of a usable message with a time. received: second of receipt; origin: the record's position;
    refused: told BAD_NAME or SERIES_FULL for each value that is left in the raw message alone.
    """
    assert message.data_time is not None
    start = int(message.data_time.timestamp())
    length = {"raw": 0, "minute": device.minute_length, "hour": device.hour_seconds, "day": DAY}[grain]
    stamp = _stamp(message.head.qn, received)
    section = message.section
    flags = dict(zip(section.layout.flags, section.flags, strict=True))
    known = iter(section.values)
    is_plain = message.plain_layout is not None
    if is_plain and (plan := _plan(device, section.layout, grain)):
        numbers: Sequence[float] = section.values  # type: ignore[assignment]  # a plain section has no None
        if all(map(math.isfinite, numbers)):
            letters = [*map(_letter, section.flags), ""]
            for number, place, flag_at, key, unit in plan:
                printed = numbers[number]
                text = section.texts[place]
                is_none = printed in sentinels.candidates and sentinels(
                    printed, key.item, unit, key.statistic, grain, start
                )
                yield NewReading(
                    key,
                    start,
                    start + length,
                    None if is_none else printed,
                    -1 if is_none else len(text.partition(".")[2]),
                    unit,
                    letters[flag_at],
                    text.strip() if is_none else "",
                    0,
                    Rank.REPORTED,
                    stamp,
                    origin,
                    received,
                )
            return
    with_value = set()
    for (code, statistic), text in zip(section.layout.slots, section.texts, strict=True):
        if statistic in NUMERIC_SUBS:
            value = next(known)
        elif statistic in KNOWN_SUBS:
            continue  # flags, times of sampling, serial numbers: no values, whatever digits they are made of
        else:
            value = _unknown(statistic, text)
        if value is None or not math.isfinite(value):
            continue  # text (Info and the like), or more digits than any number of ours holds: stays in the raw message
        with_value.add(code)
        channel = _channel(device, code, statistic, refused)
        if channel is None:
            continue
        is_none = sentinels(value, channel.item, channel.unit, statistic, grain, start)
        yield NewReading(
            SeriesKey(channel.point, channel.item, statistic, grain),
            start,
            start + length,
            None if is_none else value,
            -1 if is_none else len(text.partition(".")[2]) if is_plain else decimals_of(text),
            channel.unit,
            _letter(flags.get(code, "")),
            text.strip() if is_none else "",
            rank=Rank.REPORTED,
            stamp=stamp,
            origin=origin,
            received_at=received,
        )
    for code, flag in flags.items():
        if flag and code not in with_value:  # "no value, because of this flag" is worth knowing
            statistic = "Rtd" if grain == "raw" else "Avg"
            channel = _channel(device, code, statistic, refused)
            if channel is not None:
                key = SeriesKey(channel.point, channel.item, statistic, grain)
                yield NewReading(
                    key,
                    start,
                    start + length,
                    None,
                    -1,
                    channel.unit,
                    _letter(flag),
                    "",
                    0,
                    Rank.REPORTED,
                    stamp,
                    origin,
                    received,
                )


def _plan(device: DeviceMap, layout: Layout, grain: str) -> tuple[_Place, ...]:
    """Where the numbers of this structure go, as found out before; empty where one may go nowhere, where a flag has no
    number, or where a sub-item is not in the standard: those are looked at one by one."""
    known = device.plans.get((layout, grain))
    if known is not None:
        return known
    with_number = {code for code, _ in layout.numbers}
    if not set(layout.flags) <= with_number or not all(slot in device.opened for slot in layout.numbers):
        return ()
    if any(sub not in KNOWN_SUBS and sub not in NUMERIC_SUBS for _, sub in layout.slots):
        return ()
    flags = {code: at for at, code in enumerate(layout.flags)}
    texts = [at for at, (_, sub) in enumerate(layout.slots) if sub in NUMERIC_SUBS]
    made = []
    for number, (code, statistic) in enumerate(layout.numbers):
        channel = device.channel(code)
        key = SeriesKey(channel.point, channel.item, statistic, grain)
        made.append(_Place(number, texts[number], flags.get(code, -1), key, channel.unit))
    if len(device.plans) >= _MOST_PLANS:
        device.plans.clear()
    device.plans[layout, grain] = tuple(made)
    return device.plans[layout, grain]


def _channel(device: DeviceMap, code: str, statistic: str, refused: Callable[[str], None]) -> ChannelMap | None:
    """Where a value goes; None where it may have no series."""
    if (code, statistic) in device.opened:
        return device.channel(code)
    if not (is_code(code) and is_code(statistic)):
        refused(BAD_NAME)
        return None
    channel = device.channel(code)
    if not device.may_open(code, channel, statistic):
        refused(SERIES_FULL)
        return None
    if len(device.opened) < _MOST_OPENED:
        device.opened.add((code, statistic))
    return channel


@lru_cache(maxsize=256)
def _letter(flag: str) -> str:
    """A flag as it is kept: a text that is none is kept as one that says nothing good."""
    return flag if len(flag) <= _LONGEST_FLAG and flag.isprintable() else UNREADABLE_FLAG


def _unknown(statistic: str, text: str) -> float | None:
    """A sub-item that the standard does not know, where it is plainly a number and its name is not that of a time, a
    type, a number of a device and the like.
    """
    return float(text) if _PLAIN_NUMBER.fullmatch(text) and not _NAMES_NO_VALUE.fullmatch(statistic) else None


def _stamp(qn: str, received: int) -> int:
    """The device's own order of its messages: QN as a number, else the second of receipt in the same form.

    A QN of tomorrow, from a clock that is ahead, must not stand above all that comes once the clock is right.
    """
    if qn.isdigit() and len(qn) == 17 and qn.isascii() and int(qn) <= _digits(received // HOUR * HOUR + 2 * HOUR):
        return int(qn)
    return _digits(received)


@lru_cache(maxsize=1024)
def _digits(second: int) -> int:
    """A second as a request number of Beijing."""
    return int(datetime.fromtimestamp(second, BEIJING).strftime("%Y%m%d%H%M%S")) * 1000
