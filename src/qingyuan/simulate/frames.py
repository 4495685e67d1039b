"""What the loggers say: HJ 212-2017 frames of a device in a stretch of sending time.

Commands: 2011 real-time (instant), 2051 minute (gas 1 min, waste water and power 10 min), 2061 hour (river stations: of
four hours), 2031 day. DataTime is the instant of 2011 and the beginning of the period otherwise.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from qingyuan.hj212 import encode
from qingyuan.simulate.calendar import BEIJING_OFFSET, DAY, HOUR
from qingyuan.simulate.events import Event, EventKind
from qingyuan.simulate.instrument import STEP, Instruments
from qingyuan.simulate.intervals import Intervals, roll_up
from qingyuan.simulate.noise import key
from qingyuan.simulate.records import Channel, Device

REALTIME, MINUTE, HOURLY, DAILY = "2011", "2051", "2061", "2031"
ALL_COMMANDS = frozenset({REALTIME, MINUTE, HOURLY, DAILY})
_ANSWER_WANTED = 5  # Flag: edition 2017 with the answer bit
_MINUTE_LENGTH = {"gas": 60, "water": 600, "power": 600}
_REALTIME_EVERY = {"gas": 60, "water": 120, "power": 300, "air": 300, "river": 1800}
_EXTREMES = ("Min", "Max")
_ORDER = {REALTIME: 0, MINUTE: 1, HOURLY: 2, DAILY: 3}


class Sending(NamedTuple):
    """One frame to be sent: when [seconds UTC], by whom, what; `qn` and `cn` as in the frame."""

    at: int
    mn: str
    cn: str
    qn: str
    raw: bytes


@dataclass(frozen=True)
class Cadence:
    """How often a device sends. realtime_factor: real-time frames are thinned by it when time runs fast."""

    commands: frozenset[str] = ALL_COMMANDS
    realtime_factor: int = 1


def interval_length(kind: str, command: str) -> int:
    """Length [s] of the periods that a command of a kind of device reports; 0 if it does not send that command."""
    if command == MINUTE:
        return _MINUTE_LENGTH.get(kind, 0)
    if command == HOURLY:
        return max(HOUR, STEP[kind])
    return DAY if command == DAILY and kind in ("gas", "water", "power") else 0


class Speaker:
    """Writes the frames of the county's devices."""

    def __init__(self, instruments: Instruments) -> None:
        self._instruments = instruments
        self._reference = {outlet.code: outlet.reference_o2 for outlet in instruments.county.outlets}

    def sendings(self, device: Device, start: int, end: int, cadence: Cadence | None = None) -> list[Sending]:
        """The frames that a device sends in [start, end), seconds UTC, in the order of sending.

        Frames of a communication loss are missing, or come after it where the logger re-sends (history only).
        """
        cadence = cadence or Cadence()
        losses = self.losses(device, start, end)
        late = max((event.end - event.start for event in losses if event.is_resent), default=0)
        out: list[Sending] = []
        for command in sorted(cadence.commands, key=lambda one: _ORDER[one]):
            for planned, cp in self._planned(device, command, start - late - HOUR if late else start, end, cadence):
                at = _after_losses(planned, command, device, losses)
                if at is not None and start <= at < end:
                    out.append(_sending(device, command, planned, at, cp))
        out.sort(key=lambda one: (one.at, _ORDER[one.cn], one.qn))
        return out

    def losses(self, device: Device, start: int, end: int) -> list[Event]:
        """Communication losses that bear on what is sent in [start, end), seconds UTC."""
        return [
            event
            for event in self._instruments.events_of(device)
            if event.kind is EventKind.COMMUNICATION_LOSS and event.start < end and event.end + HOUR > start
        ]

    def stored(self, device: Device, command: str, first: int, last: int, now: int) -> list[Sending]:
        """What the logger holds of periods that begin in [first, last] and were to be sent by `now`, seconds UTC.

        Also of a communication loss, over which it went on measuring. Each frame is as it was, or would have been, sent.
        """
        length = interval_length(device.kind, command)
        if not length:
            return []
        late = length + _delay(device, command)
        planned = self._planned(device, command, first + late, min(last + late, now) + 1, Cadence())
        return [_sending(device, command, at, at, cp) for at, cp in planned]

    def _planned(
        self, device: Device, command: str, start: int, end: int, cadence: Cadence
    ) -> Iterator[tuple[int, str]]:
        """Planned instants in [start, end) with the text of CP."""
        if command == REALTIME:
            yield from self._realtime(device, start, end, cadence.realtime_factor)
            return
        length = interval_length(device.kind, command)
        if not length:
            return
        offset = BEIJING_OFFSET if length > HOUR else 0
        delay = _delay(device, command)
        first = (start - delay + offset - 1) // length * length - offset  # its end is the first at or after start
        last = (end - delay + offset - 1) // length * length - offset
        if last <= first:
            return
        samples = self._instruments.samples(device, first, last)
        intervals = roll_up(device, samples, length, self._reference.get(device.point))
        for number, begin in enumerate(intervals.starts.tolist()):
            yield begin + length + delay, _interval_text(device, intervals, number, begin)

    def _realtime(self, device: Device, start: int, end: int, factor: int) -> Iterator[tuple[int, str]]:
        every = _REALTIME_EVERY[device.kind] * factor
        phase = key("rtd", device.mn) % every
        first = -(-(start - phase) // every) * every + phase
        if first >= end:
            return
        step = STEP[device.kind]
        samples = self._instruments.samples(device, first // step * step, end)
        for at in range(first, end, every):
            column = (at // step * step - int(samples.starts[0])) // step
            values, flags = samples.values[:, column].tolist(), samples.flags[:, column].tolist()
            items = [
                f"{channel.factor}-Rtd={_printed(value, channel)},{channel.factor}-Flag={chr(flag)}"
                for channel, value, flag in zip(device.channels, values, flags, strict=True)
            ]
            yield at, f"DataTime={stamp(at)};" + ";".join(items)


def stamp(seconds: int) -> str:
    """An instant as HJ 212 prints it: fourteen digits of Beijing time."""
    return time.strftime("%Y%m%d%H%M%S", time.gmtime(seconds + BEIJING_OFFSET))


def _interval_text(device: Device, intervals: Intervals, number: int, begin: int) -> str:
    items = [f"DataTime={stamp(begin)}"]
    for row, channel in enumerate(device.channels):
        parts = []
        for name in channel.statistics:
            if name in intervals.statistics and (name not in _EXTREMES or intervals.has_extremes):
                value = float(intervals.statistics[name][row, number])
                printed = f"{value:.3f}" if name == "Cou" else _printed(value, channel)
                parts.append(f"{channel.factor}-{name}={printed}")
        parts.append(f"{channel.factor}-Flag={chr(intervals.flags[row, number])}")
        items.append(",".join(parts))
    return ";".join(items)


def _printed(value: float, channel: Channel) -> str:
    text = f"{value:.{channel.decimals}f}"
    return text[1:] if text.startswith("-") and not float(text) else text


def _delay(device: Device, command: str) -> int:
    """Seconds after the end of a period when this device sends it: its own, so that loggers do not speak at once."""
    widest = {MINUTE: 6, HOURLY: 50, DAILY: 240}[command]
    least = {MINUTE: 1, HOURLY: 8, DAILY: 120}[command]
    return least + key("delay", device.mn, command) % widest


def _after_losses(planned: int, command: str, device: Device, losses: list[Event]) -> int | None:
    """When a frame goes out: at once, after the loss where it is re-sent, or never."""
    for event in losses:
        if event.start <= planned < event.end:
            if not event.is_resent or command == REALTIME:
                return None
            return event.end + 5 + key("again", device.mn, planned) % 120
    return planned


def _sending(device: Device, command: str, planned: int, at: int, cp: str) -> Sending:
    """QN is unique within a device: the second of sending, and milliseconds of the command or of the re-sent period."""
    milliseconds = 11 + _ORDER[command] * 20 if at == planned else 100 + planned // 60 % 900
    qn = f"{stamp(at)}{milliseconds:03d}"
    raw = encode(qn=qn, st=device.st, cn=command, pw=device.password, mn=device.mn, flag=_ANSWER_WANTED, cp=cp)
    return Sending(at, device.mn, command, qn, raw)
