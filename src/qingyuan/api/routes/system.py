"""Who I am, imports, the audit trail, the morning line."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import File, Query, Router
from ninja.files import UploadedFile

from qingyuan import clock
from qingyuan.api.auth import user_of
from qingyuan.api.identity import Key
from qingyuan.api.paging import Paging, page_of
from qingyuan.bureau.accounts.policies import require, roles_of, scope_of
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.audit.pages import shown_data, shown_summary
from qingyuan.bureau.imports.actions import start_import
from qingyuan.bureau.imports.models import ImportJob
from qingyuan.bureau.imports.queries import profiles
from qingyuan.web.today import gather, morning_line

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
        "id": job.pk, "file_name": job.file_name, "sha256": job.file_digest, "profile": job.profile_name,
        "dry_run": job.dry_run, "state": job.state, "state_name": job.get_state_display(),
        "rows_total": job.rows_total, "rows_done": job.rows_done, "rows_bad": job.rows_bad,
        "readings_new": job.readings_new, "readings_unchanged": job.readings_unchanged, "errors": job.errors,
        "message": job.message, "created_at": job.created_at, "finished_at": job.finished_at,
    }  # fmt: skip


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


@router.post("/imports", summary="导入文件")
def post_import(
    request: HttpRequest, file: File[UploadedFile], profile: str = "", dry_run: bool = False
) -> dict[str, Any]:
    """Queue a file; poll `/imports/{id}` for progress. Sending the same file again changes nothing more."""
    return _job(start_import(user_of(request), file, profile, None, dry_run))


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
            "id": e.pk, "at": e.at, "actor": e.actor_label, "verb": e.verb, "object": f"{e.object_kind}:{e.object_id}",
            "summary": shown_summary(e), "data": shown_data(e),
        },
    )  # fmt: skip
