"""What devices have not sent: the gaps that the quality rule flagged in their series, as far as they still are gaps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from qingyuan.bureau.base.store import readings
from qingyuan.bureau.line.models import Channel, Device
from qingyuan.readings import Flag, Rank, Series

GAP = "gap"
DAY = 86400
COMMANDS = {"minute": "2051", "hour": "2061", "day": "2031"}
GRAINS = {cn: grain for grain, cn in COMMANDS.items()}
"""The commands whose intervals can be looked for in the store."""
_BEIJING_S = 8 * 3600


@dataclass(frozen=True)
class Missing:
    """Intervals that a device has not sent, by the command that asks for them: their starts [s], in order."""

    cn: str
    length: int
    starts: tuple[int, ...]

    def runs(self, most: int) -> list[Missing]:
        """The same in stretches without a break, of at most `most` intervals."""
        found: list[list[int]] = []
        for start in self.starts:
            if found and start == found[-1][-1] + self.length and len(found[-1]) < most:
                found[-1].append(start)
            else:
                found.append([start])
        return [Missing(self.cn, self.length, tuple(run)) for run in found]


def gaps_of(
    devices: Sequence[Device], since: datetime, until: datetime, flagged_by: datetime
) -> dict[int, list[Missing]]:
    """By device key: what is missing in [since, until) in series with a gap flag that stands and was made by an instant.

    An hourly series that we work out from minutes is asked for in minutes. An interval with any reading of its series
    is not missing. Gaps of a point that several devices serve belong to the one whose channel the item is.
    """
    first, last = int(since.timestamp()), int(until.timestamp())
    owners = _series_of(devices)
    store = readings()
    flags: dict[int, list[Flag]] = defaultdict(list)
    for flag in store.flags(list(owners), first, last) if owners else ():
        if flag.rule == GAP and not flag.undone_by and flag.made_at <= flagged_by.timestamp():
            flags[flag.series].append(flag)
    found: dict[int, dict[tuple[str, int], set[int]]] = defaultdict(lambda: defaultdict(set))
    for number, own in flags.items():
        series, device = owners[number]
        for flag in own:
            asked = _asked_as(series, device, flag)
            length = _length(asked.key.grain, device)
            there = {r.start for r in store.window([asked.id], flag.start, flag.end)} if asked.id else set()
            starts = {s for s in range(flag.start, flag.end, length) if first <= s < last and s not in there}
            if starts:
                found[device.pk][COMMANDS[asked.key.grain], length] |= starts
    return {
        pk: [Missing(cn, length, tuple(sorted(starts))) for (cn, length), starts in sorted(own.items())]
        for pk, own in found.items()
    }


def _series_of(devices: Sequence[Device]) -> dict[int, tuple[Series, Device]]:
    """By series number: the series that a device feeds."""
    by_pk = {device.pk: device for device in devices}
    channels: dict[tuple[str, str], Device] = {}
    for pk, point, item in Channel.objects.filter(device__in=by_pk).values_list("device_id", "point__code", "item"):
        channels[point, item] = by_pk[pk]
    points = [device.point_id for device in devices if device.point_id is not None]
    served: dict[int, list[int]] = defaultdict(list)
    for pk, point_id in Device.objects.filter(point__in=points, state=Device.State.ACTIVE).values_list(
        "pk", "point_id"
    ):
        served[point_id].append(pk)
    alone = {d.point.code: d for d in devices if d.point is not None and served[d.point.pk] == [d.pk]}
    codes = sorted({point for point, _ in channels} | set(alone))
    found = {}
    for series in readings().series_of_points(codes) if codes else ():
        device = channels.get((series.key.point, series.key.item)) or alone.get(series.key.point)
        if device is not None and series.key.grain in COMMANDS:
            found[series.id] = (series, device)
    return found


def _asked_as(series: Series, device: Device, flag: Flag) -> Series:
    """The series itself, or that of the minutes which our hours are worked out from (number 0: none came yet)."""
    if series.key.grain != "hour":
        return series
    store = readings()
    after = store.window([series.id], flag.end, flag.end + device.hour_seconds)
    if not after or any(r.rank != Rank.DERIVED for r in after):
        return series
    key = series.key._replace(grain="minute")
    return store.series_of([key]).get(key) or series._replace(id=0, key=key)


def _length(grain: str, device: Device) -> int:
    return {"minute": device.minute_length, "hour": device.hour_seconds, "day": DAY}[grain]


def intervals(device: Device, cn: str, since: datetime, until: datetime) -> range:
    """Starts [s] of the device's intervals that lie wholly or partly in [since, until); they begin with Beijing's day."""
    length = _length(GRAINS[cn], device)
    return range(_floor(int(since.timestamp()), length), int(until.timestamp()), length)


def missing_in(device: Device, cn: str, begin: datetime, end: datetime, now: datetime) -> list[int]:
    """Starts [s] between the first and the last wanted interval that are missing: flagged as a gap which still is one,
    or without any reading of the device in that grain.
    """
    first, last = int(begin.timestamp()), int(end.timestamp())
    found = gaps_of([device], begin, end + timedelta(seconds=1), now)
    flagged = {start for one in found.get(device.pk, []) if one.cn == cn for start in one.starts}
    grain = GRAINS[cn]
    series = [number for number, (one, _) in _series_of([device]).items() if one.key.grain == grain]
    there = {r.start for r in readings().window(series, first, last + 1)} if series else set()
    starts = range(first, last + 1, _length(grain, device))
    return [start for start in starts if start in flagged or start not in there]


def _floor(second: int, length: int) -> int:
    return second - (second + _BEIJING_S) % length
