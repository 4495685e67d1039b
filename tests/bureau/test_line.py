"""The whole line in one process: packets → journal → readings → alert → finding → lead → case → closed → record."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bureau.handling import go
from bureau.office import GAS_MN, Office
from intake.frames import frame
from qingyuan.bureau.alerts.actions.acknowledge import acknowledge
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.audit.actions.seal import seal, verify_chain
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.cases.actions.automatic import leads_from_findings
from qingyuan.bureau.cases.actions.leads import open_case
from qingyuan.bureau.evidence.actions.files import read
from qingyuan.bureau.judging.actions.days import work_off
from qingyuan.bureau.judging.models import Finding
from qingyuan.bureau.line.actions.resolver import BureauResolver
from qingyuan.bureau.loop import decide_findings, step
from qingyuan.bureau.monitoring.queries.values import latest_values, series_values
from qingyuan.bureau.reports.papers.case_record.record import case_record
from qingyuan.intake.ingest import Ingester
from qingyuan.intake.journal import Journal, NewRecord, RecordKind

pytestmark = pytest.mark.django_db
MIDNIGHT = datetime(2026, 11, 19, 16, tzinfo=UTC)  # 20 November in Beijing
NOON_AFTER = MIDNIGHT + timedelta(hours=36)


def send(journal: Journal, at: datetime, *frames: bytes) -> None:
    microseconds = int(at.timestamp() * 1e6)
    journal.append([NewRecord(RecordKind.FRAME, f, "10.0.0.1:4000", microseconds) for f in frames])
    Ingester(journal, readings(), BureauResolver()).step()


@pytest.mark.parametrize("by_minutes", [False, True], ids=["hours-sent", "hours-from-minutes"])
def test_packet_to_record(
    office: Office, data_dir: Path, clock_at: Callable[[datetime], None], by_minutes: bool
) -> None:
    journal = Journal(data_dir / "journal")
    values = [41.0, 43.5, 62.0, 64.5, 44.0]
    for n, value in enumerate(values):
        begin = MIDNIGHT + timedelta(hours=9 + n)
        end = begin + timedelta(hours=1)
        clock_at(end + timedelta(minutes=2))
        if by_minutes:
            sent = [
                frame(f"a21002-Avg={value},a21002-Flag=N", at=begin + timedelta(minutes=10 * m), mn=GAS_MN, cn="2051")
                for m in range(6)
            ]
        else:
            sent = [frame(f"a21002-Avg={value},a21002-Flag=N", at=begin, mn=GAS_MN)]
        send(journal, end + timedelta(minutes=1), *sent, *sent)  # the device repeats itself
        while step().marks:
            pass
        assert Alert.objects.count() == (0 if n < 2 else 1)
    alert = Alert.objects.get()
    assert (alert.started_at, alert.ended_at) == (MIDNIGHT + timedelta(hours=11), MIDNIGHT + timedelta(hours=13))
    assert (alert.peak, alert.threshold, alert.point) == (64.5, 50.0, office.gas)
    acknowledge(office["officer"], alert, "已电话通知企业")
    shown = series_values(office.gas, "NOx", "hour", MIDNIGHT, MIDNIGHT + timedelta(days=1))
    assert [v["value"] for v in shown] == values
    assert latest_values([office.gas])[("GAS", "NOx")]["value"] == 44.0

    clock_at(NOON_AFTER - timedelta(minutes=1))
    work_off()
    assert decide_findings() == []
    clock_at(NOON_AFTER)
    assert len(decide_findings()) == 2
    (lead,) = leads_from_findings()
    assert (lead.must_handle, lead.alert, lead.area) == (True, alert, office.south)
    found = Finding.objects.get(pk=lead.finding_id)
    first = readings().window([s.id for s in readings().series("GAS/NOx/Avg/hour")], 0, 2**40)[2]
    assert found.watermark == first.origin
    record = journal.read_at(first.origin)
    assert record is not None
    assert b"a21002-Avg=62.0" in record.payload, "the figure leads back to the packet"

    case = open_case(office["chief"], lead, "outlet", "有效且未标记的超标，依法立案")
    case = go(
        office, case, "assign", "accept", "report", "order_rectification", "complete_rectification", "submit", "return",
        "submit", "close",
    )  # fmt: skip
    assert (case.state, case.outcome, case.closed_at) == ("closed", "rectified", NOON_AFTER)
    for exhibit in case.exhibits.all():
        read(exhibit.evidence)
    word = case_record(case, office["chief"])
    text = zipfile.ZipFile(io.BytesIO(word)).read("word/document.xml").decode()
    for wanted in (case.number, "点GAS", case.exhibits.all()[0].evidence.sha256[:16], "已整改"):
        assert wanted in text, wanted
    assert seal() > 10
    assert verify_chain() is None
