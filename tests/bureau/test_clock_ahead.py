"""A clock that was ahead, ours or a device's, stops nothing once it is right again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bureau.office import GAS_MN, Office, put_hours
from intake.frames import frame, local
from moment import NOW
from qingyuan.bureau.base.models import LoopState
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.judging.models import DueDay
from qingyuan.bureau.line.actions.resolver import BureauResolver
from qingyuan.bureau.monitoring.queries.values import freshness
from qingyuan.intake.ingest import Ingester
from qingyuan.intake.journal import Journal, NewRecord, RecordKind
from qingyuan.ops.worker import days_ended
from qingyuan.readings import NewReading, SeriesKey

pytestmark = pytest.mark.django_db


def days() -> set[str]:
    return {day.isoformat() for day in DueDay.objects.values_list("day", flat=True)}


def test_days_end_after_the_clock_was_ten_years_ahead(
    office: Office, clock_at: Callable[[datetime], None], caplog: pytest.LogCaptureFixture
) -> None:
    """The next day end was noted ten years later: no day was evaluated, and nobody was told."""
    put_hours(office.air, "PM10", NOW - timedelta(days=1), [50.0] * 20, unit="ug/m3")
    days_ended()
    LoopState.objects.filter(name="days_until").update(value="2036-11-21")
    with caplog.at_level(logging.WARNING):
        days_ended()
    assert "时钟曾经快到 2036-11-21" in caplog.text
    assert LoopState.objects.get(name="days_until").value == "2026-11-21"
    assert days() >= {"2026-11-20"}
    clock_at(NOW + timedelta(days=1))
    days_ended()
    assert LoopState.objects.get(name="days_until").value == "2026-11-22"
    assert "2026-11-21" in days()


def send(journal: Journal, at: datetime, raw: bytes) -> None:
    journal.append([NewRecord(RecordKind.FRAME, raw, "p", int(at.timestamp() * 1e6))])
    Ingester(journal, readings(), BureauResolver()).step()


def test_a_device_that_was_ahead_can_correct_itself(office: Office, data_dir: Path) -> None:
    """Its request number of next month stood above everything that it sent once its clock was right."""
    journal, begin = Journal(data_dir / "journal"), NOW - timedelta(hours=3)
    ahead = local(NOW + timedelta(days=30)) + "000"
    send(journal, NOW - timedelta(minutes=90), frame("a21002-Avg=99,a21002-Flag=N", at=begin, mn=GAS_MN, qn=ahead))
    right = local(NOW) + "000"
    send(journal, NOW, frame("a21002-Avg=41,a21002-Flag=N", at=begin, mn=GAS_MN, qn=right))
    (series,) = readings().series_of_points(["GAS"])
    assert [r.value for r in readings().window([series.id], 0, 2**40)] == [41.0]


def test_silence_is_seen_behind_a_reading_of_the_future(office: Office, clock_at: Callable[[datetime], None]) -> None:
    start = int((NOW + timedelta(days=20)).timestamp())
    key = SeriesKey("AIR", "PM10", "Avg", "hour")
    readings().append(
        [NewReading(key, start, start + 3600, 50.0, 1, "ug/m3", "N", origin=1, received_at=int(NOW.timestamp()))]
    )
    assert not freshness([office.air])["AIR"].is_silent
    clock_at(NOW + timedelta(days=5))
    assert freshness([office.air])["AIR"].is_silent
