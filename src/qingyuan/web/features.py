"""What the map draws: the county's own geometry and the points with their state, as GeoJSON."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Max

from qingyuan.bureau.accounts.models import Area, User
from qingyuan.bureau.alerts.policies import visible_alerts
from qingyuan.bureau.base.marks import air_mark, water_mark
from qingyuan.bureau.judging.models import Evaluation
from qingyuan.bureau.judging.queries.evaluations import KIND_OF_POINT, latest_by_point
from qingyuan.bureau.registers.models import Point, Reach, WaterBody
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.clock import beijing


def _feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def land() -> list[dict[str, Any]]:
    """Areas, waters and reaches. They are public geography and drawn whole in every scope."""
    found = [_feature(a.geometry, layer=a.kind, name=a.name) for a in Area.objects.exclude(geometry=None)]
    found += [_feature(w.geometry, layer=w.kind, name=w.name) for w in WaterBody.objects.exclude(geometry=None)]
    reaches = Reach.objects.exclude(geometry=None).select_related("water_body")
    return found + [_feature(r.geometry, layer="reach", name=r.water_body.name) for r in reaches]


def _point(point: Point, judged: Evaluation | None, level: int, today: date) -> dict[str, Any]:
    mark = None
    if point.kind == Point.Kind.AIR:
        mark = air_mark(judged.value if judged else None, judged.label if judged else "")
    elif point.kind == Point.Kind.WATER:
        mark = water_mark(judged.label if judged else "")
    return _feature(
        {"type": "Point", "coordinates": [point.lon, point.lat]},
        layer=point.kind,
        code=point.code,
        name=point.name,
        area=point.area.name if point.area else "",
        owner=point.owner.name if point.owner else "",
        text=mark.text if mark else "",
        word=mark.word if mark else "",
        colour=mark.colour if mark else 0,
        day=_day_of(judged, today),
        alert=level,
    )


def _day_of(judged: Evaluation | None, today: date) -> str:
    """The day of a result that is not of today: a value of long ago must not look like one of now."""
    day = beijing(judged.start).date() if judged else today
    return "" if day == today else day.isoformat()


def map_data(user: User, now: datetime) -> dict[str, Any]:
    """The FeatureCollection of the map for this user's scope."""
    points = list(
        visible_points(user)
        .exclude(lon=None)
        .exclude(kind="unknown")
        .select_related("area", "owner")
        .order_by("kind", "name")
    )
    judged: dict[int, Evaluation] = {}
    for kind, evaluation in KIND_OF_POINT.items():
        judged |= latest_by_point([p for p in points if p.kind == kind], evaluation)
    open_alerts = visible_alerts(user).filter(ended_at__isnull=True).order_by()
    levels = dict(open_alerts.values_list("point").annotate(level=Max("level")))
    made = [_point(p, judged.get(p.pk), levels.get(p.pk, 0), beijing(now).date()) for p in points]
    return {"type": "FeatureCollection", "features": land() + made}
