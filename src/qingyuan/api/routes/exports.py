"""Readings as files, made in the background for who asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from qingyuan.api.auth import user_of
from qingyuan.api.idempotency import once
from qingyuan.api.identity import Key
from qingyuan.api.paging import Paging, page_of
from qingyuan.api.times import aware
from qingyuan.bureau.base.downloads import named
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.monitoring.actions.exports import ask_export, note_download, path_of
from qingyuan.bureau.monitoring.models import ExportJob
from qingyuan.bureau.monitoring.queries.exports import own_exports, percent

router = Router(tags=["导出"])


class ExportIn(Schema):
    """Readings in force in [start, end) of points, all items by default; as_of: by what had been received then."""

    points: list[str] = Field(min_length=1, max_length=1000)
    items: list[str] = []
    start: datetime
    end: datetime
    grain: Literal["raw", "minute", "hour", "day"] = "hour"
    form: Literal["csv", "parquet", "xlsx"] = "csv"
    as_of: datetime | None = None


def _shape(job: ExportJob) -> dict[str, Any]:
    return {
        "id": job.pk,
        "points": job.points,
        "items": job.items,
        "grain": job.grain,
        "start": job.start,
        "end": job.end,
        "as_of": job.as_of,
        "form": job.form,
        "series": len(job.series),
        "state": job.state,
        "state_name": job.get_state_display(),
        "percent": percent(job),
        "rows": job.rows,
        "size": job.size,
        "sha256": job.sha256,
        "message": job.message,
        "created_at": job.created_at,
        "finished_at": job.finished_at,
        "expires_at": job.expires_at,
    }


@router.post("/exports", summary="导出读数")
@once
def post_export(request: HttpRequest, body: ExportIn) -> dict[str, Any]:
    """Queue an export; poll `/exports/{id}` for progress, then take `/exports/{id}/file`."""
    start, end = aware(body.start), aware(body.end)
    if start is None or end is None:
        raise Invalid("起止时间都须填写", "start")
    return _shape(
        ask_export(
            user_of(request),
            body.points,
            start,
            end,
            items=body.items,
            grain=body.grain,
            form=body.form,
            as_of=aware(body.as_of),
        )
    )


@router.get("/exports", summary="我的导出")
def exports(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:
    """The caller's own, newest first."""
    return page_of(own_exports(user_of(request)), paging, _shape)


@router.get("/exports/{export_id}", summary="一次导出")
def export(request: HttpRequest, export_id: Key) -> dict[str, Any]:
    """Progress and outcome."""
    return _shape(get_object_or_404(own_exports(user_of(request)), pk=export_id))


@router.get("/exports/{export_id}/file", summary="下载导出的文件")
def export_file(request: HttpRequest, export_id: Key) -> HttpResponseBase:
    """The file, for who asked, until it is swept; noted in the audit trail."""
    job = get_object_or_404(own_exports(user_of(request)), pk=export_id)
    path = path_of(job)
    if job.state != ExportJob.State.DONE or not path.is_file():
        raise Http404
    note_download(user_of(request), job)
    return named(FileResponse(path.open("rb")), f"qingyuan-{job.grain}-{job.pk}.{job.form}")
