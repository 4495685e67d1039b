"""Running one import: parse slice by slice, journal that it happened, append, keep the bad rows as a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from qingyuan import clock, config
from qingyuan.bureau.base import lease
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.monitoring.models import ImportJob
from qingyuan.bureau.monitoring.queries.import_matching import Matcher
from qingyuan.bureau.monitoring.queries.imports import profile_of, unused
from qingyuan.bureau.registers.actions.points import make_points
from qingyuan.formulas import guarded_frame
from qingyuan.intake.files import (
    FileError,
    ParsedFile,
    PointInfo,
    Profile,
    ProfileError,
    RowError,
    Table,
    apply,
    errors_as_table,
    importers,
)
from qingyuan.intake.journal import Journal, NewRecord, RecordKind
from qingyuan.readings import NewReading, Rank, SeriesKey, Status

SLICE = 4000
LEAST_SLICE = 20
USUAL_WIDTH = 20
SHOWN_ERRORS = 200
SHOWN_POINTS = 8
_STATUS = {s.name.lower(): int(s) for s in Status}
Progress = Callable[[ImportJob], None]


def run_job(job: ImportJob, on_progress: Progress | None = None) -> ImportJob:
    """Run a job that is ours to run; its row tells how far it is and how it ended. A bad file ends it as failed."""
    from qingyuan.bureau.monitoring.actions.import_jobs import path_of

    try:
        table, profile = profile_of(job, path_of(job.file_digest, job.file_name))
        profile.check()
        profile.need_point()
        job.profile_name = job.profile_name or (profile.name if profile.name in importers() else "自动")
        job.rows_total = table.frame.height
        _Run(job, profile, table, on_progress).work()
    except FileError as error:
        job.state, job.message = ImportJob.State.FAILED, str(error)[:500]
    except Exception as error:
        job.state, job.message = ImportJob.State.FAILED, f"{type(error).__name__}: {error}"[:500]
        job.finished_at, job.lease_until = clock.now(), None
        job.save()
        raise
    job.finished_at, job.lease_until = clock.now(), None
    job.save()
    return job


class _Run:
    """One import under way."""

    def __init__(self, job: ImportJob, profile: Profile, table: Table, on_progress: Progress | None) -> None:
        self._job, self._profile, self._table, self._on_progress = job, profile, table, on_progress
        self._matcher = Matcher()
        self._made: list[str] = []
        self._seen: set[str] = set()
        self._bad_rows: set[int] = set()
        self._good = self._empty = 0
        self._span = (1 << 62, 0)
        self._now = int(clock.now().timestamp())
        self._errors_path = config.data_dir() / "imports" / f"errors-{job.pk}.csv"
        self._begin_again()

    def _begin_again(self) -> None:
        """Forget what a run that was cut off had counted; what it took in is recognised as known."""
        job = self._job
        job.rows_done = job.rows_bad = job.readings_new = job.readings_unchanged = 0
        job.errors, job.errors_file = [], ""
        self._origin = job.origin
        self._errors_path.unlink(missing_ok=True)

    def work(self) -> None:
        """All slices, in order."""
        job, frame = self._job, self._table.frame
        job.told = {"unused": unused(self._profile, self._table)}
        step = max(min(LEAST_SLICE, SLICE), SLICE * USUAL_WIDTH // max(frame.width, USUAL_WIDTH))
        for offset in range(0, frame.height, step):
            part = frame.slice(offset, step)
            parsed = apply(self._profile, part, first_row=self._table.first_row + offset)
            parsed = self._placed(parsed)
            self._note(parsed, part, offset)
            if not job.dry_run:
                self._put(parsed)
            job.rows_done = min(frame.height, offset + step)
            job.lease_until = lease.until()
            job.save()
            if self._on_progress:
                self._on_progress(job)
        self._tell()
        job.state = ImportJob.State.FAILED if self._bad_rows and not self._good else ImportJob.State.DONE
        words = [f"空值 {self._empty} 个"] if self._empty else []
        if job.told["unused"]:
            words.append(f"没有用到的列：{'、'.join(job.told['unused'][:12])}")
        if job.dry_run:
            new = self._matcher.matched.new
            if new:
                words.insert(
                    0, f"新点位 {len(new)} 个：{_some(new)}；正式导入时须勾选“新建点位”（命令加 --new-points）"
                )
            words.insert(0, f"试运行，没有写入；可导入读数 {self._good} 个")
        elif job.state == ImportJob.State.FAILED:
            words.insert(0, "没有一行可以导入；请查看问题，修正文件或对应关系后重试")
        job.message = "；".join(words)[:500]

    def _placed(self, parsed: ParsedFile) -> ParsedFile:
        """The rows under the codes of registered points. Points that are not there are made where that was ticked, are
        counted in a trial run, and are errors else; a file of which no point is known is refused at once."""
        matched = self._matcher.look_at(self._points_of(parsed))
        if matched.new and not self._job.dry_run and not self._job.new_points and not matched.known:
            raise ProfileError(
                "点位",
                f"{len(matched.new)} 个没有登记的点位：{_some(matched.new)}",
                "已登记的点位，或勾选“新建点位”（命令加 --new-points）",
            )
        codes = dict(matched.known)
        if self._job.dry_run or self._job.new_points:
            codes |= {code: code for code in matched.new}
        refused = dict(matched.refused)
        if not (self._job.dry_run or self._job.new_points):
            refused |= dict.fromkeys(matched.new, "已登记的点位，或勾选“新建点位”（命令加 --new-points）")
        rows = parsed.rows
        errors = list(parsed.errors)
        if refused:
            bad = rows.filter(pl.col("point").is_in(list(refused))).select("row", "point").unique(maintain_order=True)
            where = "、".join(self._profile.point_columns) or "点位"
            errors += [RowError(row, where, f"“{code}”", refused[code]) for row, code in bad.iter_rows()]
            rows = rows.filter(~pl.col("point").is_in(list(refused)))
        moved = {code: own for code, own in codes.items() if code != own}
        if moved:
            rows = rows.with_columns(pl.col("point").replace(moved))
        return replace(parsed, rows=rows, errors=sorted(errors, key=lambda e: (e.row, e.column)))

    def _points_of(self, parsed: ParsedFile) -> list[PointInfo]:
        if not self._profile.fixed_point:
            return parsed.points
        code = self._profile.fixed_point
        return [replace(info, code=code, name=code, names=(), has_code=False) for info in parsed.points]

    def _tell(self) -> None:
        """Which points the file is about, what was made, and the time that the readings span."""
        matched = self._matcher.matched
        points = dict(matched.known)
        if self._job.dry_run or self._job.new_points:
            points |= {code: code for code in matched.new}
        self._job.told |= {
            "points": points,
            "new_points": [[info.code, info.name] for info in matched.new.values()],
            "by_name": matched.by_name,
            "refused": matched.refused,
            "made": self._made,
            "span": list(self._span) if self._span[1] else [],
        }

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
        table = errors_as_table(parsed, part, first_row=self._table.first_row + offset)
        _append_csv(self._errors_path, guarded_frame(table))
        job.errors_file = str(self._errors_path)

    def _put(self, parsed: ParsedFile) -> None:
        job = self._job
        if self._job.new_points:
            new = [info for code, info in self._matcher.matched.new.items() if code not in self._seen]
            self._made += make_points(new)
            self._seen |= {info.code for info in new}
        rows = parsed.rows.sort("start")
        if not len(rows):
            return
        if self._origin is None:
            self._origin = job.origin = self._journal()
        first, last = int(rows["start"].min().timestamp()), int(rows["end"].max().timestamp())  # type: ignore[union-attr]
        self._span = min(self._span[0], first), max(self._span[1], last)
        self._tell()
        receipt = readings().append((self._reading(r) for r in rows.iter_rows(named=True)), skip_unchanged=True)
        job.readings_new += receipt.added
        job.readings_unchanged += receipt.unchanged

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
            self._origin or 0,
            self._now,
        )


def _append_csv(path: Path, table: pl.DataFrame) -> None:
    is_new = not path.exists()
    with path.open("ab") as file:
        if is_new:
            file.write(b"\xef\xbb\xbf")
        file.write(table.write_csv(include_header=is_new).encode())


def _some(new: Mapping[str, PointInfo]) -> str:
    names = [info.code if info.name == info.code else f"{info.code}（{info.name}）" for info in new.values()]
    return "、".join(names[:SHOWN_POINTS]) + (f" 等 {len(names)} 个" if len(names) > SHOWN_POINTS else "")
