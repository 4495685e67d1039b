"""Exports belong to who asked for them: nobody else sees or downloads them."""

from __future__ import annotations

from django.db.models import QuerySet

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.monitoring.models import ExportJob


def own_exports(user: User) -> QuerySet[ExportJob]:
    """The person's exports, the newest first."""
    return ExportJob.objects.filter(created_by=user).order_by("-created_at", "-id")


def percent(job: ExportJob) -> int:
    """How far an export is."""
    if job.state in {ExportJob.State.DONE, ExportJob.State.EXPIRED}:
        return 100
    return 100 * job.parts_done // job.parts_total if job.parts_total else 0
