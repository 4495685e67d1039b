"""What leaves an outlet: load, flow, concentrations, treatment, and what is really released to the environment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qingyuan.simulate.calendar import DAY, HOUR, activity, ramp, window
from qingyuan.simulate.events import Event, EventKind
from qingyuan.simulate.industry import profiles
from qingyuan.simulate.noise import Floats, Seconds, bounded, key
from qingyuan.simulate.records import County, Outlet

_AIR_O2 = 20.9
_RAW_MULTIPLE = 4.5  # untreated over treated concentration, for what a bypass releases
_RISE = 1200  # seconds in which a disturbance builds up


@dataclass(frozen=True)
class State:
    """An outlet at instants. flow in the unit of its channel; concentrations as they truly are at the monitoring
    point (gas: measured oxygen, not converted); released: g/s that reach the environment, by factor."""

    load: Floats
    flow: Floats
    treatment: Floats
    concentrations: dict[str, Floats]
    oxygen: Floats
    temperature: Floats
    moisture: Floats
    ph: Floats
    released: dict[str, Floats]


class OutletModel:
    """The physics of one outlet with its scripted events."""

    def __init__(self, outlet: Outlet, events: tuple[Event, ...], oxygen: float) -> None:
        self.outlet = outlet
        self.limits = {limit.factor: float(limit.upper) for limit in reversed(outlet.limits)}
        self._events = events
        self._oxygen = oxygen

    def state(self, seconds: Seconds) -> State:
        """The outlet at instants; depends on nothing but them."""
        outlet = self.outlet
        events = [event for event in self._events if event.end > seconds.min() and event.start < seconds.max()]
        load = self._load(seconds, events)
        treatment, diverted = np.ones(len(seconds)), np.zeros(len(seconds))
        for event in events:
            if event.kind is EventKind.TREATMENT_OFF:
                treatment *= 1 - window(seconds, event.start, event.end, 600)
            elif event.kind is EventKind.NIGHT_BYPASS:
                diverted = np.maximum(diverted, (1 - event.level) * window(seconds, event.start, event.end, 600))
        wander = bounded(key("flow", outlet.code), seconds, 2 * HOUR)
        full_flow = outlet.flow * load * (1 + 0.04 * wander)
        flow = full_flow * (1 - diverted)
        oxygen = self._measured_oxygen(seconds, load, events)
        concentrations, released = {}, {}
        for factor, share in outlet.typical_share:
            concentration = self._concentration(factor, share, seconds, load, oxygen, events)
            concentrations[factor] = concentration
            raw = concentration * _RAW_MULTIPLE
            released[factor] = (flow * concentration + full_flow * diverted * raw) / 1000
        return State(
            load=load,
            flow=flow,
            treatment=treatment * (1 - 0.6 * np.minimum(diverted * 1.3, 1)),
            concentrations=concentrations,
            oxygen=oxygen,
            temperature=outlet.gas_temperature_c * (0.72 + 0.28 * np.minimum(load, 1)) + 1.5 * wander,
            moisture=8.5 + 1.2 * bounded(key("moist", outlet.code), seconds, 6 * HOUR),
            ph=7.4 + 0.25 * bounded(key("ph", outlet.code), seconds, 8 * HOUR),
            released=released,
        )

    def _load(self, seconds: Seconds, events: list[Event]) -> Floats:
        load = activity(self.outlet.schedule, self.outlet.code, seconds)
        for event in events:
            if event.kind is EventKind.SHUTDOWN:
                load = load * (1 - ramp(seconds - event.start, 3600.0) * (seconds < event.end))
            elif event.kind is EventKind.START_UP:
                inside = (seconds >= event.start) & (seconds < event.end)
                share = 0.15 + 0.85 * (seconds - event.start) / (event.end - event.start)
                load = np.where(inside, np.maximum(load, 0.3) * share, load)
            elif event.kind is EventKind.NIGHT_BYPASS:  # the plant works in secret, whatever its schedule
                load = np.maximum(load, 0.75 * window(seconds, event.start, event.end, 600))
        return load

    def _measured_oxygen(self, seconds: Seconds, load: Floats, events: list[Event]) -> Floats:
        oxygen = self._oxygen + 0.6 * bounded(key("o2", self.outlet.code), seconds, 3 * HOUR)
        oxygen = oxygen + (0.92 - np.minimum(load, 0.92)) * 2.5
        for event in events:
            if event.kind is EventKind.START_UP:
                inside = (seconds >= event.start) & (seconds < event.end)
                left = 1 - (seconds - event.start) / (event.end - event.start)
                oxygen = np.where(inside, oxygen + 6.5 * left, oxygen)
        return np.minimum(oxygen, 20.2)

    def _concentration(
        self, factor: str, share: float, seconds: Seconds, load: Floats, oxygen: Floats, events: list[Event]
    ) -> Floats:
        limit, name = self.limits[factor], f"{self.outlet.code}:{factor}"
        wander = 0.13 * bounded(key("c1", name), seconds, 7 * HOUR) + 0.06 * bounded(key("c2", name), seconds, HOUR)
        weekly = 0.03 * bounded(key("c3", name), seconds, 5 * DAY)
        converted = limit * min(share, 0.76) * (1 + wander + weekly) * (0.35 + 0.65 * np.minimum(load, 1))
        for event in events:
            if not event.touches(factor):
                continue
            inside = window(seconds, event.start, event.end, _RISE)
            if event.kind is EventKind.EXCEEDANCE:
                aim = limit * event.level * (1 + 0.08 * bounded(key("x", event.id), seconds, HOUR))
                converted = converted * (1 - inside) + aim * inside
            elif event.kind is EventKind.TREATMENT_OFF:
                converted = converted * (1 + (event.level - 1) * inside)
            elif event.kind is EventKind.START_UP:
                converted = converted * (1 + 1.1 * inside)
            elif event.kind is EventKind.TAMPERING_CLIP:
                converted = converted + (limit * 1.35 - converted) * inside * 0.9
            elif event.kind is EventKind.TAMPERING_PARAMETER:
                converted = converted * (1 + 0.6 * inside)
        if self.outlet.reference_o2 is None:
            return converted
        return converted * (_AIR_O2 + 0.1 - oxygen) / (_AIR_O2 + 0.1 - self.outlet.reference_o2)


def build_models(county: County, events: tuple[Event, ...]) -> dict[str, OutletModel]:
    """One model an outlet, by code."""
    oxygen = {profile["key"]: float(profile.get("oxygen", 0.0)) for profile in profiles()}
    industry = {firm.code: firm.industry_key for firm in county.enterprises}
    by_point: dict[str, list[Event]] = {}
    for event in events:
        by_point.setdefault(event.point, []).append(event)
    return {
        outlet.code: OutletModel(outlet, tuple(by_point.get(outlet.code, ())), oxygen[industry[outlet.enterprise]])
        for outlet in county.outlets
    }
