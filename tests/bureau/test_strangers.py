"""Strangers do not starve the intake: invented stations, codes and names cost little and become no names of ours."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bureau.office import GAS_MN, Office
from intake.frames import frame
from moment import NOW
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.judging.models import Evaluation
from qingyuan.bureau.line.actions.adopt import read_adopted_again
from qingyuan.bureau.line.actions.resolver import BureauResolver
from qingyuan.bureau.line.models import Device, DeviceCount
from qingyuan.bureau.loop import step
from qingyuan.bureau.monitoring.queries.device_doubts import doubts_of
from qingyuan.bureau.registers.models import Point
from qingyuan.hj212 import crc16
from qingyuan.intake.ingest import Ingester
from qingyuan.intake.journal import Journal, Mark, NewRecord, RecordKind

pytestmark = pytest.mark.django_db
HOUR_AGO = NOW - timedelta(hours=2, minutes=30)


@pytest.fixture
def journal(data_dir: Path) -> Journal:
    return Journal(data_dir / "journal")


def put(journal: Journal, *raws: bytes, marks: int = 0) -> None:
    at = int(NOW.timestamp() * 1e6)
    journal.append([NewRecord(RecordKind.FRAME, raw, "10.9.9.9:1", at, marks) for raw in raws])


def strangers(count: int) -> list[bytes]:
    return [frame("a21002-Avg=10.5,a21002-Flag=N", at=HOUR_AGO, mn=f"STRANGER{n:08d}") for n in range(count)]


def raw_frame(mn: str, cp: str, *, st: str = "31", cn: str = "2061") -> bytes:
    body = f"QN=20261121080000123;ST={st};CN={cn};PW=123456;MN={mn};Flag=5;CP=&&DataTime=20261121060000;{cp}&&".encode()
    return b"##%04d%s%04X\r\n" % (len(body), body, crc16(body))


def test_a_flood_of_invented_stations_asks_the_database_little(office: Office, journal: Journal) -> None:
    """30,000 of them delayed a real reading by 89 s: four questions and a commit for each."""
    put(journal, *strangers(2000), frame("a21002-Avg=99.5,a21002-Flag=N", at=HOUR_AGO, mn=GAS_MN))
    ingester = Ingester(journal, readings(), BureauResolver())
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert ingester.step(5000).records == 2001
    assert len(asked) < 100
    assert Device.objects.filter(state=Device.State.WAITING).count() == 1000
    step()
    assert Evaluation.objects.filter(point=office.gas, verdict="fail").count() == 1


def test_the_flood_is_counted_and_what_it_said_is_kept(office: Office, journal: Journal) -> None:
    put(journal, *strangers(1200))
    Ingester(journal, readings(), BureauResolver()).step(5000)
    assert DeviceCount.objects.get(mn="", kind="waiting_full").count == 200
    assert len(readings().messages(outcome="unknown_station", limit=5000)) == 1200


def test_adoption_is_no_way_to_hold_up_others(
    office: Office, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With automatic adoption each invented name made a device, a point and an audit line before the next was read.

    Time stands still: on a slow machine more may be adopted, since more time passes.
    """
    monkeypatch.setattr("qingyuan.bureau.line.actions.resolver.time.monotonic", lambda: 1000.0)
    put(journal, *strangers(600), frame("a21002-Avg=99.5,a21002-Flag=N", at=HOUR_AGO, mn=GAS_MN), marks=Mark.ADOPT)
    resolver = BureauResolver()
    Ingester(journal, readings(), resolver).step(5000)
    adopted = Device.objects.filter(state=Device.State.ACTIVE, mn__startswith="STRANGER").count()
    assert adopted == 200
    assert readings().messages(station=GAS_MN)[0].outcome == "stored"


def test_who_came_too_fast_is_adopted_a_little_later_and_loses_nothing(
    office: Office, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(journal, *strangers(230), marks=Mark.ADOPT)
    resolver = BureauResolver()
    begun = time.monotonic()
    Ingester(journal, readings(), resolver).step(5000)
    monkeypatch.setattr(time, "monotonic", lambda: begun + 60)
    resolver.adopt_later()
    assert Device.objects.filter(state=Device.State.ACTIVE, mn__startswith="STRANGER").count() == 230
    read_adopted_again()
    points = list(Point.objects.filter(code__startswith="STRANGER").values_list("code", flat=True))
    assert len(readings().series_of_points(points)) == 230


def test_a_device_has_only_so_many_series(
    office: Office, journal: Journal, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device that invents codes without end made a series of each."""
    monkeypatch.setenv("QINGYUAN_GATEWAY_MAX_SERIES", "30")
    sent = [raw_frame(GAS_MN, ";".join(f"X{n}{m}-Avg=1" for m in range(20))) for n in range(10, 20)]
    put(journal, *sent, frame("a21002-Avg=12.5;a21026-Avg=3", at=HOUR_AGO, mn=GAS_MN))
    for _ in range(2):
        Ingester(journal, readings(), BureauResolver()).step(6)
    items = {s.key.item for s in readings().series_of_points(["GAS"])}
    assert {"NOx", "SO2"} <= items, "what the tables know is never refused"
    assert len(items) <= 32
    assert DeviceCount.objects.get(mn=GAS_MN, kind="series_full").count == 170
    assert "series_full" in {d.kind for d in doubts_of(Device.objects.get(mn=GAS_MN))}


@pytest.mark.parametrize(
    "cp",
    ["a2\x00-Avg=1", "a\x1b[2J-Avg=1", "a/b-Avg=1", "a21002-A\x07vg=1", f"{'x' * 60}-Avg=1", "\u202ea21002-Avg=1", "a b-Avg=1"],
)  # fmt: skip
def test_codes_with_control_characters_become_no_names(office: Office, journal: Journal, cp: str) -> None:
    put(journal, raw_frame(GAS_MN, f"{cp};a21026-Avg=3"))
    Ingester(journal, readings(), BureauResolver()).step()
    assert {(s.key.item, s.key.statistic) for s in readings().series_of_points(["GAS"])} == {("SO2", "Avg")}
    assert DeviceCount.objects.filter(mn=GAS_MN, kind="bad_name").exists()


@pytest.mark.parametrize("mn", ["A\x00B", "A\x1b[31mB", "A/../B", "x" * 41, "\u202eABC", "甲厂"])
@pytest.mark.parametrize("marks", [0, Mark.ADOPT])
def test_stations_with_control_characters_become_no_names(
    office: Office, journal: Journal, mn: str, marks: int
) -> None:
    before = Device.objects.count(), Point.objects.count()
    put(journal, raw_frame(mn, "a21002-Avg=1", st="3\x00", cn="2061"), marks=marks)
    Ingester(journal, readings(), BureauResolver()).step()
    assert (Device.objects.count(), Point.objects.count()) == before
    (kept,) = readings().messages(limit=10)
    assert kept.station == ""


def test_odd_flags_and_commands_are_kept_readable(office: Office, journal: Journal) -> None:
    put(journal, raw_frame(GAS_MN, "a21002-Avg=1,a21002-Flag=\x00N"), raw_frame(GAS_MN, "a21002-Avg=1", cn="20\x0061"))
    Ingester(journal, readings(), BureauResolver()).step()
    assert {r.flag for s in readings().series_of_points(["GAS"]) for r in readings().window([s.id], 0, 2**40)} == {"?"}
    assert all(m.command.isprintable() for m in readings().messages(limit=10))
