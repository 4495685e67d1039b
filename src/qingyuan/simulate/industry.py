"""The fictional firms, their outlets with limits, and the meters on their production and treatment units."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np

from qingyuan.simulate.land import Land, Point, degrees
from qingyuan.simulate.records import Enterprise, Limit, Outlet, PowerMeter

_FIRST = "恒瑞锦盛华通德康新永隆泰鼎和昌润达兴佳凯"
_SECOND = "澄沚桐澜汀溪垛浦菱枫"
_CONTACTS = "林周郑沈陆顾许冯蒋姚"
_PARKS: tuple[Point, ...] = ((-8.0, -3.5), (9.0, 4.0), (6.0, -8.5), (-4.0, 8.0))


@dataclass(frozen=True)
class Industry:
    """All firms with what they own."""

    enterprises: tuple[Enterprise, ...]
    outlets: tuple[Outlet, ...]
    power_meters: tuple[PowerMeter, ...]


def profiles() -> list[dict[str, Any]]:
    """The industry profiles of `data/industries.toml`."""
    text = files("qingyuan.simulate").joinpath("data/industries.toml").read_text(encoding="utf-8")
    profile_list: list[dict[str, Any]] = tomllib.loads(text)["profile"]
    return profile_list


def build_industry(land: Land, rng: np.random.Generator, county_short: str) -> Industry:
    """Sixty firms with about a hundred outlets; every other firm has its electricity metered."""
    enterprises: list[Enterprise] = []
    outlets: list[Outlet] = []
    meters: list[PowerMeter] = []
    streams = [reach.code for reach in land.reaches if not reach.is_lake]
    lengths = {reach.code: reach.length_km for reach in land.reaches}
    for profile in profiles():
        for number in range(profile["firms"]):
            index = len(enterprises) + 1
            if profile["medium"] == "water":
                reach = streams[int(rng.integers(len(streams)))]
                first_km = float(rng.uniform(0.15, 0.7)) * lengths[reach]
                place = _beside(land.along(reach, first_km), rng, 0.7)
            else:
                reach, first_km = "", 0.0
                place = _beside(_PARKS[int(rng.integers(len(_PARKS)))], rng, 3.2)
            firm = _firm(index, profile, number, place=place, land=land, rng=rng, county_short=county_short)
            enterprises.append(firm)
            for one in range(profile["outlets_per_firm"]):
                km = min(first_km + 0.4 * one, lengths.get(reach, 0.0))
                outlet = _outlet(firm, profile, one + 1, place=place, reach=reach, km=km, rng=rng)
                outlets.append(outlet)
                if number % 2 == 0 and one == 0:
                    meters += _meters(firm, outlet, profile)
    return Industry(tuple(enterprises), tuple(outlets), tuple(meters))


def _beside(place: Point, rng: np.random.Generator, radius: float) -> Point:
    turn, distance = float(rng.uniform(0, 2 * math.pi)), radius * math.sqrt(float(rng.uniform(0.02, 1)))
    return place[0] + distance * math.cos(turn), place[1] + distance * math.sin(turn)


def _firm(
    index: int,
    profile: dict[str, Any],
    number: int,
    *,
    place: Point,
    land: Land,
    rng: np.random.Generator,
    county_short: str,
) -> Enterprise:
    word = profile["firm_words"][number % len(profile["firm_words"])]
    short = _FIRST[(index * 7) % len(_FIRST)] + _SECOND[(index * 3 + index // 10) % len(_SECOND)] + word
    lon, lat = degrees(place)
    return Enterprise(
        code=f"91QY00DEMO{index:08d}",
        name=f"{county_short}{short}有限公司",
        short_name=short,
        industry=profile["industry"],
        industry_key=profile["key"],
        town=land.town_of(place),
        lon=lon,
        lat=lat,
        permit_class="重点管理" if profile["key"] != "coating" or number % 3 == 0 else "简化管理",
        contact=f"{_CONTACTS[int(rng.integers(len(_CONTACTS)))]}工",
    )


def _outlet(
    firm: Enterprise,
    profile: dict[str, Any],
    number: int,
    *,
    place: Point,
    reach: str,
    km: float,
    rng: np.random.Generator,
) -> Outlet:
    is_gas = profile["medium"] == "gas"
    flow = round(float(rng.uniform(*profile["flow"])), 2)
    shares = {row["factor"]: row["share"] * float(rng.uniform(0.8, 1.12)) for row in profile["limits"]}
    lon, lat = degrees(_beside(place, rng, 0.25))
    reference_o2 = profile.get("reference_o2")
    return Outlet(
        code=f"{'DA' if is_gas else 'DW'}{int(firm.code[-4:]):03d}{number:02d}",
        name=f"{firm.short_name}{profile['outlet']}" + (f"{number}" if profile["outlets_per_firm"] > 1 else ""),
        enterprise=firm.code,
        medium="gas" if is_gas else "water",
        lon=lon,
        lat=lat,
        flow=flow,
        schedule=profile["schedule"],
        stack_height_m=float(rng.uniform(*profile["stack_m"])) if is_gas else 0.0,
        stack_area_m2=round(flow / 12, 3) if is_gas else 0.0,
        gas_temperature_c=float(profile.get("gas_c", 0)),
        reference_o2=reference_o2,
        reach=reach,
        km=round(km, 3),
        limits=tuple(_limit(row, is_gas, reference_o2) for row in profile["limits"]),
        typical_share=tuple((factor, round(share, 4)) for factor, share in shares.items()),
    )


def _limit(row: dict[str, Any], is_gas: bool, reference_o2: float | None) -> Limit:
    return Limit(
        factor=row["factor"],
        upper=row["upper"],
        lower="",
        unit="mg/m3" if is_gas else "mg/L",
        averaging=row["averaging"],
        statistic="ZsAvg" if reference_o2 is not None else "Avg",
        basis=row["basis"],
    )


def _meters(firm: Enterprise, outlet: Outlet, profile: dict[str, Any]) -> list[PowerMeter]:
    rows = (("production", "生产设施", "d20101", 0.004), ("treatment", "治理设施", "d30101", -0.004))
    return [
        PowerMeter(
            code=f"PM{outlet.code[2:]}{'P' if unit == 'production' else 'T'}",
            name=f"{firm.short_name}{label}电表",
            enterprise=firm.code,
            outlet=outlet.code,
            unit=unit,  # type: ignore[arg-type]
            rated_kw=float(profile[f"{unit}_kw"]),
            factor=factor,
            lon=round(firm.lon + shift, 6),
            lat=firm.lat,
        )
        for unit, label, factor, shift in rows
    ]
