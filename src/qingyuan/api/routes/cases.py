"""Leads and cases."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from qingyuan.api import shapes
from qingyuan.api.auth import user_of
from qingyuan.api.idempotency import once
from qingyuan.api.identity import Key, lookup
from qingyuan.api.paging import Paging, page_of
from qingyuan.api.times import aware
from qingyuan.bureau.accounts.policies import visible_areas, visible_points
from qingyuan.bureau.cases.actions import act, dismiss_lead, merge_lead, open_case, raise_lead
from qingyuan.bureau.cases.evidence import Upload, read
from qingyuan.bureau.cases.models import Case, Lead
from qingyuan.bureau.cases.policies import visible_cases, visible_leads
from qingyuan.bureau.downloads import named
from qingyuan.bureau.errors import Invalid

router = Router(tags=["线索和案件"])
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class FileIn(Schema):
    """A file in a JSON request: its name and its content in base64."""

    name: str
    content_base64: str

    def upload(self) -> Upload:
        """The file itself."""
        try:
            return Upload(self.name, base64.b64decode(self.content_base64, validate=True))
        except (binascii.Error, ValueError) as error:
            raise Invalid(f"文件“{self.name}”的 content_base64 不是 base64", "files") from error


class LeadIn(Schema):
    """A lead by hand: what, where, who, photo."""

    title: str
    description: str = ""
    place: str = ""
    lon: float | None = None
    lat: float | None = None
    area: str = Field("", description="区域代码")
    point: str = Field("", description="点位编号")
    reporter: str = ""
    occurred_at: datetime | None = None
    parent_case: str = Field("", description="上级区域调查案件的编号")
    files: list[FileIn] = []


class LeadFilter(Schema):
    """Which leads."""

    state: str | None = None
    source: str | None = None
    point: str | None = None


@router.get("/leads", summary="线索列表")
def leads(request: HttpRequest, query: Query[LeadFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Newest first."""
    rows = visible_leads(user_of(request)).select_related(
        "area", "point", "case", "parent_case", "merged_into", "decided_by"
    )
    if query.state:
        rows = rows.filter(state=query.state)
    if query.source:
        rows = rows.filter(source=query.source)
    if query.point:
        rows = rows.filter(point__code=query.point)
    return page_of(rows, paging, shapes.lead)


@router.post("/leads", summary="上报线索")
@once
def post_lead(request: HttpRequest, body: LeadIn) -> dict[str, Any]:
    """Register a lead by hand."""
    user = user_of(request)
    area = get_object_or_404(visible_areas(user), code=body.area) if body.area else None
    point = get_object_or_404(visible_points(user), code=body.point) if body.point else None
    parent = get_object_or_404(visible_cases(user), number=body.parent_case) if body.parent_case else None
    made = raise_lead(
        user, title=body.title, description=body.description, place=body.place, lon=body.lon, lat=body.lat, area=area,
        point=point, reporter=body.reporter, occurred_at=aware(body.occurred_at), parent_case=parent,
        files=[f.upload() for f in body.files],
    )  # fmt: skip
    return shapes.lead(made)


def _lead(request: HttpRequest, number: str) -> Lead:
    rows = visible_leads(user_of(request))
    return get_object_or_404(rows, **lookup(number))


def _case(request: HttpRequest, number: str) -> Case:
    rows = visible_cases(user_of(request))
    return get_object_or_404(rows, **lookup(number))


@router.get("/leads/{number}", summary="一条线索")
def lead(request: HttpRequest, number: str) -> dict[str, Any]:
    """By number or id, with its evidence."""
    row = _lead(request, number)
    return shapes.lead(row) | {"exhibits": [shapes.exhibit(x) for x in row.exhibits.select_related("evidence")]}


class Reason(Schema):
    """Why."""

    reason: str


class MergeIn(Reason):
    """Into which lead."""

    into: str


class OpenCaseIn(Reason):
    """Triage: open a case. kind: outlet, area or silence."""

    kind: str
    upper_system: str = ""
    upper_order_number: str = ""
    upper_deadline: datetime | None = None


@router.post("/leads/{number}/dismiss", summary="不予立案")
@once
def dismiss(request: HttpRequest, number: str, body: Reason) -> dict[str, Any]:
    """Triage: no case, with the reason."""
    return shapes.lead(dismiss_lead(user_of(request), _lead(request, number), body.reason))


@router.post("/leads/{number}/merge", summary="并入另一条线索")
@once
def merge(request: HttpRequest, number: str, body: MergeIn) -> dict[str, Any]:
    """Triage: the same matter as another lead."""
    into = _lead(request, body.into)
    return shapes.lead(merge_lead(user_of(request), _lead(request, number), into, body.reason))


@router.post("/leads/{number}/open-case", summary="立案")
@once
def open_a_case(request: HttpRequest, number: str, body: OpenCaseIn) -> dict[str, Any]:
    """Triage: make a case of it."""
    user = user_of(request)
    made = open_case(
        user, _lead(request, number), body.kind, body.reason, body.upper_system, body.upper_order_number,
        aware(body.upper_deadline),
    )  # fmt: skip
    return shapes.case_file(made, user)


class CaseFilter(Schema):
    """Which cases. `open`: true only those not closed."""

    state: str | None = None
    kind: str | None = None
    open: bool | None = None
    point: str | None = None


@router.get("/cases", summary="案件列表")
def cases(request: HttpRequest, query: Query[CaseFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Newest first."""
    rows = visible_cases(user_of(request)).select_related("area", "point", "ordered_by", "owner", "assignee", "parent")
    if query.state:
        rows = rows.filter(state=query.state)
    if query.kind:
        rows = rows.filter(kind=query.kind)
    if query.open is not None:
        rows = rows.filter(closed_at__isnull=query.open)
    if query.point:
        rows = rows.filter(point__code=query.point)
    return page_of(rows, paging, shapes.case)


@router.get("/cases/{number}", summary="一个案件")
def case(request: HttpRequest, number: str) -> dict[str, Any]:
    """By number or id: time line, evidence, and what the caller may do now."""
    return shapes.case_file(_case(request, number), user_of(request))


class ActIn(Schema):
    """A verb's input. `fields` by name as `actions` of the case lists them; `revision` the one you saw."""

    note: str = ""
    fields: dict[str, Any] = {}
    files: list[FileIn] = []
    revision: int | None = None


@router.post("/cases/{number}/actions/{verb}", summary="办理")
@once
def act_on_case(request: HttpRequest, number: str, verb: str, body: ActIn) -> dict[str, Any]:
    """Carry out one verb of the case's definition."""
    user = user_of(request)
    files = [f.upload() for f in body.files]
    done = act(user, _case(request, number), verb, body.note, body.fields, files, body.revision)
    return shapes.case_file(done, user)


@router.get("/cases/{number}/record.docx", summary="案件记录（Word）")
def record(request: HttpRequest, number: str) -> HttpResponse:
    """The one-page record."""
    from qingyuan.bureau.reports.case_record import case_record  # python-docx is heavy

    row = _case(request, number)
    response = HttpResponse(case_record(row, user_of(request)), content_type=WORD)
    return named(response, f"{row.number}.docx")


@router.get("/cases/{number}/exhibits/{exhibit_id}", summary="证据文件")
def exhibit(request: HttpRequest, number: str, exhibit_id: Key) -> HttpResponse:
    """The file, checked against its digest."""
    row = get_object_or_404(_case(request, number).exhibits.select_related("evidence"), pk=exhibit_id)
    response = HttpResponse(read(row.evidence), content_type=row.evidence.media_type)
    response["X-Content-SHA256"] = row.evidence.sha256
    return named(response, f"{number}-{exhibit_id}")
