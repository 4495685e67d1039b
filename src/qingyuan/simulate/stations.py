"""The county's own eyes: water stations with three targets each, air stations of three kinds."""

from __future__ import annotations

import math

import numpy as np

from qingyuan.simulate.land import Land, Point, degrees
from qingyuan.simulate.records import AirStation, Body, SectionTarget, WaterStation

# name, reach, share of its length, level, border, function zone, assessment, incentive
_SECTIONS = (
    ("沚河入境断面", "R01", 0.05, "省考", True, "Ⅲ", "Ⅲ", "Ⅲ"),
    ("桐桥断面", "R01", 0.85, "市考", False, "Ⅲ", "Ⅲ", "Ⅱ"),
    ("沚阳西断面", "R02", 0.40, "县控", False, "Ⅲ", "Ⅲ", "Ⅲ"),
    ("沚阳大桥断面", "R02", 0.90, "省考", False, "Ⅲ", "Ⅲ", "Ⅱ"),
    ("望桐闸断面", "R03", 0.55, "县控", False, "Ⅳ", "Ⅲ", "Ⅲ"),
    ("青垛渡断面", "R04", 0.50, "市考", False, "Ⅲ", "Ⅲ", "Ⅲ"),
    ("鹭荡湖北", "R05", 0.30, "县控", False, "Ⅲ", "Ⅳ", "Ⅲ"),
    ("鹭荡湖湖心", "R05", 0.55, "国考", False, "Ⅲ", "Ⅲ", "Ⅲ"),
    ("鹭荡湖出湖口", "R05", 0.95, "市考", False, "Ⅲ", "Ⅳ", "Ⅲ"),
    ("沚河出境断面", "R06", 0.96, "国考", True, "Ⅲ", "Ⅲ", "Ⅱ"),
    ("云埠东断面", "R06", 0.35, "县控", False, "Ⅲ", "Ⅲ", "Ⅲ"),
    ("柳汀河上游断面", "R07", 0.50, "县控", False, "Ⅲ", "Ⅲ", "Ⅲ"),
    ("柳汀河口断面", "R08", 0.92, "市考", False, "Ⅳ", "Ⅲ", "Ⅲ"),
    ("菱溪上游断面", "R09", 0.45, "县控", False, "Ⅲ", "Ⅲ", "Ⅲ"),
    ("菱溪口断面", "R10", 0.93, "市考", False, "Ⅳ", "Ⅳ", "Ⅲ"),
    ("枫塘河上游断面", "R11", 0.50, "县控", False, "Ⅲ", "Ⅲ", "Ⅲ"),
    ("枫塘河口断面", "R12", 0.90, "市考", False, "Ⅳ", "Ⅲ", "Ⅲ"),
    ("云埠河上游断面", "R13", 0.30, "县控", False, "Ⅲ", "Ⅲ", "Ⅲ"),
    ("云埠河口断面", "R13", 0.94, "县控", False, "Ⅳ", "Ⅳ", "Ⅲ"),
    ("槐浦河口断面", "R14", 0.92, "县控", False, "Ⅳ", "Ⅳ", "Ⅲ"),
)
_MICRO = ("沚阳商贸城", "望桐客运站", "热电园区北", "涂装园区西", "沚阳三中", "水泥园区东")


def build_water_stations(land: Land) -> tuple[WaterStation, ...]:
    """Twenty sections, three of them in the lake, the last of the main river on the border."""
    lengths = {reach.code: (reach.length_km, reach.is_lake) for reach in land.reaches}
    stations = []
    for number, (name, reach, share, level, is_border, zone, assessed, incentive) in enumerate(_SECTIONS, 1):
        length, is_lake = lengths[reach]
        km = round(share * length, 3)
        place = land.along(reach, km)
        lon, lat = degrees(place)
        targets = (
            SectionTarget("function_zone", zone, "演示县水功能区划"),
            SectionTarget("assessment", assessed, "演示县年度水质考核目标"),
            SectionTarget("incentive", incentive, "演示县水环境激励办法"),
        )
        body: Body = "lake" if is_lake else "river"
        town = land.town_of(place)
        stations.append(
            WaterStation(f"W{number:02d}", name, body, reach, km, town, lon, lat, level, is_border, targets)
        )
    return tuple(stations)


def build_air_stations(land: Land, rng: np.random.Generator) -> tuple[AirStation, ...]:
    """Two standard stations in the seat, twelve town stations, six micro stations."""
    stations = [
        _air("A01", "沚阳县政府", "standard", land, (-2.4, 2.3)),
        _air("A02", "望桐实验学校", "standard", land, (3.9, -0.4)),
    ]
    towns = [*range(10), 2, 5]
    for number, index in enumerate(towns, 1):
        seat = land.seats[index]
        turn, radius = float(rng.uniform(0, 2 * math.pi)), 0.6 if number <= 10 else 3.4
        place = (seat[0] + radius * math.cos(turn), seat[1] + radius * math.sin(turn))
        name = land.towns[index].name + ("二站" if number > 10 else "站")
        stations.append(_air(f"A{number + 2:02d}", name, "town", land, place))
    for number, name in enumerate(_MICRO, 1):
        turn, radius = float(rng.uniform(0, 2 * math.pi)), float(rng.uniform(1.5, 6.0))
        place = (radius * math.cos(turn), radius * math.sin(turn))
        stations.append(_air(f"M{number:02d}", f"{name}微站", "micro", land, place))
    return tuple(stations)


def _air(code: str, name: str, kind: str, land: Land, place: Point) -> AirStation:
    lon, lat = degrees(place)
    return AirStation(code, name, kind, land.town_of(place), lon, lat)  # type: ignore[arg-type]
