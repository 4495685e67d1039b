"""The air at the stations: a regional background with daily cycles, and the plumes of the county's stacks."""

from __future__ import annotations

import numpy as np

from qingyuan.simulate.calendar import DAY, HOUR, local_hour, year_angle
from qingyuan.simulate.emissions import OutletModel
from qingyuan.simulate.land import kilometres
from qingyuan.simulate.noise import Floats, Seconds, bounded, key, smooth
from qingyuan.simulate.plume import concentration, effective_height
from qingyuan.simulate.records import AirStation, County
from qingyuan.simulate.weather import Weather, weather

_NOX_AS_NO2 = 0.6
_MICROGRAMS = 1e6


class AmbientModel:
    """Hourly values of every air station. Units: µg/m3, CO mg/m3."""

    def __init__(self, county: County, models: dict[str, OutletModel]) -> None:
        self._seed = county.seed
        self._stations = county.air_stations
        self._stacks = [models[outlet.code] for outlet in county.outlets if outlet.medium == "gas"]
        places = [kilometres(model.outlet.lon, model.outlet.lat) for model in self._stacks]
        receptors = [kilometres(station.lon, station.lat) for station in county.air_stations]
        self._east = np.array([[r[0] - p[0] for r in receptors] for p in places])
        self._north = np.array([[r[1] - p[1] for r in receptors] for p in places])
        self._height = np.array(
            [
                effective_height(one.outlet.stack_height_m, one.outlet.gas_temperature_c, one.outlet.flow)
                for one in self._stacks
            ]
        )

    def hours(self, starts: Seconds) -> dict[str, dict[str, Floats]]:
        """Values of the hours that begin at `starts`, by station and factor."""
        middle = starts + HOUR // 2
        sky = weather(self._seed, middle)
        added = self._plumes(middle, sky)
        region = self._background(middle, sky)
        return {
            station.code: self._station(station, number, middle, sky, region, added)
            for number, station in enumerate(self._stations)
        }

    def _plumes(self, middle: Seconds, sky: Weather) -> dict[str, Floats]:
        """Added concentration in µg/m3, stations × hours, by emitted factor."""
        emitted = {factor: np.zeros((len(self._stacks), len(middle))) for factor in ("a34013", "a21026", "a21002")}
        for number, model in enumerate(self._stacks):
            released = model.state(middle).released
            for factor, rates in emitted.items():
                if factor in released:
                    rates[number] = released[factor]
        added = {factor: np.zeros((len(self._stations), len(middle))) for factor in emitted}
        for number in range(len(self._stations)):
            unit = concentration(
                east_km=self._east[:, number, None],
                north_km=self._north[:, number, None],
                height_m=self._height[:, None],
                wind_speed=sky.wind_speed[None],
                wind_from=sky.wind_from[None],
                stability=sky.stability[None],
            )
            for factor, rates in emitted.items():
                added[factor][number] = (unit * rates).sum(axis=0) * _MICROGRAMS
        return added

    def _background(self, middle: Seconds, sky: Weather) -> dict[str, Floats]:
        hour, winter = local_hour(middle), np.cos(year_angle(middle) - 0.35)
        episode = np.exp(
            0.42 * smooth(key(self._seed, "episode"), middle, 3 * DAY)
            + 0.16 * smooth(key(self._seed, "episode2"), middle, 10 * HOUR)
        )
        still = (3.0 / (sky.wind_speed + 0.6)) ** 0.45
        traffic = np.exp(-(((hour - 8) / 2.2) ** 2)) + 0.9 * np.exp(-(((hour - 19) / 2.8) ** 2))
        fine = (34 + 17 * winter) * episode * still * (1 + 0.10 * np.cos((hour - 23) / 24 * 2 * np.pi))
        nitrogen = (19 + 8 * winter) * episode**0.5 * still * (0.72 + 0.55 * traffic)
        ozone = (42 - 9 * winter) * (1 - 0.35 * traffic) + 132 * sky.sunshine * (1 - 0.3 * winter) * episode**0.35
        return {
            "a34004": fine,
            "a34002": 1.35 * fine + 14 + 9 * traffic + 2.2 * sky.wind_speed,
            "a21026": (6 + 2 * winter) * episode**0.4,
            "a21004": nitrogen,
            "a05024": np.maximum(ozone - 0.5 * nitrogen, 3),
            "a21005": (0.52 + 0.16 * winter) * episode**0.5 * still**0.6 * (0.9 + 0.22 * traffic),
        }

    def _station(
        self,
        station: AirStation,
        number: int,
        middle: Seconds,
        sky: Weather,
        region: dict[str, Floats],
        added: dict[str, Floats],
    ) -> dict[str, Floats]:
        spread = 0.16 if station.kind == "micro" else 0.07
        fixed = (key("station", station.code) % 1000 / 1000 - 0.5) * 2 * spread
        values = {}
        for factor, base in region.items():
            wander = spread * bounded(key("air", station.code, factor), middle, 9 * HOUR)
            fast = 0.6 * spread * bounded(key("air2", station.code, factor), middle, 2 * HOUR)
            values[factor] = base * (1 + fixed + wander + fast)
        values["a34004"] = values["a34004"] + 0.6 * added["a34013"][number]
        values["a34002"] = np.maximum(values["a34002"] + added["a34013"][number], values["a34004"] * 1.05)
        values["a21026"] = values["a21026"] + added["a21026"][number]
        values["a21004"] = values["a21004"] + _NOX_AS_NO2 * added["a21002"][number]
        values |= {
            "a01001": sky.temperature,
            "a01002": sky.humidity,
            "a01006": sky.pressure,
            "a01007": sky.wind_speed,
            "a01008": sky.wind_from,
        }
        return values
