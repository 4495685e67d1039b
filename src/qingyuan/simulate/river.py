"""The water at the sections: background of each reach, and what the outlets above have added on the way down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qingyuan.simulate.calendar import DAY, HOUR, local_hour, year_angle
from qingyuan.simulate.emissions import OutletModel
from qingyuan.simulate.noise import Floats, Seconds, bounded, key, smooth
from qingyuan.simulate.records import County, WaterStation

# factor at the section: emitted factor, share that arrives as it, first-order decay per day
_ARRIVES = {
    "w01019": ("w01018", 0.30, 0.10),
    "w21003": ("w21003", 1.0, 0.15),
    "w21011": ("w21011", 1.0, 0.05),
    "w21001": ("w21001", 1.0, 0.08),
}
_BACKGROUND = {"w01019": 3.1, "w21003": 0.26, "w21011": 0.085, "w21001": 1.35}


@dataclass(frozen=True)
class Path:
    """From an outlet down to a section: travel time and distance."""

    outlet: str
    travel_s: float
    distance_km: float


def paths_to(county: County, reach_code: str, km: float) -> tuple[Path, ...]:
    """All outlets above a place of the network, with their travel time to it, nearest first."""
    reaches = {reach.code: reach for reach in county.reaches}
    above: dict[str, list[str]] = {}
    for reach in county.reaches:
        above.setdefault(reach.downstream, []).append(reach.code)
    found: list[Path] = []
    waiting = [(reach_code, km, 0.0, 0.0)]
    while waiting:
        code, until, seconds, distance = waiting.pop()
        reach = reaches[code]
        for outlet in county.outlets:
            if outlet.reach == code and outlet.km <= until:
                here = until - outlet.km
                found.append(Path(outlet.code, seconds + here * 1000 / reach.velocity_m_s, distance + here))
        passed = seconds + until * 1000 / reach.velocity_m_s
        waiting += [(one, reaches[one].length_km, passed, distance + until) for one in above.get(code, ())]
    return tuple(sorted(found, key=lambda path: path.travel_s))


def arriving(load_g_s: Floats, flow_m3_s: float, travel_s: float, decay_per_day: float) -> Floats:
    """Concentration [mg/L] that a load [g/s] of `travel_s` ago makes in a stream, first-order decay on the way.

    Notes: full mixing over the section; without decay the mass passing the section is the mass released.
    """
    concentration: Floats = load_g_s / flow_m3_s * np.exp(-decay_per_day * travel_s / DAY)
    return concentration


class RiverModel:
    """Values of every section. Units: mg/L, degC, µS/cm, NTU."""

    def __init__(self, county: County, models: dict[str, OutletModel]) -> None:
        self._seed = county.seed
        self._models = models
        self._stations = county.water_stations
        self._flows = {reach.code: reach.flow_m3_s for reach in county.reaches}
        self._paths = {station.code: paths_to(county, station.reach, station.km) for station in county.water_stations}

    def at(self, station: WaterStation, seconds: Seconds) -> dict[str, Floats]:
        """Values of one section at instants, by factor."""
        flow = self._flows[station.reach]
        added = {factor: np.zeros(len(seconds)) for factor in _ARRIVES}
        for path in self._paths[station.code]:
            released = self._models[path.outlet].state(seconds - int(path.travel_s)).released
            for factor, (source, share, decay) in _ARRIVES.items():
                if source in released:
                    added[factor] += share * arriving(released[source], flow, path.travel_s, decay)
        return self._values(station, seconds, added)

    def _values(self, station: WaterStation, seconds: Seconds, added: dict[str, Floats]) -> dict[str, Floats]:
        code, is_lake = station.code, station.body == "lake"
        angle, hour = year_angle(seconds), local_hour(seconds)
        warm = -np.cos(angle - 0.5)
        rain = np.maximum(smooth(key(self._seed, "rain"), seconds, int(1.6 * DAY)) - 0.6, 0)
        fixed = 1 + 0.18 * (key("section", code) % 1000 / 1000 - 0.5)
        temperature = 17.5 + 10.5 * warm + 0.5 * np.cos((hour - 16) / 24 * 2 * np.pi)
        temperature = temperature + 0.7 * bounded(key("tw", code), seconds, 2 * DAY)
        values = {}
        for factor, base in _BACKGROUND.items():
            wander = 0.12 * bounded(key("river", code, factor), seconds, DAY)
            quick = 0.04 * bounded(key("river2", code, factor), seconds, 5 * HOUR)
            level = base * (0.38 if is_lake and factor == "w21011" else 1.0)
            values[factor] = level * fixed * (1 + wander + quick + 0.35 * rain) + added[factor]
        saturated = 14.62 - 0.3898 * temperature + 0.006969 * temperature**2 - 5.897e-5 * temperature**3
        bloom = 1.1 if is_lake else 0.35
        values["w01009"] = np.maximum(
            saturated * 0.88
            + bloom * np.cos((hour - 15) / 24 * 2 * np.pi)
            - 0.35 * (values["w01019"] - 3)
            - 0.8 * values["w21003"]
            + 0.5 * bounded(key("do", code), seconds, DAY),
            0.3,
        )
        values["w01010"] = temperature
        values["w01001"] = 7.75 + (0.35 if is_lake else 0.1) * np.cos((hour - 15) / 24 * 2 * np.pi)
        values["w01001"] = values["w01001"] + 0.15 * bounded(key("phw", code), seconds, 2 * DAY)
        values["w01014"] = 520 * fixed * (1 + 0.10 * bounded(key("ec", code), seconds, 2 * DAY)) - 60 * rain
        values["w01003"] = 24 * fixed * (1 + 0.3 * bounded(key("ntu", code), seconds, DAY) + 1.2 * rain)
        return values
