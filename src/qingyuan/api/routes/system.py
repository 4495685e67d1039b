"""Who I am, imports, the audit trail, the morning line."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import File, Query, Router
from ninja.files import UploadedFile

from qingyuan import clock
from qingyuan.api.auth import user_of, with_right
from qingyuan.api.identity import Key
from qingyuan.api.paging import Paging, page_of
from qingyuan.bureau.accounts.policies.rights import require, roles_of, scope_of
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.audit.queries.entries import shown_data, shown_summary
from qingyuan.bureau.audit.queries.words import verb_words
from qingyuan.bureau.base.uploads import held, hold
from qingyuan.bureau.monitoring.actions.import_jobs import start_import
from qingyuan.bureau.monitoring.actions.import_undo import undo_import
from qingyuan.bureau.monitoring.models import ImportJob
from qingyuan.bureau.monitoring.queries.imports import profiles
from qingyuan.bureau.overview.queries.today import gather, morning_line
from qingyuan.bureau.registers.actions.enterprises_file import import_enterprises
from qingyuan.bureau.registers.actions.places_file import import_places
from qingyuan.bureau.registers.actions.points_file import PointsChoice, import_points

router = Router(tags=["系统"])


@router.get("/me", summary="当前用户")
def me(request: HttpRequest) -> dict[str, Any]:
    """The caller: roles, areas, capabilities."""
    user = user_of(request)
    return {
        "username": user.username,
        "name": user.display_name,
        "organisation": str(user.organisation) if user.organisation else None,
        "roles": [{"role": r.role, "area": r.area.code if r.area else None} for r in roles_of(user)],
        "capabilities": sorted(scope_of(user).capabilities),
    }


@router.get("/morning-line", summary="早间一行")
def line(request: HttpRequest) -> dict[str, Any]:
    """Yesterday, to date, target, room left, in one line to paste into a chat."""
    return {"line": morning_line(gather(user_of(request), clock.now()))}


def _job(job: ImportJob) -> dict[str, Any]:
    return {
        "id": job.pk,
        "file_name": job.file_name,
        "sha256": job.file_digest,
        "profile": job.profile_name,
        "dry_run": job.dry_run,
        "state": job.state,
        "state_name": job.get_state_display(),
        "rows_total": job.rows_total,
        "rows_done": job.rows_done,
        "rows_bad": job.rows_bad,
        "readings_new": job.readings_new,
        "readings_unchanged": job.readings_unchanged,
        "errors": job.errors,
        "unused_columns": job.told.get("unused", []),
        "new_points": [c for c, _ in job.told.get("new_points", [])],
        "points_made": job.told.get("made", []),
        "undone_at": job.undone_at,
        "readings_undone": job.readings_undone,
        "message": job.message,
        "created_at": job.created_at,
        "finished_at": job.finished_at,
    }


@router.get("/imports", summary="导入记录")
def imports(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:
    """Newest first."""
    require(user_of(request), "import")
    return page_of(ImportJob.objects.all(), paging, _job)


@router.get("/imports/profiles", summary="导入方案")
def import_profiles(request: HttpRequest) -> dict[str, Any]:
    """Built-in and saved profiles."""
    require(user_of(request), "import")
    return {"items": profiles()}


@router.post("/imports", auth=with_right("import"), summary="导入文件")
def post_import(
    request: HttpRequest,
    file: File[UploadedFile],
    profile: str = "",
    dry_run: bool = False,
    new_points: bool = False,
    point: str = "",
    sheet: str = "",
    header_row: int = 0,
    dates: str = "",
    stamps: str = "",
) -> dict[str, Any]:
    """Queue a file; poll `/imports/{id}` for progress. Sending the same file again changes nothing more.

    point: of a file without a column of points. new_points: make the points that are not registered. sheet, header_row:
    where the table lies. dates: dmy or mdy of 01/02/2020. stamps: opens or closes.
    """
    given = {"point": point, "sheet": sheet, "header_row": header_row, "dates": dates, "stamps": stamps}
    return _job(start_import(user_of(request), file, profile, None, dry_run, new_points=new_points, given=given))


@router.post("/imports/{job_id}/undo", auth=with_right("import"), summary="撤回一次导入")
def post_undo(request: HttpRequest, job_id: Key, reason: str) -> dict[str, Any]:
    """Take back what an import brought; poll `/imports/{id}`. Revisions are kept, the file can be imported again."""
    require(user_of(request), "import")
    return _job(undo_import(user_of(request), get_object_or_404(ImportJob, pk=job_id), reason))


@router.post("/imports/points", auth=with_right("manage_points"), summary="导入点位清单")
def post_points(
    request: HttpRequest,
    file: File[UploadedFile],
    kind: str = "",
    roster: str = "",
    since: date | None = None,
    until: date | None = None,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Stations and sections from CSV, Excel, GeoJSON or KML; rows with a wrong cell are told and left out."""
    require(user_of(request), "manage_points")
    path = held(hold(file))
    choice = PointsChoice(kind, roster, since, until)
    return asdict(import_points(user_of(request), path, dry_run, choice))


@router.post("/imports/enterprises", auth=with_right("manage_points"), summary="导入企业清单")
def post_enterprises(request: HttpRequest, file: File[UploadedFile], dry_run: bool = False) -> dict[str, Any]:
    """Firms from CSV or Excel, such as a list of key units; rows with a wrong cell are told and left out."""
    require(user_of(request), "manage_points")
    return asdict(import_enterprises(user_of(request), held(hold(file)), dry_run))


@router.post("/imports/places", auth=with_right("manage_points"), summary="导入边界")
def post_places(
    request: HttpRequest, file: File[UploadedFile], kind: str = "", dry_run: bool = False
) -> dict[str, Any]:
    """The county's boundary with its towns from GeoJSON or KML."""
    require(user_of(request), "manage_points")
    return asdict(import_places(user_of(request), held(hold(file)), dry_run, kind))


@router.get("/imports/{job_id}", summary="一次导入")
def import_job(request: HttpRequest, job_id: Key) -> dict[str, Any]:
    """Progress and outcome."""
    require(user_of(request), "import")
    return _job(get_object_or_404(ImportJob, pk=job_id))


@router.get("/audit", summary="审计记录")
def audit(request: HttpRequest, paging: Query[Paging], verb: str | None = None) -> dict[str, Any]:
    """Newest first; for the audit administrator."""
    require(user_of(request), "read_audit")
    rows = AuditEntry.objects.order_by("-pk")
    if verb:
        rows = rows.filter(verb=verb)
    return page_of(
        rows,
        paging,
        lambda e: {
            "id": e.pk,
            "at": e.at,
            "actor": e.actor_label,
            "verb": e.verb,
            "verb_words": verb_words(e.verb),
            "object": f"{e.object_kind}:{e.object_id}",
            "summary": shown_summary(e),
            "data": shown_data(e),
        },
    )
