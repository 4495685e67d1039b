"""What the pages of imports show. Imports belong to the bureau: who may import sees them all."""

from __future__ import annotations

from pathlib import Path

from django.db.models import QuerySet

from qingyuan.bureau.imports.models import ImportJob


def job_rows() -> QuerySet[ImportJob]:
    """All imports, the newest first."""
    return ImportJob.objects.select_related("created_by").order_by("-created_at", "-id")


def percent(job: ImportJob) -> int:
    """How far a job is."""
    return 100 * job.rows_done // job.rows_total if job.rows_total else 0


def bad_rows_file(job: ImportJob) -> Path | None:
    """The file of bad rows with their reasons, if the job has one."""
    path = Path(job.errors_file) if job.errors_file else None
    return path if path and path.is_file() else None
