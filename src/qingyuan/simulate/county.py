"""The fictional county, built from a seed: the same seed gives the same county."""

from __future__ import annotations

import hashlib
import tomllib
from importlib.resources import files
from typing import Any

import numpy as np

from qingyuan.simulate.industry import build_industry
from qingyuan.simulate.land import MIDDLE_LAT, MIDDLE_LON, build_land, degrees
from qingyuan.simulate.people import OPERATORS, build_organisations, build_users
from qingyuan.simulate.records import AirStation, Channel, County, Device, Outlet, PowerMeter, WaterStation
from qingyuan.simulate.stations import build_air_stations, build_water_stations

__all__ = ["County", "build_county"]

_NAME, _CITY, _SHORT, _CODE = "云沚县", "清淮市", "云沚", "QY"
_PASSWORD = "123456"  # noqa: S105 - HJ 212 has no secret; this is the value every manual prints


def build_county(seed: int = 1) -> County:
    """Ten towns, a river network with a lake, 60 firms, 99 outlets, 40 stations, one logger for each of them."""
    rng = np.random.default_rng(seed)
    land = build_land(rng, seed)
    water = build_water_stations(land)
    air = build_air_stations(land, rng)
    industry = build_industry(land, rng, _SHORT)
    ring = tuple(degrees(point) for point in land.outline)
    loggers = _Loggers(seed)
    devices = (
        *(loggers.of_outlet(outlet) for outlet in industry.outlets),
        *(loggers.of_air(station) for station in air),
        *(loggers.of_water(station) for station in water),
        *loggers.of_meters(industry.power_meters),
    )
    return County(
        seed=seed,
        code=_CODE,
        name=_NAME,
        city=_CITY,
        lon=MIDDLE_LON,
        lat=MIDDLE_LAT,
        outline=(*ring, ring[0]),
        towns=land.towns,
        water_bodies=land.water_bodies,
        reaches=land.reaches,
        water_stations=water,
        air_stations=air,
        enterprises=industry.enterprises,
        outlets=industry.outlets,
        power_meters=industry.power_meters,
        devices=devices,
        organisations=build_organisations(_NAME, _CITY, land.towns, industry.enterprises),
        users=build_users(land.towns, industry.enterprises),
    )


class _Loggers:
    """Makes the loggers: 24-digit MN from the seed and the place, channels from `data/channels.toml`."""

    def __init__(self, seed: int) -> None:
        text = files("qingyuan.simulate").joinpath("data/channels.toml").read_text(encoding="utf-8")
        self._kinds: dict[str, Any] = tomllib.loads(text)
        self._seed = seed

    def of_outlet(self, outlet: Outlet) -> Device:
        limited = {limit.factor for limit in outlet.limits}
        kind = self._kinds[outlet.medium]
        rows = kind["auxiliary"] + [row for row in kind["pollutants"] if row["factor"] in limited]
        if outlet.medium == "gas" and outlet.reference_o2 is None:
            rows = [row for row in rows if row["factor"] != "a19001"]
        return self._device(outlet.medium, outlet.code, rows)

    def of_air(self, station: AirStation) -> Device:
        kind = self._kinds["air"]
        rows = kind["pollutants"] + (kind["meteorology"] if station.kind == "standard" else [])
        return self._device("air", station.code, rows)

    def of_water(self, station: WaterStation) -> Device:
        return self._device("river", station.code, self._kinds["river"]["pollutants"])

    def of_meters(self, meters: tuple[PowerMeter, ...]) -> list[Device]:
        """One electricity logger a firm; each channel belongs to its own meter."""
        firms: dict[str, list[PowerMeter]] = {}
        for meter in meters:
            firms.setdefault(meter.enterprise, []).append(meter)
        devices = []
        for own in firms.values():
            rows = [{**self._kinds["power"][meter.unit], "factor": meter.factor, "point": meter.code} for meter in own]
            devices.append(self._device("power", own[0].code, rows))
        return devices

    def _device(self, kind: str, point: str, rows: list[dict[str, Any]]) -> Device:
        digest = hashlib.blake2b(f"{self._seed}:{kind}:{point}".encode(), digest_size=12).hexdigest().upper()
        channels = tuple(
            Channel(
                factor=row["factor"],
                name=row["name"],
                unit=row["unit"],
                decimals=row["decimals"],
                statistics=tuple(row["statistics"]),
                point=row.get("point", point),
            )
            for row in rows
        )
        operator = OPERATORS[int(digest[:2], 16) % len(OPERATORS)][0]
        return Device(digest, self._kinds[kind]["st"], kind, point, _PASSWORD, operator, channels)  # type: ignore[arg-type]
