"""Evaluations as the pages show them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.judging.models import Evaluation
from qingyuan.bureau.registers.models import Point
from qingyuan.bureau.registers.policies import visible_points

KIND_OF_POINT = {"air": "air_hour", "water": "water"}


def visible_evaluations(user: User) -> QuerySet[Evaluation]:
    """Evaluations in force of the points that the user may see, newest first."""
    rows = Evaluation.objects.filter(point__in=visible_points(user), is_current=True)
    return rows.select_related("point", "point__area").order_by("-start", "point__code")


def latest_by_point(points: Iterable[Point], kind: str) -> dict[int, Evaluation]:
    """The newest evaluation in force of each point that has one, by the point's primary key."""
    newest = Evaluation.objects.filter(point=OuterRef("pk"), kind=kind, is_current=True, item="").order_by("-start")
    ids = Point.objects.filter(pk__in=[p.pk for p in points]).annotate(newest=Subquery(newest.values("pk")[:1]))
    found = Evaluation.objects.filter(pk__in=[i for i in ids.values_list("newest", flat=True) if i])
    return {e.point_id: e for e in found}


def of_point(point: Point, kinds: Iterable[str], limit: int) -> list[Evaluation]:
    """The newest evaluations in force of a point, `limit` of each kind, kind by kind."""
    found: list[Evaluation] = []
    for kind in kinds:
        found += point.evaluations.filter(kind=kind, is_current=True).order_by("-start", "item")[:limit]
    return found


def on(points: Iterable[Point], kind: str, start: datetime, end: datetime) -> list[Evaluation]:
    """Evaluations in force of the points whose interval begins in [start, end)."""
    rows = Evaluation.objects.filter(
        point_id__in=[p.pk for p in points], kind=kind, is_current=True, item="", start__gte=start, start__lt=end
    )
    return list(rows.order_by("start"))
