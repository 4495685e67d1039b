"""Outlets: limits held against the standards, what was sent beside what is recomputed, emitted mass."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from qingyuan import clock
from qingyuan.api.auth import user_of
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.base.long_questions import one_at_a_time
from qingyuan.bureau.registers.models import Outlet, Point
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.bureau.values.actions.kept_emissions import standing_emissions
from qingyuan.bureau.values.queries.emissions import emitted_hours
from qingyuan.bureau.values.queries.limit_checks import LimitCheck, check_outlet
from qingyuan.bureau.values.queries.limit_doubts import doubts
from qingyuan.bureau.values.queries.recomputed import compare

LIST = 2000
MOST_DAYS = timedelta(days=31)
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


class Span(Schema):
    """Both days counted, at most 31; by default yesterday. every: also what is the same."""

    since: date | None = None
    to: date | None = None
    every: bool = False


@router.get("/points/{code}/recomputed", summary="设备上报与重算")
def recomputed(request: HttpRequest, code: str, query: Query[Span]) -> dict[str, Any]:
    """Hours and days as the device sent them beside what its shorter periods give, converted hours beside measured and
    oxygen: counts, and the periods whose value or flag differs. The device's own value stays what is judged.
    """
    outlet = outlet_of(request, code)
    last = query.to or clock.beijing(clock.now()).date() - timedelta(days=1)
    found = compare(outlet, query.since or last, last)
    names = ("item", "statistic", "grain", "how")
    rows = found.rows if query.every else found.listed
    return {
        "point": code,
        "since": found.first,
        "to": found.last,
        "count": len(rows),
        "counts": [dict(zip(names, key, strict=True)) | dict(tally) for key, tally in found.counts],
        "items": [asdict(r) for r in rows[:LIST]],
    }


class EmissionSpan(Schema):
    """Both days counted, at most 400; by default this month up to today. outlet: only that point."""

    since: date | None = None
    to: date | None = None
    by: Literal["day", "month", "quarter", "year", "all"] = "month"
    outlet: str = ""


@router.get("/emissions", summary="排放量")
def emitted(request: HttpRequest, query: Query[EmissionSpan]) -> dict[str, Any]:
    """Mass [kg] by outlet, item and period, from hourly concentration and flow, with its measured and substituted parts
    and the hours of each kind; `is_whole` false: hours lack a mass and no rule gives one. `until`: up to when what is
    kept was worked out; null: all of it just now.
    """
    last = query.to or clock.beijing(clock.now()).date()
    outlets = Outlet.objects.filter(point__in=visible_points(user_of(request))).select_related("point", "enterprise")
    if query.outlet:
        outlets = outlets.filter(point__code=query.outlet)
    first = query.since or last.replace(day=1)
    with one_at_a_time(request, first, last):
        standing = standing_emissions(outlets.order_by("point__code"), first, last, query.by)
    return {
        "since": first,
        "to": last,
        "by": query.by,
        "until": standing.until,
        "items": [
            {
                "outlet": e.outlet.point.code,
                "item": e.item,
                "first": e.first,
                "last": e.last,
                "mass_kg": e.mass,
                "measured_kg": e.measured,
                "substituted_kg": e.substituted,
                "hours": e.hours,
                "is_whole": e.is_whole,
            }
            for e in standing.rows
        ],
    }


@router.get("/points/{code}/emissions/hours", summary="排放量的小时")
def hours_of_emission(
    request: HttpRequest, code: str, item: str, since: date | None = None, to: date | None = None
) -> dict[str, Any]:
    """The hours behind a figure: concentration, flow, mass [kg], and how it came about. At most 31 days."""
    outlet = outlet_of(request, code)
    last = to or since or clock.beijing(clock.now()).date()
    first = since or last
    if last - first >= MOST_DAYS:
        raise Invalid(f"时段得到 {first} 至 {last}，一次至多 {MOST_DAYS.days} 天", "since")
    rows = emitted_hours(outlet, item, first, last)
    return {"point": code, "item": item, "since": first, "to": last, "items": [asdict(r) for r in rows]}


def _holds(check: LimitCheck, on: date) -> bool:
    row = check.limit
    return row.valid_from <= on and (row.valid_to is None or on < row.valid_to)


def _shape(check: LimitCheck) -> dict[str, Any]:
    names = (
        "item",
        "upper",
        "lower",
        "unit",
        "averaging",
        "statistic",
        "condition",
        "reference_o2",
        "permit",
        "standard",
        "source_class",
        "process",
        "basis",
        "valid_from",
        "valid_to",
    )
    row = check.limit
    return (
        {"id": row.pk}
        | {name: getattr(row, name) for name in names}
        | {
            "is_fine": check.is_fine,
            "checks": [asdict(o) for o in check.outcomes],
            "overlaps": [other.pk for other in check.overlaps],
        }
    )
