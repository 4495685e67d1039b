"""Points, readings, evaluations, sections, devices, issued values."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from qingyuan import clock
from qingyuan.api import shapes
from qingyuan.api.auth import user_of, with_right
from qingyuan.api.idempotency import once
from qingyuan.api.paging import Paging, page_of
from qingyuan.api.times import aware, window
from qingyuan.bureau.accounts.policies.rights import can, visible_areas
from qingyuan.bureau.accounts.queries.areas import answered_by
from qingyuan.bureau.base.dated import in_force
from qingyuan.bureau.base.errors import NotAllowed
from qingyuan.bureau.base.long_questions import one_at_a_time
from qingyuan.bureau.indicators.queries.county_air import county_days
from qingyuan.bureau.indicators.queries.indicator import Asked, Indicator, indicators
from qingyuan.bureau.indicators.queries.under import standard_of, station_air
from qingyuan.bureau.judging.models import Evaluation
from qingyuan.bureau.judging.queries.afresh import outlet_hours, section_water
from qingyuan.bureau.monitoring.actions.issued import put_issued_value
from qingyuan.bureau.monitoring.models import IssuedValue
from qingyuan.bureau.monitoring.queries.values import freshness, latest_values, series_of_point, series_values
from qingyuan.bureau.registers.models import RosterEntry, Section
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.bureau.values.models import Limit
from qingyuan.bureau.values.queries.rates import rates

router = Router(tags=["监测"])


class PointFilter(Schema):
    """Which points. kind: outlet, air, water, meter, unknown; area: the code of the area that answers."""

    kind: str | None = None
    area: str | None = None


@router.get("/points", summary="点位列表")
def points(request: HttpRequest, query: Query[PointFilter], paging: Query[Paging]) -> dict[str, Any]:
    """By code."""
    rows = visible_points(user_of(request)).select_related("area", "answers", "owner", "operator")
    if query.kind:
        rows = rows.filter(kind=query.kind)
    if query.area:
        rows = rows.filter(answered_by(query.area))
    return page_of(rows, paging, shapes.point)


@router.get("/points/{code}", summary="一个点位")
def point(request: HttpRequest, code: str) -> dict[str, Any]:
    """With series, newest values, freshness, limits, targets and rosters in force today."""
    row = get_object_or_404(
        visible_points(user_of(request)).select_related("area", "answers", "owner", "operator"), code=code
    )
    today = clock.beijing(clock.now()).date()
    fresh = freshness([row])[row.code]
    limits = Limit.objects.filter(in_force(today), outlet__point=row)
    section = Section.objects.filter(point=row).first()
    return shapes.point(row) | {
        "series": series_of_point(row),
        "latest": [{"item": item, **v} for (_, item), v in sorted(latest_values([row]).items())],
        "freshness": {"last_end": fresh.last_end, "last_received": fresh.last_received, "is_silent": fresh.is_silent},
        "limits": [
            {
                "id": x.pk,
                "item": x.item,
                "upper": x.upper,
                "lower": x.lower,
                "unit": x.unit,
                "averaging": x.averaging,
                "statistic": x.statistic,
                "condition": x.condition,
                "basis": x.basis,
                "valid_from": x.valid_from,
                "valid_to": x.valid_to,
            }
            for x in limits
        ],
        "targets": [
            {
                "kind": t.kind,
                "water_class": t.water_class,
                "item_targets": t.item_targets,
                "basis": t.basis,
                "valid_from": t.valid_from,
                "valid_to": t.valid_to,
            }
            for t in (section.targets.filter(in_force(today)) if section else [])
        ],
        "rosters": list(RosterEntry.objects.filter(in_force(today), point=row).values_list("roster", flat=True)),
    }


class Window(Schema):
    """Which readings. Times with zone, or Beijing time; `to` is exclusive; at most 400 days."""

    item: str
    grain: str = "hour"
    statistic: str = "Avg"
    since: datetime | None = None
    to: datetime | None = None
    as_of: datetime | None = None


@router.get("/points/{code}/readings", summary="读数")
def point_readings(request: HttpRequest, code: str, query: Query[Window]) -> dict[str, Any]:
    """The readings in force; with `as_of` what was in force by what had been received then."""
    row = get_object_or_404(visible_points(user_of(request)), code=code)
    since, until = window(query.since, query.to, timedelta(days=1))
    with one_at_a_time(request, since, until):
        values = series_values(row, query.item, query.grain, since, until, query.statistic, aware(query.as_of))
    return {"point": row.code, "item": query.item, "grain": query.grain, "statistic": query.statistic, "items": values}


class EvaluationFilter(Schema):
    """Which evaluations. kind: air_hour, air_day, water, outlet_hour."""

    kind: str | None = None
    point: str | None = None
    verdict: str | None = None
    since: datetime | None = None
    to: datetime | None = None


@router.get("/evaluations", summary="评价结果")
def evaluations(request: HttpRequest, query: Query[EvaluationFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Results in force, newest first, each with rule set, limit row and input watermark."""
    rows = Evaluation.objects.filter(point__in=visible_points(user_of(request)), is_current=True)
    if query.kind:
        rows = rows.filter(kind=query.kind)
    if query.point:
        rows = rows.filter(point__code=query.point)
    if query.verdict:
        rows = rows.filter(verdict=query.verdict)
    if query.since:
        rows = rows.filter(start__gte=aware(query.since))
    if query.to:
        rows = rows.filter(start__lt=aware(query.to))
    return page_of(rows.select_related("point").order_by("-start", "point_id"), paging, shapes.evaluation)


class Under(Schema):
    """Which time, by hours or days, under which rule set (`auto`: the one in force on each date).

    as_of: by what had been received, flagged and ruled at that moment.
    """

    averaging: Literal["hour", "day"] = "day"
    standard: str = "auto"
    since: datetime | None = None
    to: datetime | None = None
    as_of: datetime | None = None


@router.get("/points/{code}/air", summary="按指定规则评价空气站")
def point_air(request: HttpRequest, code: str, query: Query[Under]) -> dict[str, Any]:
    """Judged on the spot from the readings in force; what is kept stays as it is."""
    row = get_object_or_404(visible_points(user_of(request)), code=code)
    since, until = window(query.since, query.to, timedelta(days=7))
    standard = standard_of(query.standard)
    as_of = aware(query.as_of)
    with one_at_a_time(request, since, until):
        items = station_air(row, since, until, query.averaging, standard, as_of)
    return {"point": row.code, "averaging": query.averaging, "standard": standard, "as_of": as_of, "items": items}


class Then(Schema):
    """Which time; as_of: by what had been received, flagged, tagged and ruled at that moment. item: only that one."""

    since: datetime | None = None
    to: datetime | None = None
    as_of: datetime | None = None
    item: str = ""


@router.get("/points/{code}/water", summary="按当时所知评价断面")
def point_water(request: HttpRequest, code: str, query: Query[Then]) -> dict[str, Any]:
    """A section's readings classified on the spot, against the target of their day."""
    row = get_object_or_404(visible_points(user_of(request)), code=code)
    since, until = window(query.since, query.to, timedelta(days=7))
    as_of = aware(query.as_of)
    with one_at_a_time(request, since, until):
        return {"point": row.code, "as_of": as_of, "items": section_water(row, since, until, as_of)}


@router.get("/points/{code}/outlet", summary="按当时所知评价排放口小时")
def point_outlet(request: HttpRequest, code: str, query: Query[Then]) -> dict[str, Any]:
    """An outlet's hours against their limits on the spot, each with the trace of every step."""
    row = get_object_or_404(visible_points(user_of(request)), code=code)
    since, until = window(query.since, query.to, timedelta(days=1))
    as_of = aware(query.as_of)
    with one_at_a_time(request, since, until):
        return {"point": row.code, "as_of": as_of, "items": outlet_hours(row, since, until, as_of, query.item)}


@router.get("/county-air", summary="县域空气逐日")
def county_air(request: HttpRequest, query: Query[Under]) -> dict[str, Any]:
    """The county's days by the stations on its dated roster, under a rule set."""
    since, until = window(query.since, query.to, timedelta(days=31))
    standard = standard_of(query.standard)
    first, last = (clock.beijing(at).date() for at in (since, until))
    with one_at_a_time(request, first, last):
        days = county_days(first, last, standard, aware(query.as_of))
    shown = [asdict(d) | {"is_good": d.is_good, "taken_aqi": d.taken_aqi, "differences": d.differences} for d in days]
    return {"standard": standard, "items": shown}


class Period(Schema):
    """Both days counted; by default this month up to today. outlet: only that point."""

    since: date | None = None
    to: date | None = None
    outlet: str = ""


@router.get("/transmission", summary="有效传输率")
def transmission(request: HttpRequest, query: Query[Period]) -> dict[str, Any]:
    """Transmission rate, valid rate and their product of the caller's outlets: by item, outlet, firm and in total."""
    today = clock.beijing(clock.now()).date()
    last = query.to or today
    first = query.since or last.replace(day=1)
    with one_at_a_time(request, first, last):
        found = rates(user_of(request), first, last, query.outlet)
    return {
        "since": found.first,
        "to": found.last,
        "total": asdict(found.total),
        "firms": [{"firm": name} | asdict(rate) for name, rate in found.firms],
        "outlets": [{"outlet": outlet.point.code} | asdict(rate) for outlet, rate in found.outlets],
        "items": [{"outlet": r.outlet.point.code, "item": r.item} | asdict(r.rate) for r in found.items],
    }


class IssuedIn(Schema):
    """A figure as issued. Give a point or an area."""

    indicator: str
    value: str
    unit: str = ""
    period_start: datetime
    period_end: datetime
    issuer: str
    document: str = ""
    point: str = ""
    area: str = ""


@router.get("/issued-values", summary="上级发布的数值")
def issued_values(request: HttpRequest, paging: Query[Paging], indicator: str | None = None) -> dict[str, Any]:
    """Newest period first."""
    user = user_of(request)
    if not can(user, "view"):
        raise NotAllowed(f"{user} 没有“查看”的权限")
    rows = IssuedValue.objects.select_related("point", "area").order_by("-period_start", "-pk")
    return page_of(rows.filter(indicator=indicator) if indicator else rows, paging, shapes.issued)


@router.post("/issued-values", auth=with_right("import"), summary="登记上级发布的数值")
@once
def post_issued_value(request: HttpRequest, body: IssuedIn) -> dict[str, Any]:
    """Kept as issued; it stands beside our own figure and never replaces it."""
    user = user_of(request)
    at = get_object_or_404(visible_points(user), code=body.point) if body.point else None
    area = get_object_or_404(visible_areas(user), code=body.area) if body.area else None
    start, end = aware(body.period_start), aware(body.period_end)
    assert start is not None
    assert end is not None
    row = put_issued_value(
        user, body.indicator, body.value, start, end, body.issuer, body.unit, body.document, at, area
    )
    return shapes.issued(row)


class TargetIn(Schema):
    """A section's target of one kind from a day on: function_zone, assessment or incentive."""

    kind: str
    water_class: str
    valid_from: date
    basis: str = ""
    item_targets: dict[str, str] = {}


@router.post("/points/{code}/targets", auth=with_right("manage_points"), summary="登记断面目标")
@once
def post_target(request: HttpRequest, code: str, body: TargetIn) -> dict[str, Any]:
    """A new target ends the one of its kind before."""
    from qingyuan.bureau.registers.actions.targets import put_target

    user = user_of(request)
    row = get_object_or_404(visible_points(user), code=code)
    target = put_target(user, row, body.kind, body.water_class, body.valid_from, body.basis, body.item_targets)
    return {"point": row.code, "kind": target.kind, "water_class": target.water_class, "valid_from": target.valid_from}


class RosterIn(Schema):
    """A point counts in a roster from a day to a day (exclusive)."""

    roster: str
    valid_from: date
    valid_to: date | None = None
    basis: str = ""


@router.post("/points/{code}/rosters", auth=with_right("manage_points"), summary="登记名册")
@once
def post_roster(request: HttpRequest, code: str, body: RosterIn) -> dict[str, Any]:
    """Put a point into a dated roster."""
    from qingyuan.bureau.registers.actions.targets import put_in_roster

    user = user_of(request)
    row = get_object_or_404(visible_points(user), code=code)
    entry = put_in_roster(user, row, body.roster, body.valid_from, body.valid_to, body.basis)
    return {"point": row.code, "roster": entry.roster, "valid_from": entry.valid_from, "valid_to": entry.valid_to}


class Chosen(Schema):
    """code: only that indicator, with the rows behind it."""

    code: str = ""


@router.get("/indicators", summary="指标")
def indicator_list(request: HttpRequest, query: Query[Chosen]) -> dict[str, Any]:
    """The declared figures of the county up to the last whole day: ours, the issued one, the target."""
    asked = Asked(clock.beijing(clock.now()).date())
    chosen = [one for one in indicators().values() if query.code in {"", one.code}]
    return {"on": asked.last, "items": [_indicator(one, asked, with_rows=bool(query.code)) for one in chosen]}


def _indicator(one: Indicator, asked: Asked, *, with_rows: bool) -> dict[str, Any]:
    told = one.figure(asked) if one.figure else None
    found = {"code": one.code, "name": one.name, "unit": one.unit, "period": one.period, "meaning": one.meaning}
    found |= {"computed": told is not None} | ({} if told is None else asdict(told) | {"taken": told.taken})
    return found | ({"rows": [asdict(row) for row in one.rows(asked)] if one.rows else []} if with_rows else {})
