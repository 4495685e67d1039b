"""Leads and cases."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any, Literal

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from qingyuan import clock
from qingyuan.api import case_shapes
from qingyuan.api.auth import user_of, with_right
from qingyuan.api.idempotency import once
from qingyuan.api.identity import Key, lookup
from qingyuan.api.paging import Paging, page_of
from qingyuan.api.times import aware
from qingyuan.bureau.accounts.policies.rights import visible_areas
from qingyuan.bureau.base.downloads import named
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.base.media import WORD
from qingyuan.bureau.cases.actions.informants import call_back, reveal
from qingyuan.bureau.cases.actions.leads import dismiss_lead, merge_lead, open_case, raise_lead
from qingyuan.bureau.cases.actions.taking import take_lead
from qingyuan.bureau.cases.actions.work import act
from qingyuan.bureau.cases.models import Case, Lead
from qingyuan.bureau.cases.policies.visible import visible_cases, visible_exhibits, visible_leads
from qingyuan.bureau.cases.queries.clocks import late_leads
from qingyuan.bureau.cases.queries.pages import case_rows, lead_rows
from qingyuan.bureau.cases.queries.responsible import person_named
from qingyuan.bureau.cases.queries.shown_files import give
from qingyuan.bureau.cases.queries.shown_to import lead_files, shown_case, shown_lead
from qingyuan.bureau.evidence.actions.files import Upload
from qingyuan.bureau.evidence.serving import given_answer
from qingyuan.bureau.registers.policies import visible_points

router = Router(tags=["线索和案件"])


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
    reporter: str = Field("", description="反映人；不随线索返回")
    reporter_phone: str = Field("", max_length=40, description="反映人的联系电话；不随线索返回")
    occurred_at: datetime | None = None
    parent_case: str = Field("", description="上级区域调查案件的编号")
    files: list[FileIn] = []


class LeadFilter(Schema):
    """Which leads. late: past the deadline of their triage; owner: username of who decides; sort: the order."""

    state: str | None = None
    source: str | None = None
    point: str | None = None
    owner: str | None = None
    late: bool | None = None
    sort: Literal["newest", "oldest", "due", "owner"] = "newest"


@router.get("/leads", summary="线索列表")
def leads(request: HttpRequest, query: Query[LeadFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Newest first, unless `sort` says otherwise."""
    user, now = user_of(request), clock.now()
    rows = lead_rows(user, query.sort)
    if query.state:
        rows = rows.filter(state=query.state)
    if query.source:
        rows = rows.filter(source=query.source)
    if query.point:
        rows = rows.filter(point__code=query.point)
    if query.owner:
        rows = rows.filter(owner__username=query.owner)
    if query.late is not None:
        late = late_leads(rows, now)
        rows = late if query.late else rows.exclude(pk__in=late.order_by().values("pk"))
    return page_of(rows, paging, lambda row: case_shapes.lead(shown_lead(user, row), now))


@router.post("/leads", auth=with_right("raise_lead"), summary="上报线索")
@once
def post_lead(request: HttpRequest, body: LeadIn) -> dict[str, Any]:
    """Register a lead by hand."""
    user = user_of(request)
    area = get_object_or_404(visible_areas(user), code=body.area) if body.area else None
    point = get_object_or_404(visible_points(user), code=body.point) if body.point else None
    parent = get_object_or_404(visible_cases(user), number=body.parent_case) if body.parent_case else None
    made = raise_lead(
        user,
        title=body.title,
        description=body.description,
        place=body.place,
        lon=body.lon,
        lat=body.lat,
        area=area,
        point=point,
        reporter=body.reporter,
        reporter_phone=body.reporter_phone,
        occurred_at=aware(body.occurred_at),
        parent_case=parent,
        files=[f.upload() for f in body.files],
    )
    return _shown(request, made)


def _shown(request: HttpRequest, row: Lead) -> dict[str, Any]:
    return case_shapes.lead(shown_lead(user_of(request), row), clock.now())


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
    return _shown(request, row) | {"exhibits": [case_shapes.exhibit(x) for x in lead_files(user_of(request), row)]}


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


@router.post("/leads/{number}/dismiss", auth=with_right("triage"), summary="不予立案")
@once
def dismiss(request: HttpRequest, number: str, body: Reason) -> dict[str, Any]:
    """Triage: no case, with the reason."""
    return _shown(request, dismiss_lead(user_of(request), _lead(request, number), body.reason))


@router.post("/leads/{number}/merge", auth=with_right("triage"), summary="并入另一条线索")
@once
def merge(request: HttpRequest, number: str, body: MergeIn) -> dict[str, Any]:
    """Triage: the same matter as another lead."""
    into = _lead(request, body.into)
    return _shown(request, merge_lead(user_of(request), _lead(request, number), into, body.reason))


@router.post("/leads/{number}/open-case", auth=with_right("triage"), summary="立案")
@once
def open_a_case(request: HttpRequest, number: str, body: OpenCaseIn) -> dict[str, Any]:
    """Triage: make a case of it."""
    user = user_of(request)
    made = open_case(
        user,
        _lead(request, number),
        body.kind,
        body.reason,
        body.upper_system,
        body.upper_order_number,
        aware(body.upper_deadline),
    )
    return case_shapes.case_file(made, user)


class CaseFilter(Schema):
    """Which cases. `open`: true only those not closed."""

    state: str | None = None
    kind: str | None = None
    open: bool | None = None
    point: str | None = None


@router.get("/cases", summary="案件列表")
def cases(request: HttpRequest, query: Query[CaseFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Newest first."""
    user = user_of(request)
    rows = case_rows(user).order_by("-opened_at", "-pk")
    if query.state:
        rows = rows.filter(state=query.state)
    if query.kind:
        rows = rows.filter(kind=query.kind)
    if query.open is not None:
        rows = rows.filter(closed_at__isnull=query.open)
    if query.point:
        rows = rows.filter(point__code=query.point)
    return page_of(rows, paging, lambda row: case_shapes.case(shown_case(user, row)))


@router.get("/cases/{number}", summary="一个案件")
def case(request: HttpRequest, number: str) -> dict[str, Any]:
    """By number or id: time line, evidence, and what the caller may do now."""
    return case_shapes.case_file(_case(request, number), user_of(request))


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
    return case_shapes.case_file(done, user)


@router.get("/cases/{number}/record.docx", summary="案件记录（Word）")
def record(request: HttpRequest, number: str) -> HttpResponse:
    """The one-page record."""
    from qingyuan.bureau.reports.queries.report import case_record  # python-docx is heavy

    row = _case(request, number)
    response = HttpResponse(case_record(row, user_of(request)), content_type=WORD)
    return named(response, f"{row.number}.docx")


@router.get("/cases/{number}/exhibits/{exhibit_id}", summary="证据文件")
def exhibit(request: HttpRequest, number: str, exhibit_id: Key) -> HttpResponse:
    """The file as the caller may have it, checked against its digest: the original, or a copy without its maker's traces."""
    case_row = _case(request, number)
    rows = visible_exhibits(user_of(request)).filter(Q(case=case_row) | Q(lead__case=case_row))
    row = get_object_or_404(rows.select_related("evidence", "case", "lead__case", "added_by"), pk=exhibit_id)
    return given_answer(give(user_of(request), row))


@router.get("/leads/{number}/exhibits/{exhibit_id}", summary="线索的附件")
def lead_exhibit(request: HttpRequest, number: str, exhibit_id: Key) -> HttpResponse:
    """The file as the caller may have it, like those of cases."""
    rows = _lead(request, number).exhibits.select_related("evidence", "lead__case", "added_by")
    return given_answer(give(user_of(request), get_object_or_404(rows, pk=exhibit_id)))


class TakeIn(Schema):
    """Who decides the lead: a username, or empty for the caller."""

    owner: str = ""


@router.post("/leads/{number}/take", auth=with_right("triage"), summary="指定研判人")
@once
def take(request: HttpRequest, number: str, body: TakeIn) -> dict[str, Any]:
    """Make the caller, or another person who may decide it, the owner of the lead."""
    row = _lead(request, number)
    to = person_named(body.owner) if body.owner else None
    if body.owner and to is None:
        raise Invalid(f"得到人员“{body.owner}”，系统中没有或已停用；应为用户名", "owner")
    return _shown(request, take_lead(user_of(request), row, to))


def _matter(request: HttpRequest, number: str) -> Lead:
    """A lead that the caller sees by itself or by its case."""
    user = user_of(request)
    rows = Lead.objects.filter(Q(pk__in=visible_leads(user)) | Q(case__in=visible_cases(user)))
    return get_object_or_404(rows.select_related("created_by", "case__owner", "owner"), **lookup(number))


@router.post("/leads/{number}/informant/call-back", summary="回访反映人")
def informant_call_back(request: HttpRequest, number: str, response: HttpResponse) -> dict[str, Any]:
    """The officer in charge gets the number to call; it is logged. The answer is not kept for a repeat."""
    response["Cache-Control"] = "no-store"
    return vars(call_back(user_of(request), _matter(request, number)))


@router.post("/leads/{number}/informant/reveal", summary="查看反映人")
def informant_reveal(request: HttpRequest, number: str, body: Reason, response: HttpResponse) -> dict[str, Any]:
    """Who has the right to the matter and to informants sees who it is, with the reason; it is logged."""
    response["Cache-Control"] = "no-store"
    return vars(reveal(user_of(request), _matter(request, number), body.reason))
