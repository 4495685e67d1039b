"""How often data of a point are expected: a device brings its plan with it, a list or an old file does not."""

from __future__ import annotations

from qingyuan.bureau.registers.models import Point

HOURLY = 60
"""Minutes between the hourly data (command 2061) that each device sends."""


def plan_by_device(point: Point, minutes: int | None = None) -> None:
    """Give a point whose data come by a device its expected interval: the given one, or hourly where it has none."""
    wanted = minutes or point.expected_minutes or HOURLY
    if wanted != point.expected_minutes:
        point.expected_minutes = wanted
        point.save(update_fields=["expected_minutes"])
