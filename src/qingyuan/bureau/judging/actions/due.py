"""Which days are to be judged (again)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from qingyuan import clock
from qingyuan.bureau.judging.models import DueDay
from qingyuan.bureau.registers.models import Point
from qingyuan.science.intervals import beijing_date


def note_days(days: Mapping[Point, Collection[date]]) -> None:
    """Past Beijing days of points are due; today's is when it has ended."""
    today = beijing_date(clock.now())
    _note([DueDay(point=point, day=day) for point, found in days.items() for day in set(found) if day < today])


def note_day_of_all(day: date) -> None:
    """A day has ended: the daily values of every point are due."""
    _note([DueDay(point_id=pk, day=day) for pk in Point.objects.values_list("pk", flat=True)])


def _note(rows: list[DueDay]) -> None:
    DueDay.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
