"""Undoing an import as a batch: nothing is deleted, each of its readings gets a revision that takes it back."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator

from django.db import transaction

from qingyuan import clock, config
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import require
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base import lease
from qingyuan.bureau.base.errors import Missing, WrongState
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.monitoring.models import ImportJob
from qingyuan.intake.journal import Journal, NewRecord, RecordKind
from qingyuan.intake.replay import VOID
from qingyuan.readings import NewReading, Reading, Series

UNDONE = "undone"
"""Qualifier of a revision that takes a reading back because its import was undone."""
SPAN_S = 31 * 86400


def undo_import(actor: User | None, job: ImportJob, reason: str, *, queued: bool = True) -> ImportJob:
    """Take back what an import brought. queued: the work process does it; else the caller runs `run_undo`.

    Raises NotAllowed, Missing (no reason), WrongState for a trial run or one that is not finished.
    """
    require(actor, "import")
    if not reason.strip():
        raise Missing("请写明撤回的原因", "reason")
    if job.dry_run or job.origin is None:
        raise WrongState("这次导入没有写入读数，不用撤回")
    with transaction.atomic():
        done = ImportJob.objects.filter(pk=job.pk, state__in=(ImportJob.State.DONE, ImportJob.State.FAILED)).update(
            state=ImportJob.State.UNDOING,
            undo_reason=reason.strip()[:200],
            undone_by=actor,
            lease_until=None if queued else lease.until(),
        )
        if not done:
            job.refresh_from_db()
            raise WrongState(f"这次导入现在是“{job.get_state_display()}”，只有完成的可以撤回")
        record(actor, "import.undo", job, f"撤回导入 {job.file_name}：{reason.strip()}", {"sha256": job.file_digest})
    job.refresh_from_db()
    return job


def run_undo(job: ImportJob) -> ImportJob:
    """Write the revisions that take the readings back; may be begun again after a halt."""
    if job.undo_origin is None:
        job.undo_origin = _state(job)
        job.save(update_fields=["undo_origin"])
    undone = ImportJob.objects.filter(undo_origin__isnull=False)
    copies = {origin for origin in undone.values_list("undo_origin", flat=True) if origin is not None}
    gone = copies | {origin for origin in undone.values_list("origin", flat=True) if origin is not None}
    first, last = job.told.get("span") or (0, 0)
    store = readings()
    count = 0
    series = store.series_of_points(sorted(set((job.told.get("points") or {}).values())))
    for one in series:
        for start in range(first, last, SPAN_S):
            back = list(_taken_back(one, start, min(start + SPAN_S, last), job, gone, copies))
            if back:
                store.append(back)
                count += len(back)
        ImportJob.objects.filter(pk=job.pk).update(lease_until=lease.until())
    job.readings_undone = (job.readings_undone or 0) + count
    job.state, job.undone_at, job.lease_until = ImportJob.State.UNDONE, clock.now(), None
    job.save()
    return job


def _taken_back(
    series: Series, start: int, end: int, job: ImportJob, gone: set[int], copies: set[int]
) -> Iterator[NewReading]:
    """For each interval in which the job's reading, or a copy that an undoing made of it, is in force: what stood there
    before, or a revision without a value. gone: origins of what was undone, and of the copies."""
    store = readings()
    ours = [
        r
        for r in store.window([series.id], start, end)
        if r.origin == job.origin or (r.origin in copies and r.qualifier != UNDONE)
    ]
    if not ours:
        return
    revisions: dict[tuple[int, int], list[Reading]] = defaultdict(list)
    for revision in store.revisions(series.id, start, end):
        revisions[(revision.start, revision.end)].append(revision)
    now = int(clock.now().timestamp())
    for reading in ours:
        others = [
            r
            for r in revisions[(reading.start, reading.end)]
            if r.origin not in gone and r.qualifier not in (UNDONE, VOID) and r.status == reading.status
        ]
        before = max(others, key=lambda r: (r.rank, r.origin), default=None)
        if reading.origin in copies and before is not None and before.value == reading.value:
            continue  # a copy of something that still holds
        yield NewReading(
            series.key,
            reading.start,
            reading.end,
            before.value if before else None,
            before.decimals if before else -1,
            series.unit,
            before.flag if before else "",
            before.qualifier if before else UNDONE,
            reading.status,
            reading.rank,
            0,
            job.undo_origin or 0,
            now,
            before.capture if before else None,
        )


def _state(job: ImportJob) -> int:
    """A statement in the journal of what is taken back, by whom and why; its position."""
    said = {"undo": job.pk, "origin": job.origin, "reason": job.undo_reason, "by": str(job.undone_by or "系统")}
    journal = Journal(config.data_dir() / "journal")
    try:
        payload = json.dumps(said, ensure_ascii=False).encode()
        at = int(clock.now().timestamp() * 1_000_000)
        return journal.append([NewRecord(RecordKind.STATEMENT, payload, "import", at)])[0]
    finally:
        journal.close()
