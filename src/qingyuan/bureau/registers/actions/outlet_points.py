"""The points of outlets: each outlet has one, which bears its readings and says what the outlet and its firm say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.db import transaction

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.base.judge_again import judge_recent
from qingyuan.bureau.kinds.links import Links
from qingyuan.bureau.registers.actions.answering import tell
from qingyuan.bureau.registers.models import Enterprise, Meter, Outlet, Point, PointName
from qingyuan.bureau.registers.queries.sites import FirmWords, sites_meant

FEW = 500
"""Up to so many keys go into one question; more ask for the whole table."""
_TAKEN_OVER = ("area", "operator", "lon", "lat", "active_from", "active_to")
_OWN = ("code", "name", "lon", "lat", "active_from", "active_to")


def outlet_faults(values: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the values of an outlet, by column."""
    since, until = values.get("active_from"), values.get("active_to")
    wrong = {"active_to": f"“停用”：得到 {until}，应晚于“启用” {since}"} if since and until and until <= since else {}
    point = None if values.get("point") else Point.objects.filter(code=values.get("code")).first()
    if point is not None and point.kind not in (Point.Kind.OUTLET, Point.Kind.UNKNOWN):
        wrong["code"] = f"“排放口编号”：{point.code} 已登记为{point.get_kind_display()}“{point.name}”；请用另一个编号"
    return wrong


def give_points(
    actor: User | None, rows: Sequence[dict[str, Any]], links: Links
) -> Callable[[], Mapping[str, Mapping[int, int]]]:
    """Set the point of each new outlet, one that is there under its code or one to be made; the points follow the rows."""
    there, before = _points(rows), _before(rows)
    by_code = {point.code: point for point in there.values()}
    made: dict[str, int] = {}
    _settle_firms(rows)
    for row in rows:
        if row["point"] is not None:
            if there[row["point"]].code != row["code"]:
                raise Invalid(
                    f"排放口编号标识读数，不能改；得到“{row['code']}”，原为“{there[row['point']].code}”", "code"
                )
        elif known := by_code.get(row["code"]):
            row["point"] = known.pk
            for name in _TAKEN_OVER:
                if row[name] is None:
                    row[name] = getattr(known, _key(name))
        else:
            row["point"] = stand_in = made[row["code"]] = -1 - len(made)
            links.expect(Point, stand_in, row["code"], row["name"])

    def finish() -> Mapping[str, Mapping[int, int]]:
        firms = Enterprise.objects.in_bulk({row["enterprise"] for row in rows if row["enterprise"] is not None})
        drafts, judged = [], set()
        for row in rows:
            firm, old = firms.get(row["enterprise"]), before.get(row["pk"])
            face = _face(row, firm.area_id, firm.answers_id) if firm else _face(row, None, None)
            if firm or (
                old and old.enterprise_id
            ):  # a point whose outlet never had a firm may have an owner all the same
                face["owner_id"] = firm.organisation_id if firm else None
            drafts.append((there.get(row["point"]), face))
            key = row["industry_key"] or (firm.industry_key if firm else "")
            if old and (old.medium, old.reference_o2, old.judged_as) != (row["medium"], row["reference_o2"], key):
                judged.add(row["code"])
        keys = write_points(drafts)
        transaction.on_commit(partial(judge_recent, judged))  # two verdicts for one reading are none
        return {"point": {stand_in: keys[code] for code, stand_in in made.items()}}

    return finish


def _settle_firms(rows: Sequence[dict[str, Any]]) -> None:
    """Nothing waits where the firm is known; a firm whose permit or code is another than the list's is not the one."""
    asked = [row for row in rows if row["enterprise"] is not None]
    doubtful = {row["enterprise"] for row in asked if row["firm_code"] or row["firm_permit"]}
    firms = Enterprise.objects.in_bulk(doubtful)
    for row in asked:
        firm = firms.get(row["enterprise"])
        if firm and not sites_meant(FirmWords(firm.name, row["firm_code"], row["firm_permit"]), [firm]):
            row |= {"enterprise": None, "firm_name": row["firm_name"] or firm.name}
        else:
            row |= {"firm_name": "", "firm_code": "", "firm_permit": ""}


def follow_firms(rows: Iterable[Mapping[str, Any]], bodies: Mapping[int, int]) -> None:
    """The points of the outlets of these firms say what the firms now say. bodies: keys of organisations by stand-in."""
    firms = {row["pk"]: row for row in rows if row["pk"]}
    outlets = Outlet.objects.select_related("point").filter(enterprise__isnull=False)
    if len(firms) <= FEW:
        outlets = outlets.filter(enterprise__in=list(firms))
    drafts, judged = [], set()
    for outlet in outlets.select_related("enterprise"):
        if outlet.enterprise is not None and (firm := firms.get(outlet.enterprise.pk)):
            own = {name: getattr(outlet, _key(name)) for name in {*_OWN, *_TAKEN_OVER, "answers"}}
            owner = {"owner_id": bodies.get(firm["organisation"], firm["organisation"])}
            drafts.append((outlet.point, _face(own, firm["area"], firm["answers"]) | owner))
            if outlet.judged_as != (outlet.industry_key or firm["industry_key"]):
                judged.add(outlet.code)
    write_points(drafts)
    transaction.on_commit(partial(judge_recent, judged))  # two verdicts for one reading are none


def write_points(drafts: Sequence[tuple[Point | None, dict[str, Any]]]) -> dict[str, int]:
    """Make or change the points of outlets; their keys by code. Who follows the area that answers is told."""
    new = [Point(**values) for point, values in drafts if point is None]
    Point.objects.bulk_create(new)
    changed, moves, names = [], {}, []
    for point, values in drafts:
        if point is None or all(getattr(point, name) == value for name, value in values.items()):
            continue
        if point.name not in (values["name"], point.code):
            names.append(PointName(point=point, name=point.name, noted_at=clock.now()))
        before = point.answering_id
        for name, value in values.items():
            setattr(point, name, value)
        moves[point.pk] = before, point.answering_id
        changed.append(point)
    Point.objects.bulk_update(changed, [*_OWN, "kind", "area", "answers", "owner", "operator"], batch_size=FEW)
    PointName.objects.bulk_create(names, ignore_conflicts=True)
    tell(moves | _follow_outlets({point.pk: point for point in changed}))
    return {point.code: point.pk for point in (*new, *(point for point, _ in drafts if point is not None))}


def _follow_outlets(points: Mapping[int, Point]) -> dict[int, tuple[int | None, int | None]]:
    """Meters belong to who their outlets belong to; how their points moved."""
    meters = Meter.objects.select_related("point", "outlet").filter(outlet__point__isnull=False)
    meters = meters.filter(outlet__point__in=list(points)) if len(points) <= FEW else meters
    moves, changed = {}, []
    for meter in meters:
        outlet = points.get(meter.outlet.point_id)
        if outlet is None:
            continue
        told = (outlet.area_id, outlet.answers_id, outlet.owner_id)
        if told != (meter.point.area_id, meter.point.answers_id, meter.point.owner_id):
            before = meter.point.answering_id
            meter.point.area_id, meter.point.answers_id, meter.point.owner_id = told
            moves[meter.point.pk] = before, meter.point.answering_id
            changed.append(meter.point)
    Point.objects.bulk_update(changed, ["area", "answers", "owner"], batch_size=FEW)
    return moves


def _face(outlet: Mapping[str, Any], area: int | None, answers: int | None) -> dict[str, Any]:
    """What the point of an outlet says, from the outlet and the areas of its firm."""
    own = {name: outlet[name] for name in _OWN} | {"kind": Point.Kind.OUTLET, "operator_id": outlet["operator"]}
    return own | {"area_id": outlet["area"] or area, "answers_id": outlet["answers"] or answers}


def _key(name: str) -> str:
    """The attribute that holds the key of a link, or the value of another column."""
    return f"{name}_id" if name in ("area", "answers", "operator") else name


def _before(rows: Sequence[Mapping[str, Any]]) -> dict[int, Outlet]:
    """The outlets as they stood; all of them where the rows are many."""
    outlets = Outlet.objects.select_related("enterprise")
    if len(rows) <= FEW:
        outlets = outlets.filter(pk__in=[row["pk"] for row in rows if row["pk"] is not None])
    return {outlet.pk: outlet for outlet in outlets}


def _points(rows: Sequence[Mapping[str, Any]]) -> dict[int, Point]:
    """The points that the rows have, or that stand under their codes; all of them where the rows are many."""
    if len(rows) > FEW:
        return {point.pk: point for point in Point.objects.iterator(5000)}
    found = Point.objects.filter(code__in=[row["code"] for row in rows])
    found |= Point.objects.filter(pk__in=[row["point"] for row in rows if row["point"] is not None])
    return {point.pk: point for point in found}
