"""Exports: asked for within the scope, made once, taken by who asked, swept; a killed worker loses nothing."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from api.calling import Caller
from bureau.office import Office, put_hours
from moment import NOW
from qingyuan import clock
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.monitoring.actions.exports import (
    MOST_WAITING,
    ask_export,
    path_of,
    run_next_export,
    sweep_lost_exports,
    sweep_old_exports,
)
from qingyuan.bureau.monitoring.models import ExportJob
from qingyuan.readings import StoreFull

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 19, 16, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def filled(office: Office) -> Office:
    put_hours(office.gas, "NOx", START, [30.0, 31.0, 32.0])
    put_hours(office.gas, "SO2", START, [10.0])
    put_hours(office.waste, "CODCr", START, [20.0])
    return office


def ask(office: Office, who: str = "chief", **more: Any) -> ExportJob:
    return ask_export(office[who], more.pop("points", ["GAS"]), START, START + DAY, **more)


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_a_file_in_each_form(filled: Office, form: str) -> None:
    job = ask(filled, form=form)
    assert run_next_export()
    assert not run_next_export()
    job.refresh_from_db()
    assert (job.state, job.rows, job.parts_done) == ("done", 4, job.parts_total)
    assert job.size == path_of(job).stat().st_size > 0
    if form == "csv":
        with path_of(job).open(encoding="utf-8") as file:
            assert [row["value"] for row in csv.DictReader(file)] == ["30.0", "31.0", "32.0", "10.0"]
    if form == "parquet":
        assert pl.read_parquet(path_of(job))["point"].unique().to_list() == ["GAS"]


def test_items_narrow_and_as_of_goes_back(filled: Office) -> None:
    put_hours(filled.gas, "NOx", START, [99.0], origin=50, rank=2)
    late = int((START + HOUR).timestamp())
    assert readings().window([readings().series("GAS/NOx")[0].id], late - 3600, late)[0].value == 99.0
    job = ask(filled, items=["NOx"], as_of=START + 2 * HOUR)
    run_next_export()
    job.refresh_from_db()
    assert job.rows == 2, "the third hour had not been received then"


@pytest.mark.parametrize(
    ("who", "more", "words"),
    [
        ("south", {"points": ["GAS", "WASTE"]}, "WASTE"),
        ("chief", {"points": ["NONE"]}, "NONE"),
        ("chief", {"grain": "week"}, "week"),
        ("chief", {"grain": "day"}, "没有这样的数据"),
        ("chief", {"form": "pdf"}, "pdf"),
        ("chief", {"items": ["O3"]}, "没有这样的数据"),
    ],
)
def test_refused(filled: Office, who: str, more: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        ask(filled, who, **more)
    assert ExportJob.objects.count() == 0


def test_a_span_too_long_and_too_many_at_once(filled: Office) -> None:
    with pytest.raises(Invalid, match="1100 天"):
        ask_export(filled["chief"], ["GAS"], START, START + 1101 * DAY)
    for _ in range(MOST_WAITING):
        ask(filled)
    with pytest.raises(Invalid, match="排队"):
        ask(filled)
    ask(filled, "monitor")


def test_a_killed_worker_leaves_a_job_that_runs_again(filled: Office) -> None:
    job = ask(filled)
    past = clock.SystemClock().now() - HOUR
    ExportJob.objects.filter(pk=job.pk).update(state="running", lease_until=past, parts_done=3)
    assert not run_next_export()
    assert sweep_lost_exports() == 1
    assert run_next_export()
    job.refresh_from_db()
    assert job.state == "done"


def test_a_lease_that_holds_is_left_alone(filled: Office) -> None:
    job = ask(filled)
    ExportJob.objects.filter(pk=job.pk).update(state="running", lease_until=clock.SystemClock().now() + HOUR)
    assert sweep_lost_exports() == 0


def test_a_full_disk_ends_it_in_words(filled: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: Any, **_more: Any) -> int:
        raise StoreFull("exports", "No space left on device")

    job = ask(filled)
    monkeypatch.setattr(type(readings()), "export", full)
    run_next_export()
    job.refresh_from_db()
    assert job.state == "failed"
    assert "No space left" in job.message


def test_swept_after_its_days(filled: Office, clock_at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGYUAN_EXPORTS_KEEP_DAYS", "3")
    job = ask(filled)
    run_next_export()
    clock_at(NOW + 2 * DAY)
    assert sweep_old_exports() == 0
    clock_at(NOW + 3 * DAY)
    assert sweep_old_exports() == 1
    job.refresh_from_db()
    assert job.state == "expired"
    assert not path_of(job).exists()


def test_only_who_asked_sees_and_takes_it(filled: Office) -> None:
    caller = Caller(filled["firm"])
    body = {"points": ["GAS"], "start": "2026-11-20T00:00:00", "end": "2026-11-21T00:00:00"}
    first, again = (caller.post("/exports", body, key="x").json() for _ in range(2))
    assert first["id"] == again["id"]
    assert caller.get(f"/exports/{first['id']}/file").status_code == 404
    run_next_export()
    told = caller.get(f"/exports/{first['id']}").json()
    assert (told["state"], told["percent"], told["rows"]) == ("done", 100, 4)
    content = b"".join(caller.get(f"/exports/{first['id']}/file").streaming_content)
    assert content.count(b"\n") == 5
    other = Caller(filled["chief"])
    for path in (f"/exports/{first['id']}", f"/exports/{first['id']}/file"):
        assert other.get(path).status_code == 404
    assert other.get("/exports").json()["count"] == 0
    assert AuditEntry.objects.filter(verb__in=["export.start", "export.download"]).count() == 2
