from __future__ import annotations

from qingyuan.bureau.registers.models.firms import Enterprise, Meter, Outlet
from qingyuan.bureau.registers.models.points import Point, PointName, RosterEntry, Section, SectionTarget, Station
from qingyuan.bureau.registers.models.posts import Leave, Post
from qingyuan.bureau.registers.models.water import Reach, WaterBody

__all__ = [
    "Enterprise",
    "Leave",
    "Meter",
    "Outlet",
    "Point",
    "PointName",
    "Post",
    "Reach",
    "RosterEntry",
    "Section",
    "SectionTarget",
    "Station",
    "WaterBody",
]
