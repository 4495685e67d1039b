"""Acts on exports: ask for one, run the oldest that waits, take up what a killed worker left, sweep old files."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from qingyuan import clock, config
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import require
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base import lease
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.monitoring.models import ExportJob
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.readings import ReadingsError

LONGEST = {"raw": 31, "minute": 62, "hour": 1100, "day": 11_000}
"""Days that one export may span, by grain."""
MOST_SERIES = 2000
MOST_WAITING = 5
"""Exports of one person that may wait or run at once."""


def folder() -> Path:
    """Where the files lie until they are swept."""
    path = config.data_dir() / "exports"
    path.mkdir(parents=True, exist_ok=True)
    return path


def path_of(job: ExportJob) -> Path:
    """The file of a job; it is there while the job is done and not expired."""
    return folder() / f"export-{job.pk}.{job.form}"


def ask_export(
    actor: User,
    points: Sequence[str],
    start: datetime,
    end: datetime,
    *,
    items: Sequence[str] = (),
    grain: str = "hour",
    form: str = "csv",
    as_of: datetime | None = None,
) -> ExportJob:
    """Ask for the readings in force in [start, end) of points that the person may see; the work process makes the file.

    Raises NotAllowed, Invalid: no such series, a span too long for the grain, too many series, too many waiting.
    """
    if not visible_points(actor).exists():
        require(actor, "view")
    codes = list(visible_points(actor).filter(code__in=list(points)).order_by("code").values_list("code", flat=True))
    lacking = sorted(set(points) - set(codes))
    if lacking or not codes:
        raise Invalid(f"没有点位 {'、'.join(lacking[:5]) or '（未填写）'}，或不在您的范围内", "points")
    if grain not in LONGEST:
        raise Invalid(f"得到间隔“{grain}”，应为：{'、'.join(LONGEST)}", "grain")
    if form not in ExportJob.Form.values:
        raise Invalid(f"得到格式“{form}”，应为：{'、'.join(ExportJob.Form.values)}", "form")
    if not timedelta(0) < end - start <= timedelta(days=LONGEST[grain]):
        raise Invalid(f"时间范围应为正向，{grain} 数据一次至多 {LONGEST[grain]} 天；请分几次导出", "end")
    found = readings().series_of_points(codes)
    numbers = sorted(s.id for s in found if s.key.grain == grain and (not items or s.key.item in items))
    if not numbers:
        raise Invalid("这些点位没有这样的数据；请换间隔或项目", "items")
    if len(numbers) > MOST_SERIES:
        raise Invalid(f"共 {len(numbers)} 个序列，一次至多 {MOST_SERIES} 个；请分几次导出", "points")
    waiting = ExportJob.objects.filter(created_by=actor, state__in=[ExportJob.State.QUEUED, ExportJob.State.RUNNING])
    if waiting.count() >= MOST_WAITING:
        raise Invalid(f"您已有 {MOST_WAITING} 个导出在排队或进行；请等其中一个完成", "points")
    with transaction.atomic():
        job = ExportJob.objects.create(
            points=codes,
            items=list(items),
            grain=grain,
            start=start,
            end=end,
            as_of=as_of,
            form=form,
            series=numbers,
            created_at=clock.now(),
            created_by=actor,
        )
        span = f"{clock.beijing(start):%Y-%m-%d %H:%M} 至 {clock.beijing(end):%Y-%m-%d %H:%M}"
        record(actor, "export.start", job, f"导出 {len(codes)} 个点位、{len(numbers)} 个序列，{span}")
    return job


def run_next_export() -> bool:
    """Run the oldest waiting export, if there is one. Compare-and-set: two workers never run the same one."""
    job = ExportJob.objects.filter(state=ExportJob.State.QUEUED).order_by("pk").first()
    if job is None:
        return False
    waiting = ExportJob.objects.filter(pk=job.pk, state=ExportJob.State.QUEUED)
    if lease.take(waiting, state=ExportJob.State.RUNNING):
        job.refresh_from_db()
        _run(job)
    return True


def _run(job: ExportJob) -> None:
    def progress(done: int, total: int) -> None:
        lease.keep(job, parts_done=done, parts_total=total)

    out = path_of(job)
    as_of = int(job.as_of.timestamp()) if job.as_of else None
    try:
        span = int(job.start.timestamp()), int(job.end.timestamp())
        job.rows = readings().export(job.series, *span, out, as_of=as_of, progress=progress)
        with out.open("rb") as content:
            job.sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        job.size, job.state = out.stat().st_size, ExportJob.State.DONE
        job.expires_at = clock.now() + timedelta(days=float(config.EXPORT_KEEP_DAYS.get()))
    except (OSError, ReadingsError) as error:
        job.state, job.message = ExportJob.State.FAILED, str(error)[:500]
    except Exception as error:
        job.state, job.message = ExportJob.State.FAILED, f"{type(error).__name__}: {error}"[:500]
        job.finished_at, job.lease_until = clock.now(), None
        job.save()
        raise
    job.finished_at, job.lease_until = clock.now(), None
    job.save()


def sweep_lost_exports() -> int:
    """Exports that a killed worker left running wait again; the file is made from the beginning."""
    return lease.lost(ExportJob.objects.filter(state=ExportJob.State.RUNNING)).update(
        state=ExportJob.State.QUEUED, parts_done=0
    )


def sweep_old_exports() -> int:
    """Files whose time is over are removed; the job stays and says so. How many."""
    old = list(ExportJob.objects.filter(state=ExportJob.State.DONE, expires_at__lte=clock.now()))
    for job in old:
        path_of(job).unlink(missing_ok=True)
        ExportJob.objects.filter(pk=job.pk, state=ExportJob.State.DONE).update(state=ExportJob.State.EXPIRED)
    return len(old)


def note_download(actor: User, job: ExportJob) -> None:
    """Who took the file away is in the audit trail."""
    with transaction.atomic():
        record(actor, "export.download", job, f"下载导出 {job.pk}，{job.rows} 行", {"sha256": job.sha256})
