"""Import jobs: a file in the background, tried first, repeated without harm, resumed after a crash."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bureau.office import Office
from qingyuan import clock
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.errors import Invalid, NotAllowed
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.monitoring.actions import import_run as running
from qingyuan.bureau.monitoring.actions.import_jobs import run_next_job, start_import, sweep_lost_jobs
from qingyuan.bureau.monitoring.actions.import_profiles import save_profile
from qingyuan.bureau.monitoring.actions.import_run import run_job
from qingyuan.bureau.monitoring.models import ImportJob, ImportProfile
from qingyuan.bureau.registers.models import Point
from qingyuan.intake.journal import Journal, RecordKind

pytestmark = pytest.mark.django_db
HEAD = "时间,点位编号,点位名称,PM2.5,PM10\n"


def write(folder: Path, rows: int = 30, bad: int = 0, name: str = "小时.csv") -> Path:
    lines = [f"2026-11-{1 + n // 24:02d} {n % 24:02d}:00,A9,城东站,{30 + n % 7},{60 + n % 9}\n" for n in range(rows)]
    lines += [f"2026-13-40 99:00,A9,城东站,{n},x\n" for n in range(bad)]
    path = folder / name
    path.write_text(HEAD + "".join(lines), encoding="utf-8")
    return path


def done(job: ImportJob) -> ImportJob:
    while run_next_job():
        pass
    job.refresh_from_db()
    return job


def stored() -> int:
    return len(readings().window([s.id for s in readings().series()], 0, 2**40))


def test_file_becomes_readings_points_and_a_statement(office: Office, tmp_path: Path, data_dir: Path) -> None:
    job = start_import(office["chief"], write(tmp_path), new_points=True)
    assert (job.state, stored()) == ("queued", 0)
    job = done(job)
    assert (job.state, job.rows_total, job.rows_done, job.rows_bad, job.readings_new) == ("done", 30, 30, 0, 60)
    assert stored() == 60
    point = Point.objects.get(code="A9")
    assert (point.name, point.kind) == ("城东站", "air")
    (record,) = Journal(data_dir / "journal").read(0)
    assert record.kind is RecordKind.FILE
    assert job.file_digest in record.payload.decode()
    assert {r.origin for r in readings().window([s.id for s in readings().series()], 0, 2**40)} == {record.position}
    assert [e.verb for e in AuditEntry.objects.all()] == ["import.start"]


def test_dry_run_writes_nothing(office: Office, tmp_path: Path, data_dir: Path) -> None:
    job = done(start_import(office["chief"], write(tmp_path, bad=2), dry_run=True))
    assert (job.state, job.rows_bad, job.readings_new) == ("done", 2, 0)
    assert "试运行" in job.message
    assert "60" in job.message
    assert readings().series() == []
    assert not Point.objects.filter(code="A9").exists()
    assert list(Journal(data_dir / "journal").read(0)) == []


def test_same_file_again_changes_nothing(office: Office, tmp_path: Path) -> None:
    done(start_import(office["chief"], write(tmp_path), new_points=True))
    readings().settle(readings().dirty_since(1000))
    again = done(start_import(office["chief"], write(tmp_path, name="另名.csv")))
    assert (again.readings_new, again.readings_unchanged, stored()) == (0, 60, 60)
    assert readings().dirty_since(10) == []


def test_bad_rows_come_back_as_a_file(office: Office, tmp_path: Path) -> None:
    job = done(start_import(office["chief"], write(tmp_path, bad=3), new_points=True))
    assert (job.state, job.rows_bad, job.readings_new) == ("done", 3, 60)
    assert {e["row"] for e in job.errors} == {32, 33, 34}
    assert all(e["column"] and e["got"] and e["expected"] for e in job.errors)
    text = Path(job.errors_file).read_text(encoding="utf-8-sig")
    assert text.count("2026-13-40") >= 3


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02", b"PK\x03\x04 no workbook", "甲,乙\n1,2\n".encode(), HEAD.encode()]
)
def test_file_that_is_none_ends_as_failed_in_words(office: Office, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "坏.csv"
    path.write_bytes(content)
    job = done(start_import(office["chief"], path))
    if content != HEAD.encode():
        assert job.state == "failed"
        assert job.message
    assert job.finished_at is not None
    assert readings().series() == []


def test_killed_worker_s_job_is_taken_up_again(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job cut off and begun again told every bad row twice, in its list and in the file of bad rows."""
    monkeypatch.setattr(running, "SLICE", 10)
    job = start_import(office["chief"], write(tmp_path, rows=20, bad=15), new_points=True)
    seen: list[int] = []

    class Killed(BaseException):
        pass

    def die(now: ImportJob) -> None:
        seen.append(now.rows_done)
        if now.rows_done >= 30:
            raise Killed

    ImportJob.objects.filter(pk=job.pk).update(
        state="running", lease_until=clock.SystemClock().now() + timedelta(minutes=5)
    )
    job.refresh_from_db()
    with pytest.raises(Killed):
        run_job(job, die)
    assert seen == [10, 20, 30]
    assert sweep_lost_jobs() == 0
    assert not run_next_job()
    ImportJob.objects.filter(pk=job.pk).update(lease_until=clock.SystemClock().now() - timedelta(seconds=1))
    assert sweep_lost_jobs() == 1
    job = done(ImportJob.objects.get(pk=job.pk))
    assert (job.state, job.rows_done, job.rows_bad, job.readings_unchanged, stored()) == ("done", 35, 15, 40, 40)
    assert len({e["row"] for e in job.errors}) == 15
    assert len(job.errors) == len({(e["row"], e["column"]) for e in job.errors})
    assert Path(job.errors_file).read_text(encoding="utf-8-sig").count("2026-13-40") >= 15
    lines = Path(job.errors_file).read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == len(set(lines))


def test_import_begun_by_hand_has_a_lease_too(office: Office, tmp_path: Path) -> None:
    """An import by command, killed, stood as "under way" for ever."""
    job = start_import(office["chief"], write(tmp_path), queued=False)
    assert job.lease_until is not None
    ImportJob.objects.filter(pk=job.pk).update(lease_until=clock.SystemClock().now() - timedelta(seconds=1))
    assert sweep_lost_jobs() == 1


def test_jobs_run_in_order_and_once(office: Office, tmp_path: Path) -> None:
    first, second = (
        start_import(office["chief"], write(tmp_path, name=n), new_points=True) for n in ("a.csv", "b.csv")
    )
    assert run_next_job()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("done", "queued")
    assert run_next_job()
    assert not run_next_job()


class TestProfiles:
    MAPPING_FILE = HEAD + "2026-11-01 00:00,A9,城东站,35,60\n"

    def mapping(self, tmp_path: Path) -> dict[str, object]:
        from qingyuan.bureau.monitoring.queries.imports import preview

        path = tmp_path / "p.csv"
        path.write_text(self.MAPPING_FILE, encoding="utf-8")
        return dict(preview(path)["proposal"])

    def test_saved_twice_is_a_new_version(self, office: Office, tmp_path: Path) -> None:
        mapping = self.mapping(tmp_path)
        assert [save_profile(office["chief"], " 本县 ", mapping).version for _ in range(2)] == [1, 2]
        assert [e.verb for e in AuditEntry.objects.all()] == ["import.profile"] * 2

    def test_used_by_name_and_kept_with_its_version(self, office: Office, tmp_path: Path) -> None:
        save_profile(office["chief"], "本县", self.mapping(tmp_path))
        job = done(start_import(office["chief"], write(tmp_path), "本县", new_points=True))
        assert (job.state, job.profile_version, job.readings_new) == ("done", 1, 60)

    def test_unknown_name_lists_the_known(self, office: Office, tmp_path: Path) -> None:
        with pytest.raises(Invalid, match="air-hourly") as caught:
            start_import(office["chief"], write(tmp_path), "没有")
        assert caught.value.field == "profile_name"
        assert not ImportJob.objects.exists()

    def test_mapping_that_makes_no_sense(self, office: Office, tmp_path: Path) -> None:
        with pytest.raises(Invalid):
            save_profile(office["chief"], "坏", self.mapping(tmp_path) | {"time_columns": []})
        assert not ImportProfile.objects.exists()


@pytest.mark.parametrize("who", ["director", "officer", "south", "firm", "security", "audit"])
def test_who_may_not(office: Office, tmp_path: Path, who: str) -> None:
    with pytest.raises(NotAllowed):
        start_import(office[who], write(tmp_path))
    with pytest.raises(NotAllowed):
        save_profile(office[who], "x", {})
    assert not ImportJob.objects.exists()
    assert not AuditEntry.objects.exists()
