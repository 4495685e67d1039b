"""Outlets: limits held against the standards."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router

from qingyuan import clock
from qingyuan.api.auth import user_of
from qingyuan.bureau.accounts.policies import visible_points
from qingyuan.bureau.errors import Invalid
from qingyuan.bureau.monitoring.models import Point
from qingyuan.bureau.sources.doubts import doubts
from qingyuan.bureau.sources.limit_checks import LimitCheck, check_outlet
from qingyuan.bureau.sources.models import Outlet

router = Router(tags=["污染源"])


def outlet_of(request: HttpRequest, code: str) -> Outlet:
    """The outlet at a point that the caller may see. Invalid where the point is no outlet."""
    point: Point = get_object_or_404(visible_points(user_of(request)), code=code)
    found = Outlet.objects.filter(point=point).select_related("point", "enterprise").first()
    if found is None:
        raise Invalid(f"{point} 不是排放口", "code")
    return found


@router.get("/points/{code}/limits", summary="排放口限值及与标准的比较")
def limits(request: HttpRequest, code: str, on: date | None = None) -> dict[str, Any]:
    """Every limit by date with its check, items of the standards without a limit, the doubtful rules. on: only those of
    that day; missing items are those of that day, by default of today.
    """
    outlet = outlet_of(request, code)
    day = on or clock.beijing(clock.now()).date()
    found = check_outlet(outlet, day)
    rows = [c for c in found.limits if on is None or _holds(c, on)]
    return {
        "point": code,
        "day": day,
        "to_look_at": found.to_look_at,
        "items": [_shape(c) for c in rows],
        "missing": [asdict(m) for m in found.missing],
        "rules": [asdict(d) for d in doubts(outlet, day)],
    }


def _holds(check: LimitCheck, on: date) -> bool:
    row = check.limit
    return row.valid_from <= on and (row.valid_to is None or on < row.valid_to)


def _shape(check: LimitCheck) -> dict[str, Any]:
    names = (
        "item", "upper", "lower", "unit", "averaging", "statistic", "condition", "reference_o2", "permit", "standard",
        "source_class", "process", "basis", "valid_from", "valid_to",
    )  # fmt: skip
    row = check.limit
    return {"id": row.pk} | {name: getattr(row, name) for name in names} | {
        "is_fine": check.is_fine,
        "checks": [asdict(o) for o in check.outcomes],
        "overlaps": [other.pk for other in check.overlaps],
    }  # fmt: skip
