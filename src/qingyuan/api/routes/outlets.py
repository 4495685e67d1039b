"""Outlets: their hours on one axis, what lies behind one hour, and tags with the bureau's check."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from qingyuan import clock
from qingyuan.api import shapes
from qingyuan.api.auth import user_of, with_right
from qingyuan.api.idempotency import once
from qingyuan.api.identity import Key
from qingyuan.api.paging import Paging, page_of
from qingyuan.api.routes.cases import FileIn
from qingyuan.api.times import aware, window
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.base.long_questions import one_at_a_time
from qingyuan.bureau.evidence.serving import file_answer
from qingyuan.bureau.judging.queries import tags as tag_pages
from qingyuan.bureau.line.queries.behind import as_plain as plain_behind
from qingyuan.bureau.line.queries.behind import behind
from qingyuan.bureau.registers.models import Point
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.bureau.values.actions.tag_checks import check_tag
from qingyuan.bureau.values.actions.tags import supply, tag, withdraw_tag
from qingyuan.bureau.values.models import Tag
from qingyuan.bureau.values.queries.aligned import aligned
from qingyuan.bureau.values.queries.aligned_shown import as_plain

router = Router(tags=["排放口"])


def _outlet(request: HttpRequest, code: str) -> Point:
    rows = visible_points(user_of(request)).select_related("outlet__enterprise")
    return get_object_or_404(rows, code=code, outlet__isnull=False)


class Hours(Schema):
    """Which hours, at most 62 days, by default the last 7; as_of: by what had been received, tagged, checked then."""

    since: datetime | None = None
    to: datetime | None = None
    as_of: datetime | None = None


@router.get("/outlets/{code}/hours", summary="排放口逐小时对照")
def outlet_hours(request: HttpRequest, code: str, query: Query[Hours]) -> dict[str, Any]:
    """Values with their limits, oxygen, flow, mass (given or computed) and power, as arrays along `hours`; tags, stops."""
    point = _outlet(request, code)
    since, until = window(query.since, query.to, timedelta(days=7))
    with one_at_a_time(request, since, until):
        return as_plain(aligned(point, since, until, aware(query.as_of)))


class Hour(Schema):
    """Which hour of which item; `at` any time in it, by default the hour before the present one."""

    item: str
    at: datetime | None = None
    as_of: datetime | None = None


@router.get("/outlets/{code}/behind", summary="一个小时值背后的读数")
def outlet_behind(request: HttpRequest, code: str, query: Query[Hour]) -> dict[str, Any]:
    """Every revision of the hour, its shorter readings, and the packet it came in where that is still kept."""
    point = _outlet(request, code)
    at = aware(query.at) or clock.now() - timedelta(hours=1)
    start = at.replace(minute=0, second=0, microsecond=0)
    found = behind(point, query.item, start, aware(query.as_of))
    return {"point": point.code, "item": query.item, "start": start} | plain_behind(found)


class TagFilter(Schema):
    """Which tags. state: waiting, unchecked, asked, accepted, refused or withdrawn; since, to: by what they cover."""

    state: Literal["", "waiting", "unchecked", "asked", "accepted", "refused", "withdrawn"] = ""
    point: str = ""
    firm: str = ""
    since: datetime | None = None
    to: datetime | None = None


@router.get("/tags", summary="标记列表")
def tags(request: HttpRequest, query: Query[TagFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Those that wait for a check first, then the newest."""
    rows = tag_pages.tag_rows(user_of(request))
    if query.state == "waiting":
        rows = tag_pages.waiting(rows)
    elif query.state == "withdrawn":
        rows = rows.filter(withdrawn_at__isnull=False)
    elif query.state:
        rows = rows.filter(withdrawn_at__isnull=True, check_state=query.state)
    if query.point:
        rows = rows.filter(outlet__point__code=query.point)
    if query.firm:
        rows = rows.filter(outlet__enterprise__code=query.firm)
    if query.since:
        rows = rows.filter(end__gt=aware(query.since))
    if query.to:
        rows = rows.filter(start__lt=aware(query.to))
    return page_of(rows, paging, lambda t: shapes.tag(t, user_of(request)))


class TagIn(Schema):
    """What a stretch of data is. kind: a tag that the outlet's medium and industry know; item: empty for all."""

    kind: str
    start: datetime
    end: datetime
    item: str = ""
    note: str = Field("", max_length=300)
    files: list[FileIn] = []


@router.post("/outlets/{code}/tags", auth=with_right("tag"), summary="标记数据")
@once
def post_tag(request: HttpRequest, code: str, body: TagIn) -> dict[str, Any]:
    """The enterprise tags its own data, until noon of the next day; `remarks` say what the tag does not do."""
    point = _outlet(request, code)
    start, end = aware(body.start), aware(body.end)
    if start is None or end is None:
        raise Invalid("起止时间都须填写", "start")
    files = [f.upload() for f in body.files]
    return _file_of(
        tag(user_of(request), point.outlet, body.kind, start, end, body.item, body.note, files), user_of(request)
    )


def _tag(request: HttpRequest, number: int) -> Tag:
    rows = tag_pages.visible_tags(user_of(request))
    return get_object_or_404(rows.select_related("outlet__point__area", "outlet__enterprise", "made_by"), pk=number)


def _file_of(row: Tag, reader: User) -> dict[str, Any]:
    over, covered = tag_pages.taken_out(row)
    return shapes.tag(row, reader) | {
        "remarks": tag_pages.remarks_of([row])[row.pk],
        "history": [vars(h) for h in tag_pages.history(row, reader)],
        "exhibits": [
            shapes.tag_exhibit(x, reader) for x in row.exhibits.select_related("evidence", "added_by__organisation")
        ],
        "hours_covered": covered,
        "hours_over_limit": [{"item": h["item"], "start": h["start"], "value": h["value"]} for h in over],
    }


@router.get("/tags/{tag_id}", summary="一条标记")
def one_tag(request: HttpRequest, tag_id: Key) -> dict[str, Any]:
    """With its history, its material, and the hours over their limit that it keeps from being judged."""
    return _file_of(_tag(request, tag_id), user_of(request))


class CheckIn(Schema):
    """The decision. seen: the `last_event` that the caller had before them; a newer one refuses the decision."""

    verdict: Literal["accepted", "refused", "asked"]
    reason: str = ""
    seen: int | None = None


@router.post("/tags/{tag_id}/check", auth=with_right("check_tag"), summary="核查标记")
@once
def post_check(request: HttpRequest, tag_id: Key, body: CheckIn) -> dict[str, Any]:
    """Accept, refuse, or ask for material; a refused tag no longer counts and its hours are judged again."""
    return _file_of(
        check_tag(user_of(request), _tag(request, tag_id), body.verdict, body.reason, body.seen), user_of(request)
    )


class SupplyIn(Schema):
    """More material for a tag."""

    note: str = Field("", max_length=300)
    files: list[FileIn] = []


@router.post("/tags/{tag_id}/supply", auth=with_right("tag"), summary="为标记补充材料")
@once
def post_supply(request: HttpRequest, tag_id: Key, body: SupplyIn) -> dict[str, Any]:
    """The enterprise gives more material; the bureau looks at the tag again."""
    row = _tag(request, tag_id)
    supply(user_of(request), row, body.note, [f.upload() for f in body.files])
    row.refresh_from_db()
    return _file_of(row, user_of(request))


@router.post("/tags/{tag_id}/withdraw", auth=with_right("tag"), summary="撤回标记")
@once
def post_withdraw(request: HttpRequest, tag_id: Key) -> dict[str, Any]:
    """Take a tag of one's own back; it stays on record."""
    row = _tag(request, tag_id)
    withdraw_tag(user_of(request), row)
    row.refresh_from_db()
    return _file_of(row, user_of(request))


@router.get("/tags/{tag_id}/exhibits/{exhibit_id}", summary="标记的材料")
def tag_exhibit(request: HttpRequest, tag_id: Key, exhibit_id: Key) -> HttpResponse:
    """The file, checked against its digest."""
    found = get_object_or_404(_tag(request, tag_id).exhibits.select_related("evidence"), pk=exhibit_id)
    return file_answer(found.evidence, found.file_name)
