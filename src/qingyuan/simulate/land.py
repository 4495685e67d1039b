"""The ground of the fictional county: outline, towns as cells around their seats, rivers as directed reaches.

Everything is drawn in kilometres around an invented middle and turned into degrees at the end. No real boundary.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from qingyuan.simulate.records import Reach, Town, WaterBody

MIDDLE_LON, MIDDLE_LAT = 119.62, 33.24
Point = tuple[float, float]

_TOWN_NAMES = (
    "沚阳街道",
    "望桐街道",
    "柳汀镇",
    "鹭沙镇",
    "槐浦镇",
    "菱荡镇",
    "青垛镇",
    "稻圩镇",
    "枫塘铺镇",
    "云埠镇",
)

_NODES: dict[str, Point] = {
    **{"N01": (-21.0, 5.0), "N02": (-11.0, 4.0), "N03": (-3.0, 1.0), "N04": (4.0, -1.0)},
    **{"N05": (9.0, -3.0), "N06": (13.5, -4.5), "N07": (21.5, -6.0), "N08": (-9.0, 17.5)},
    **{"N09": (-7.0, 10.0), "N10": (-6.0, -17.0), "N11": (-1.0, -8.5), "N12": (8.0, 17.0)},
    **{"N13": (8.0, 7.0), "N14": (16.0, -16.0), "N15": (-17.0, -11.0)},
}
_WATER = (
    WaterBody("WB1", "沚河", "river"),
    WaterBody("WB2", "柳汀河", "river"),
    WaterBody("WB3", "菱溪", "river"),
    WaterBody("WB4", "枫塘河", "river"),
    WaterBody("WB5", "云埠河", "river"),
    WaterBody("WB6", "槐浦河", "river"),
    WaterBody("WB7", "鹭荡湖", "lake"),
)
# code, water body, from, to, downstream reach, velocity m/s, mean flow m3/s at the end
_REACHES = (
    ("R01", "WB1", "N01", "N02", "R02", 0.34, 18.0),
    ("R02", "WB1", "N02", "N03", "R03", 0.31, 20.5),
    ("R03", "WB1", "N03", "N04", "R04", 0.30, 25.5),
    ("R04", "WB1", "N04", "N05", "R05", 0.28, 31.0),
    ("R05", "WB7", "N05", "N06", "R06", 0.02, 34.5),
    ("R06", "WB1", "N06", "N07", "", 0.29, 37.5),
    ("R07", "WB2", "N08", "N09", "R08", 0.24, 3.2),
    ("R08", "WB2", "N09", "N03", "R03", 0.26, 4.2),
    ("R09", "WB3", "N10", "N11", "R10", 0.22, 3.6),
    ("R10", "WB3", "N11", "N04", "R04", 0.25, 4.8),
    ("R11", "WB4", "N12", "N13", "R12", 0.21, 2.3),
    ("R12", "WB4", "N13", "N05", "R05", 0.23, 3.0),
    ("R13", "WB5", "N14", "N06", "R06", 0.20, 2.4),
    ("R14", "WB6", "N15", "N02", "R02", 0.19, 1.9),
)


def degrees(point: Point) -> Point:
    """Kilometres east and north of the middle as longitude and latitude, rounded to about 0.1 m."""
    x, y = point
    lon = MIDDLE_LON + x / (111.32 * math.cos(math.radians(MIDDLE_LAT)))
    return round(lon, 6), round(MIDDLE_LAT + y / 110.57, 6)


def kilometres(lon: float, lat: float) -> Point:
    """The inverse of `degrees`."""
    return (lon - MIDDLE_LON) * 111.32 * math.cos(math.radians(MIDDLE_LAT)), (lat - MIDDLE_LAT) * 110.57


@dataclass(frozen=True)
class Land:
    """Outline and town seats in kilometres, with the finished records."""

    outline: tuple[Point, ...]
    seats: tuple[Point, ...]
    towns: tuple[Town, ...]
    water_bodies: tuple[WaterBody, ...]
    reaches: tuple[Reach, ...]

    def town_of(self, point: Point) -> str:
        """Code of the town whose cell holds the point."""
        distances = [math.dist(point, seat) for seat in self.seats]
        return self.towns[distances.index(min(distances))].code

    def along(self, reach_code: str, km: float) -> Point:
        """The place `km` below the top of a reach, in kilometres."""
        reach = next(one for one in self.reaches if one.code == reach_code)
        path = [kilometres(*place) for place in reach.line]
        left = km / reach.length_km * path_length(path)
        for start, end in pairwise(path):
            step = math.dist(start, end)
            if left <= step:
                share = left / step
                return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
            left -= step
        return path[-1]


def path_length(path: list[Point]) -> float:
    """Length of a broken line, same unit as its points."""
    return sum(math.dist(start, end) for start, end in pairwise(path))


def build_land(rng: np.random.Generator, seed: int) -> Land:
    """Outline, ten towns, seven waters, fourteen reaches."""
    outline = _outline(rng)
    seats = _seats(rng)
    towns = []
    for number, (name, seat) in enumerate(zip(_TOWN_NAMES, seats, strict=True), 1):
        cell = _wavy(_cell(outline, seat, [one for one in seats if one != seat]), outline, seed)
        lon, lat = degrees(seat)
        ring = [degrees(point) for point in cell]
        population = int(rng.integers(22, 96)) * 1000
        towns.append(Town(f"T{number:02d}", name, lon, lat, population, (*ring, ring[0])))
    reaches = tuple(_reach(row, seed) for row in _REACHES)
    return Land(tuple(outline), tuple(seats), tuple(towns), _WATER, reaches)


def _outline(rng: np.random.Generator) -> list[Point]:
    angles = np.linspace(0, 2 * math.pi, 72, endpoint=False)
    phases = rng.uniform(0, 2 * math.pi, 5)
    radius = 20.5 + sum(
        amplitude * np.cos(order * angles + phase)
        for amplitude, order, phase in zip((1.6, 1.2, 0.9, 0.5, 0.4), (2, 3, 5, 8, 13), phases, strict=True)
    )
    return [(float(r * math.cos(a)) * 1.06, float(r * math.sin(a)) * 0.94) for r, a in zip(radius, angles, strict=True)]


def _seats(rng: np.random.Generator) -> list[Point]:
    seats: list[Point] = [(-1.5, 1.6), (3.2, -1.2)]
    for number in range(8):
        angle = math.radians(number * 45 + float(rng.uniform(-9, 9)))
        radius = 13.0 + float(rng.uniform(-1.6, 1.6))
        seats.append((radius * math.cos(angle), radius * math.sin(angle)))
    return seats


def _cell(outline: list[Point], seat: Point, others: list[Point]) -> list[Point]:
    """The part of the outline that is nearer to `seat` than to any other seat."""
    cell = outline
    for other in others:
        middle = ((seat[0] + other[0]) / 2, (seat[1] + other[1]) / 2)
        normal = (other[0] - seat[0], other[1] - seat[1])
        clipped: list[Point] = []
        for start, end in zip(cell, [*cell[1:], cell[0]], strict=True):
            a = (start[0] - middle[0]) * normal[0] + (start[1] - middle[1]) * normal[1]
            b = (end[0] - middle[0]) * normal[0] + (end[1] - middle[1]) * normal[1]
            if a <= 0:
                clipped.append(start)
            if (a < 0 < b) or (b < 0 < a):
                share = a / (a - b)
                clipped.append((start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])))
        cell = clipped
    return cell


def _wavy(cell: list[Point], outline: list[Point], seed: int) -> list[Point]:
    """Bend the inner edges; both neighbours bend a shared edge alike, because the bend hangs on its ends."""
    ring: list[Point] = []
    for start, end in zip(cell, [*cell[1:], cell[0]], strict=True):
        ring.append(start)
        if math.dist(start, end) > 1.5 and not _lies_on(start, end, outline):
            is_forward = _rounded(start) < _rounded(end)
            first, last = (start, end) if is_forward else (end, start)
            bend = _bent(_rounded(first), _rounded(last), seed, 3)
            ring.extend(bend if is_forward else reversed(bend))
    return ring


def _rounded(point: Point) -> Point:
    return round(point[0], 5), round(point[1], 5)


def _lies_on(start: Point, end: Point, outline: list[Point]) -> bool:
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    return any(
        math.dist(a, middle) + math.dist(middle, b) - math.dist(a, b) < 1e-6
        for a, b in zip(outline, [*outline[1:], outline[0]], strict=True)
    )


def _bent(start: Point, end: Point, seed: int, depth: int) -> list[Point]:
    """Points between two ends, by displacing midpoints; the same for the same ends and seed."""
    if depth == 0:
        return []
    text = f"{seed}:{start[0]:.4f},{start[1]:.4f}:{end[0]:.4f},{end[1]:.4f}"
    share = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "big") / 2**32 - 0.5
    dx, dy = end[0] - start[0], end[1] - start[1]
    middle = ((start[0] + end[0]) / 2 - dy * share * 0.22, (start[1] + end[1]) / 2 + dx * share * 0.22)
    return [*_bent(start, middle, seed, depth - 1), middle, *_bent(middle, end, seed, depth - 1)]


def _reach(row: tuple[str, str, str, str, str, float, float], seed: int) -> Reach:
    code, body, start, end, downstream, velocity, flow = row
    is_lake = body == "WB7"
    path = [_NODES[start], *_bent(_NODES[start], _NODES[end], seed, 1 if is_lake else 4), _NODES[end]]
    return Reach(
        code=code,
        water_body=body,
        from_node=start,
        to_node=end,
        downstream=downstream,
        length_km=round(path_length(path), 3),
        velocity_m_s=velocity,
        flow_m3_s=flow,
        is_lake=is_lake,
        line=tuple(degrees(point) for point in path),
    )
