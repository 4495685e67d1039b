"""What the loggers hold: base samples of every channel with their flag, honest or not.

A base sample is the mean of a short step (gas 1 min, water and power 10 min, air 1 h, river 4 h). Everything that a
device sends, of any command, is made of these samples, so its minutes, hours and days agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan.simulate.ambient import AmbientModel
from qingyuan.simulate.calendar import HOUR
from qingyuan.simulate.emissions import OutletModel, State, build_models
from qingyuan.simulate.events import Event, EventKind
from qingyuan.simulate.noise import Floats, Seconds, key, white
from qingyuan.simulate.records import Channel, County, Device
from qingyuan.simulate.river import RiverModel

STEP = {"gas": 60, "water": 600, "power": 600, "air": HOUR, "river": 4 * HOUR}
"""Base step of each kind of device, seconds."""

_NORMAL = ord("N")
_NOISE = {"gas": 0.025, "water": 0.02, "power": 0.015, "air": 0.02, "river": 0.01}
_QUIETER = {"w01001": 0.15, "w01010": 0.1, "a01006": 0.0, "a01002": 0.0, "a01008": 0.0}
_RUNNING_LOAD = 0.03  # below this a plant stands still and its logger says F
_SPAN_SHARE = 0.8
_FLAGGING = (
    EventKind.INSTRUMENT_FAULT,
    EventKind.MAINTENANCE,
    EventKind.CALIBRATION,
    EventKind.SHUTDOWN,
)


@dataclass(frozen=True)
class Samples:
    """Base samples of one device: starts [n]; values and flags [channels, n]; flags are ASCII codes."""

    starts: Seconds
    step: int
    values: Floats
    flags: NDArray[np.uint8]


class Instruments:
    """All loggers of the county under one script."""

    def __init__(self, county: County, events: tuple[Event, ...]) -> None:
        self.county = county
        self._models = build_models(county, events)
        self._ambient = AmbientModel(county, self._models)
        self._river = RiverModel(county, self._models)
        self._sections = {station.code: station for station in county.water_stations}
        self._meters = {meter.code: meter for meter in county.power_meters}
        self._by_point: dict[str, list[Event]] = {}
        for event in events:
            self._by_point.setdefault(event.point, []).append(event)
        self._air_cache: tuple[bytes, dict[str, dict[str, Floats]]] = (b"", {})

    def model(self, outlet: str) -> OutletModel:
        """The physics of an outlet."""
        return self._models[outlet]

    def events_of(self, device: Device) -> list[Event]:
        """The events at the point of a device."""
        return self._by_point.get(device.point, [])

    def samples(self, device: Device, start: int, end: int) -> Samples:
        """Base samples whose step begins in [start, end), seconds UTC."""
        step = STEP[device.kind]
        starts = np.arange(-(-start // step) * step, end, step, dtype=np.int64)
        count = len(device.channels)
        if not len(starts):
            return Samples(starts, step, np.zeros((count, 0)), np.zeros((count, 0), np.uint8))
        true, is_running = self._true(device, starts + step // 2 if device.kind != "air" else starts)
        values = np.empty((count, len(starts)))
        flags = np.full((count, len(starts)), _NORMAL, np.uint8)
        events = [
            event for event in self.events_of(device) if event.end > starts[0] and event.start < starts[-1] + step
        ]
        for row, channel in enumerate(device.channels):
            amount = _NOISE[device.kind] * _QUIETER.get(channel.factor, 1.0)
            grain = white(key("grain", device.mn, channel.factor), starts // step)
            values[row] = true[channel.factor] * (1 + amount * grain)
            self._disturb(device, channel, starts, values[row], flags[row], events)
        flags[:, ~is_running] = ord("F")
        values = np.maximum(np.round(values, 4), -40.0)
        return Samples(starts, step, values, flags)

    def _true(self, device: Device, at: Seconds) -> tuple[dict[str, Floats], NDArray[np.bool_]]:
        always = np.ones(len(at), np.bool_)
        if device.kind == "air":
            return self._air(at)[device.point], always
        if device.kind == "river":
            return self._river.at(self._sections[device.point], at), always
        if device.kind == "power":
            return self._power(device, at), always
        state = self._models[device.point].state(at)
        return _outlet_values(device, state), state.load > _RUNNING_LOAD

    def _air(self, at: Seconds) -> dict[str, dict[str, Floats]]:
        """All stations at once; the last answer is kept, because twenty loggers ask for the same hours."""
        wanted = at.tobytes()
        if self._air_cache[0] != wanted:
            self._air_cache = (wanted, self._ambient.hours(at))
        return self._air_cache[1]

    def _power(self, device: Device, at: Seconds) -> dict[str, Floats]:
        values = {}
        for channel in device.channels:
            meter = self._meters[channel.point]
            state = self._models[meter.outlet].state(at)
            share = np.minimum(state.load, 1.05)
            if meter.unit == "treatment":
                share = (0.35 * (share > _RUNNING_LOAD) + 0.65 * share) * state.treatment
            values[channel.factor] = meter.rated_kw * (0.02 + 0.9 * share)
        return values

    def _disturb(
        self,
        device: Device,
        channel: Channel,
        starts: Seconds,
        values: Floats,
        flags: NDArray[np.uint8],
        events: list[Event],
    ) -> None:
        """Change the samples in place as the device and its people do during events."""
        for event in events:
            if not event.touches(channel.factor):
                continue
            inside = (starts >= event.start) & (starts < event.end)
            if not inside.any():
                continue
            if event.kind in _FLAGGING and event.flag != "N" and event.kind is not EventKind.SHUTDOWN:
                flags[inside] = ord(event.flag)
            if device.kind == "power" or channel.factor in ("a00000", "w00000"):
                continue
            limit = self._limit(device, channel.factor)
            if event.kind is EventKind.INSTRUMENT_FAULT:
                frozen = 0.0 if event.flag == "D" else self._value_before(device, channel, event)
                values[inside] = frozen
            elif event.kind is EventKind.MAINTENANCE:
                values[inside] *= 0.08
            elif event.kind is EventKind.CALIBRATION:
                share = (starts[inside] - event.start) / (event.end - event.start)
                span = _SPAN_SHARE * (limit or float(np.abs(values[inside]).max()) * 2)
                values[inside] = np.where(share < 0.5, 0.01 * span, span)
            elif event.kind is EventKind.TAMPERING_STUCK:
                values[inside] = (limit or 1.0) * 0.41
            elif event.kind is EventKind.TAMPERING_CLIP and limit:
                values[inside] = np.minimum(
                    values[inside], limit * event.level * self._measured_share(device, starts[inside])
                )
            elif event.kind is EventKind.TAMPERING_PARAMETER:
                values[inside] *= event.level

    def _limit(self, device: Device, factor: str) -> float:
        model = self._models.get(device.point)
        return model.limits.get(factor, 0.0) if model else 0.0

    def _measured_share(self, device: Device, starts: Seconds) -> Floats:
        """What a concentration at reference oxygen is as measured; 1 where nothing is converted."""
        model = self._models[device.point]
        reference = model.outlet.reference_o2
        if reference is None:
            return np.ones(len(starts))
        return (21.0 - model.state(starts + STEP["gas"] // 2).oxygen) / (21.0 - reference)

    def _value_before(self, device: Device, channel: Channel, event: Event) -> float:
        step = STEP[device.kind]
        at = np.array([event.start // step * step - step // 2], dtype=np.int64)
        return float(self._true(device, at)[0][channel.factor][0])


def _outlet_values(device: Device, state: State) -> dict[str, Floats]:
    values = dict(state.concentrations)
    if device.kind == "gas":
        values |= {
            "a00000": state.flow,
            "a01012": state.temperature,
            "a01014": state.moisture,
            "a19001": state.oxygen,
        }
    else:
        values |= {"w00000": state.flow, "w01001": state.ph}
    return values
