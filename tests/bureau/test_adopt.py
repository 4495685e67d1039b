"""Unknown stations: they wait, are adopted, and what they sent meanwhile is not lost."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bureau.office import Office
from intake.frames import frame
from moment import NOW
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.errors import NotAllowed, WrongState
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.line.actions.adopt import adopt, read_adopted_again
from qingyuan.bureau.line.actions.resolver import BureauResolver
from qingyuan.bureau.line.models import Device
from qingyuan.bureau.registers.models import Point
from qingyuan.intake.ingest import Ingester
from qingyuan.intake.journal import Journal, Mark, NewRecord, RecordKind

MN = "C" * 24
pytestmark = pytest.mark.django_db


@pytest.fixture
def journal(data_dir: Path) -> Journal:
    return Journal(data_dir / "journal")


def put(journal: Journal, mn: str = MN, marks: int = 0, hours: int = 3) -> None:
    at = int(NOW.timestamp() * 1e6)
    frames = [frame(at=NOW - timedelta(hours=2 + n), mn=mn) for n in range(hours)]
    journal.append([NewRecord(RecordKind.FRAME, f, "p", at, marks) for f in frames])


def step(journal: Journal, resolver: BureauResolver | None = None) -> None:
    Ingester(journal, readings(), resolver or BureauResolver()).step()


def hours_of(code: str) -> int:
    found = [s.id for s in readings().series_of_points([code])]
    return len(readings().window(found, 0, 2**40))


def test_unknown_station_is_on_the_waiting_list(office: Office, journal: Journal) -> None:
    put(journal)
    step(journal)
    device = Device.objects.get(mn=MN)
    assert (device.state, device.point, device.system_type) == ("waiting", None, "31")
    assert readings().series() == []


def test_adopted_station_gives_what_it_sent(office: Office, journal: Journal) -> None:
    put(journal)
    step(journal)
    assert adopt(office["chief"], Device.objects.get(mn=MN), office.gas) == 3
    assert hours_of("GAS") == 3
    assert not Point.objects.filter(code=MN).exists()
    assert [e.actor_label for e in AuditEntry.objects.filter(verb="device.adopt")] == ["chief"]


def test_without_a_point_one_is_named_after_the_station(office: Office, journal: Journal) -> None:
    put(journal)
    step(journal)
    adopt(office["chief"], Device.objects.get(mn=MN))
    assert Point.objects.get(code=MN).kind == "outlet"
    assert hours_of(MN) == 3


def test_adopting_twice_is_refused(office: Office, journal: Journal) -> None:
    put(journal)
    step(journal)
    adopt(office["chief"], Device.objects.get(mn=MN))
    with pytest.raises(WrongState, match="已在用"):
        adopt(office["chief"], Device.objects.get(mn=MN))


@pytest.mark.parametrize("who", ["officer", "south", "firm", "audit", "security"])
def test_who_may_not_adopt(office: Office, journal: Journal, who: str) -> None:
    put(journal)
    step(journal)
    with pytest.raises(NotAllowed):
        adopt(office[who], Device.objects.get(mn=MN))
    assert Device.objects.get(mn=MN).state == "waiting"
    assert not AuditEntry.objects.exists()


def test_message_right_after_the_adoption_is_stored(office: Office, journal: Journal) -> None:
    """For five seconds after an adoption the worker still put the station's messages aside, for good.

    It asked its memory only; "and on a miss" stood in the docstring alone."""
    put(journal, hours=1)
    resolver = BureauResolver()
    step(journal, resolver)
    adopt(office["chief"], Device.objects.get(mn=MN), office.gas)
    at = int(NOW.timestamp() * 1e6)
    journal.append([NewRecord(RecordKind.FRAME, frame(at=NOW - timedelta(hours=9), mn=MN), "p", at)])
    step(journal, resolver)
    assert hours_of("GAS") == 2


def test_message_in_a_batch_under_way_is_read_again_later(office: Office, journal: Journal) -> None:
    """A batch that was being parsed while the station was adopted left its messages waiting for ever."""
    put(journal)
    step(journal)
    Device.objects.filter(mn=MN).update(state="active", point=office.gas)
    assert hours_of("GAS") == 0
    assert read_adopted_again() == 3
    assert read_adopted_again() == 0
    assert readings().messages(outcome="unknown_station") == []
    assert {(o, n) for _, o, n, _ in readings().tallies(MN)} == {("stored", 3)}


def test_gateway_that_adopts_makes_a_point(office: Office, journal: Journal) -> None:
    put(journal, marks=Mark.ADOPT)
    step(journal)
    assert hours_of(MN) == 3
    assert [e.actor_label for e in AuditEntry.objects.filter(verb="device.adopt")] == ["系统"]


@pytest.mark.parametrize("marks", [0, int(Mark.ADOPT)], ids=["plain", "adopting-gateway"])
def test_retired_station_stays_retired(office: Office, journal: Journal, marks: int) -> None:
    """A retired station speaking through an adopting gateway stopped the intake of everybody.

    The resolver took for granted that an adopted device is in use."""
    Device.objects.create(mn=MN, state="retired", point=office.gas)
    put(journal, marks=marks)
    step(journal)
    assert readings().offset() == journal.end()
    assert Device.objects.get(mn=MN).state == "retired"
    assert {m.outcome for m in readings().messages()} == {"unknown_station"}
    with pytest.raises(WrongState, match="已停用"):
        adopt(office["chief"], Device.objects.get(mn=MN))


def test_name_too_long_for_the_register_stays_in_the_journal(office: Office, journal: Journal) -> None:
    put(journal, mn="D" * 60, marks=Mark.ADOPT)
    step(journal)
    assert readings().offset() == journal.end()
    assert not Device.objects.filter(mn__startswith="DD").exists()
