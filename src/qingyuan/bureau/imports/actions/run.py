"""Running one import: parse slice by slice, journal that it happened, append, keep the bad rows as a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl

from qingyuan import clock, config
from qingyuan.bureau.imports.models import ImportJob
from qingyuan.bureau.imports.queries import profile_of
from qingyuan.bureau.monitoring.models import Point, Section, Station
from qingyuan.bureau.monitoring.store import readings
from qingyuan.intake.files import FileError, ParsedFile, PointInfo, Profile, apply, errors_as_table
from qingyuan.intake.journal import Journal, NewRecord, RecordKind
from qingyuan.readings import NewReading, Rank, SeriesKey, Status

SLICE = 4000
FIRST_ROW = 2
SHOWN_ERRORS = 200
LEASE = timedelta(minutes=5)
_KINDS = {"air": Point.Kind.AIR, "weather": Point.Kind.AIR, "water": Point.Kind.WATER, "outlet": Point.Kind.OUTLET}
_STATUS = {s.name.lower(): int(s) for s in Status}
Progress = Callable[[ImportJob], None]


def run_job(job: ImportJob, on_progress: Progress | None = None) -> ImportJob:
    """Run a job that is ours to run; its row tells how far it is and how it ended. A bad file ends it as failed."""
    from qingyuan.bureau.imports.actions.jobs import path_of

    try:
        frame, profile = profile_of(job, path_of(job.file_digest, job.file_name))
        profile.check()
        job.profile_name = job.profile_name or "自动"
        job.rows_total = frame.height
        _Run(job, profile, on_progress).work(frame)
    except FileError as error:
        job.state, job.message = ImportJob.State.FAILED, str(error)[:500]
    except Exception as error:
        job.state, job.message = ImportJob.State.FAILED, f"{type(error).__name__}: {error}"[:500]
        job.finished_at = clock.now()
        job.save()
        raise
    job.finished_at, job.lease_until = clock.now(), None
    job.save()
    return job


class _Run:
    """One import under way."""

    def __init__(self, job: ImportJob, profile: Profile, on_progress: Progress | None) -> None:
        self._job, self._profile, self._on_progress = job, profile, on_progress
        self._known: set[str] = set()
        self._bad_rows: set[int] = set()
        self._good = self._empty = 0
        self._origin = 0
        self._now = int(clock.now().timestamp())
        self._errors_path = config.data_dir() / "imports" / f"errors-{job.pk}.csv"
        self._begin_again()

    def _begin_again(self) -> None:
        """Forget what a run that was cut off had counted; what it took in is recognised as known."""
        job = self._job
        job.rows_done = job.rows_bad = job.readings_new = job.readings_unchanged = 0
        job.errors, job.errors_file = [], ""
        self._errors_path.unlink(missing_ok=True)

    def work(self, frame: pl.DataFrame) -> None:
        """All slices, in order."""
        job = self._job
        if not job.dry_run:
            self._origin = self._journal()
        for offset in range(0, frame.height, SLICE):
            part = frame.slice(offset, SLICE)
            parsed = apply(self._profile, part, first_row=FIRST_ROW + offset)
            self._note(parsed, part, offset)
            if not job.dry_run:
                self._put(parsed)
            job.rows_done = min(frame.height, offset + SLICE)
            job.lease_until = clock.SystemClock().now() + LEASE
            job.save()
            if self._on_progress:
                self._on_progress(job)
        job.state = ImportJob.State.FAILED if self._bad_rows and not self._good else ImportJob.State.DONE
        words = [f"空值 {self._empty} 个"] if self._empty else []
        if job.dry_run:
            words.insert(0, f"试运行，没有写入；可导入读数 {self._good} 个")
        elif job.state == ImportJob.State.FAILED:
            words.insert(0, "没有一行可以导入；请查看问题，修正文件或对应关系后重试")
        job.message = "；".join(words)

    def _journal(self) -> int:
        job = self._job
        statement = {
            "job": job.pk,
            "file": job.file_name,
            "sha256": job.file_digest,
            "profile": json.loads(self._profile.to_json()),
        }
        payload = json.dumps(statement, ensure_ascii=False).encode()
        journal = Journal(config.data_dir() / "journal")
        try:
            record = NewRecord(RecordKind.FILE, payload, "import", int(clock.now().timestamp() * 1_000_000))
            return journal.append([record])[0]
        finally:
            journal.close()

    def _note(self, parsed: ParsedFile, part: pl.DataFrame, offset: int) -> None:
        job = self._job
        self._good += parsed.rows.height
        self._empty += parsed.empty
        if not parsed.errors:
            return
        self._bad_rows |= {e.row for e in parsed.errors}
        job.rows_bad = len(self._bad_rows)
        room = SHOWN_ERRORS - len(job.errors)
        job.errors += [
            {"row": e.row, "column": e.column, "got": e.got, "expected": e.expected} for e in parsed.errors[:room]
        ]
        _append_csv(self._errors_path, errors_as_table(parsed, part, first_row=FIRST_ROW + offset))
        job.errors_file = str(self._errors_path)

    def _put(self, parsed: ParsedFile) -> None:
        new = [p for p in parsed.points if p.code not in self._known]
        ensure_points(new)
        self._known |= {p.code for p in new}
        rows = parsed.rows.sort("start")
        receipt = readings().append((self._reading(r) for r in rows.iter_rows(named=True)), skip_unchanged=True)
        self._job.readings_new += receipt.added
        self._job.readings_unchanged += receipt.unchanged

    def _reading(self, row: dict[str, Any]) -> NewReading:
        return NewReading(
            SeriesKey(row["point"], row["item"], row["statistic"], row["grain"]),
            int(row["start"].timestamp()),
            int(row["end"].timestamp()),
            row["value"],
            -1 if row["decimals"] is None else row["decimals"],
            row["unit"] or "",
            row["flag"] or "",
            row["qualifier"] or "",
            _STATUS[row["status"]],
            Rank.REPORTED,
            0,
            self._origin,
            self._now,
        )


def _append_csv(path: Path, table: pl.DataFrame) -> None:
    is_new = not path.exists()
    with path.open("ab") as file:
        if is_new:
            file.write(b"\xef\xbb\xbf")
        file.write(table.write_csv(include_header=is_new).encode())


def ensure_points(points: list[PointInfo]) -> None:
    """Points that the file names and the register does not know are made; known ones are left as they are."""
    for info in points:
        kind = _KINDS.get(info.kind, Point.Kind.UNKNOWN)
        point, made = Point.objects.get_or_create(
            code=info.code[:60],
            defaults={"name": info.name[:100], "kind": kind, "lon": info.lon, "lat": info.lat, "source_system": "导入"},
        )
        if made and kind == Point.Kind.AIR:
            Station.objects.create(point=point, kind=Station.Kind.STANDARD)
        elif made and kind == Point.Kind.WATER:
            Section.objects.create(point=point, body=info.attrs.get("body", "river"))
