"""An outlet's hours side by side: values, limits by their dates, oxygen, flow, mass, power, tags; as of a moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bureau.office import GAS_MN, Office, make_point, put_hours, put_limit, second
from bureau.test_line import send
from intake.frames import frame
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.errors import Invalid, NotAllowed
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.line.queries.behind import behind
from qingyuan.bureau.loop import step
from qingyuan.bureau.registers.actions.meters import link_meter, unlink_meter
from qingyuan.bureau.registers.models import Meter, Outlet, Point
from qingyuan.bureau.values.actions.tag_checks import check_tag
from qingyuan.bureau.values.actions.tags import tag
from qingyuan.bureau.values.models import PlannedStop
from qingyuan.bureau.values.queries.aligned import Aligned, Panel, aligned
from qingyuan.bureau.values.queries.aligned_shown import over, payload, table
from qingyuan.bureau.values.queries.hourly_mass import Mass, hourly_mass
from qingyuan.intake.journal import Journal
from qingyuan.readings import NewReading, Rank, SeriesKey

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 19, 16, tzinfo=UTC)  # 20 November, midnight in Beijing
HOUR = timedelta(hours=1)


def look(office: Office, hours: int = 4, point: Point | None = None, **more: Any) -> Aligned:
    return aligned(point or office.gas, START, START + hours * HOUR, **more)


def panel(found: Aligned, key: str) -> Panel:
    return next(p for p in found.panels if p.key == key)


def values(found: Aligned, key: str) -> dict[str, list[float | None]]:
    return {t.kind: t.values for t in panel(found, key).traces}


class TestPanels:
    def test_measured_and_converted_on_the_same_hours(self, office: Office) -> None:
        put_hours(office.gas, "NOx", START, [40.0, None, 60.0])
        put_hours(office.gas, "NOx", START + HOUR, [51.0, 62.0], statistic="ZsAvg", origin=20)
        found = look(office)
        assert found.hours == [START + n * HOUR for n in range(4)]
        assert values(found, "NOx") == {"measured": [40.0, None, 60.0, None], "converted": [None, 51.0, 62.0, None]}
        assert panel(found, "NOx").traces[0].flags == ["", "D", "", ""], "a normal flag is not shown"

    def test_order_is_items_oxygen_flow_mass_power(self, office: Office) -> None:
        put_hours(office.gas, "NOx", START, [40.0])
        put_hours(office.gas, "O2", START, [6.0], unit="%", origin=10)
        put_hours(office.gas, "flue_flow", START, [10.0], unit="m3/s", origin=20)
        meter = make_point("PM", "meter", office.south, office.firm)
        link_meter(office["monitor"], meter, office.gas_outlet, "treatment")
        put_hours(meter, "d30101", START, [88.0], unit="kW", origin=30)
        assert [p.key for p in look(office).panels] == ["NOx", "O2", "flue_flow", "mass:NOx", "power"]
        assert values(look(office), "power") == {"treatment": [88.0, None, None, None]}

    def test_nothing_received(self, office: Office) -> None:
        found = look(office)
        assert found.is_empty
        assert table(found) == []
        assert payload(found)["panels"][0]["traces"] == []

    @pytest.mark.parametrize("hours", [0, -5, 63 * 24])
    def test_window_that_makes_no_sense(self, office: Office, hours: int) -> None:
        with pytest.raises(Invalid):
            look(office, hours)

    def test_a_point_that_is_no_outlet(self, office: Office) -> None:
        with pytest.raises(Invalid, match="不是排放口"):
            look(office, point=office.air)


class TestMass:
    def test_flue_gas(self) -> None:
        """HJ 212-2017, appendix D: 100 mg/m3 in 10 m3/s is 3.6 kg/h."""
        found = hourly_mass([100.0, None, 5.0], [10.0, 10.0, None], Mass("mg/m3", "m3/s", "gas"))
        assert found == [pytest.approx(3.6), None, None]

    def test_waste_water(self) -> None:
        """30 mg/L in 20 L/s, that is 72 m3/h, is 2.16 kg/h; no flow, no mass."""
        found = hourly_mass([30.0, 30.0], [20.0, 0.0], Mass("mg/L", "L/s", "water"))
        assert found == [pytest.approx(2.16), 0.0]

    @pytest.mark.parametrize(("unit", "flow"), [("1", "m3/h"), ("mg/m3", "kW"), ("", "m3/h"), ("mg/L", "m3/s")])
    def test_units_of_something_else(self, unit: str, flow: str) -> None:
        assert hourly_mass([1.0], [1.0], Mass(unit, flow, "gas")) == [None]

    def test_given_by_the_device_and_computed_stand_side_by_side(self, office: Office) -> None:
        put_hours(office.gas, "NOx", START, [100.0, 100.0])
        put_hours(office.gas, "flue_flow", START, [10.0, 10.0], unit="m3/s", origin=20)
        only_computed = panel(look(office), "mass:NOx")
        assert {t.kind: t.values[:2] for t in only_computed.traces} == {"computed": pytest.approx([3.6, 3.6])}
        assert only_computed.note
        put_hours(office.gas, "NOx", START, [3.5, 3.4], statistic="Cou", origin=40)
        both = panel(look(office), "mass:NOx")
        assert {t.kind: t.values[:2] for t in both.traces} == {
            "given": [3.5, 3.4],
            "computed": pytest.approx([3.6, 3.6]),
        }
        assert both.note == ""


class TestLimits:
    def test_step_by_its_dates(self, office: Office) -> None:
        old = office.gas_outlet.limits.get()
        old.valid_to = date(2026, 11, 21)
        old.save()
        put_limit(office.gas_outlet, "NOx", 30, "hour", "mg/m3", valid_from=date(2026, 11, 21))
        put_hours(office.gas, "NOx", START, [40.0] * 30)
        found = look(office, 30)
        change = START + 24 * HOUR
        steps = [(s.start, s.end, s.upper) for s in panel(found, "NOx").steps]
        assert steps == [(START, change, 50.0), (change, START + 30 * HOUR, 30.0)]
        line = panel(found, "NOx").traces[0]
        above = [over(panel(found, "NOx"), line, h, 40.0) for h in found.hours]
        assert above == [False] * 24 + [True] * 6

    def test_a_newer_row_ends_the_older_one(self, office: Office) -> None:
        put_limit(office.gas_outlet, "NOx", 30, "hour", "mg/m3", valid_from=date(2026, 11, 21))
        steps = [(s.end, s.upper) for s in panel(look(office, 30), "NOx").steps]
        assert steps == [(START + 24 * HOUR, 50.0), (START + 30 * HOUR, 30.0)]

    @pytest.mark.parametrize(("value", "expected"), [(50.0, False), (50.1, True), (None, False)])
    def test_equality_is_not_above(self, office: Office, value: float | None, expected: bool) -> None:
        put_hours(office.gas, "NOx", START, [value])
        found = panel(look(office), "NOx")
        assert over(found, found.traces[0], START, value) is expected

    def test_a_limit_on_the_converted_value_says_nothing_of_the_measured(self, office: Office) -> None:
        office.gas_outlet.limits.update(statistic="ZsAvg")
        put_hours(office.gas, "NOx", START, [90.0])
        put_hours(office.gas, "NOx", START, [40.0], statistic="ZsAvg", origin=9)
        found = panel(look(office), "NOx")
        assert [over(found, t, START, t.values[0]) for t in found.traces] == [False, False]
        assert found.note == "限值对折算值"


class TestBands:
    def test_tags_with_their_check_and_stops(self, office: Office) -> None:
        first = tag(office["firm"], office.gas_outlet, "维护", START, START + HOUR)
        tag(office["firm"], office.gas_outlet, "故障", START + HOUR, START + 2 * HOUR, "NOx")
        check_tag(office["chief"], first, "refused", "不符")
        PlannedStop.objects.create(point=office.gas, start=START, end=START + 9 * HOUR, reason="检修")
        found = [(b.kind, b.word, b.item, b.state, b.counts) for b in look(office).bands]
        assert found == [
            ("tag", "维护", "", "refused", False), ("tag", "故障", "NOx", "unchecked", True), ("stop", "检修", "", "", True),
        ]  # fmt: skip
        shown = payload(look(office))["bands"]
        assert shown[1]["words"] == "故障 NOₓ（未核查）"
        assert shown[2]["end"] == "2026-11-20 04:00", "cut to the window"


class TestAsOf:
    def test_by_what_was_received_tagged_and_checked_then(self, office: Office, clock_at: Callable[..., None]) -> None:
        clock_at(START + 2 * HOUR)
        row = tag(office["firm"], office.gas_outlet, "维护", START, START + HOUR)
        put_hours(office.gas, "NOx", START, [40.0])
        before = START + 3 * HOUR
        clock_at(START + 5 * HOUR)
        check_tag(office["chief"], row, "refused", "不符")
        received = second(START + 5 * HOUR)
        key = SeriesKey("GAS", "NOx", "Avg", "hour")
        again = NewReading(key, second(START), second(START) + 3600, 55.0, 1, "mg/m3", "N", stamp=9, origin=9,
                           received_at=received)  # fmt: skip
        readings().append([again])
        now, then = look(office), look(office, as_of=before)
        assert (values(now, "NOx")["measured"][0], values(then, "NOx")["measured"][0]) == (55.0, 40.0)
        assert (panel(now, "NOx").traces[0].revised[0], panel(then, "NOx").traces[0].revised[0]) == (True, False)
        assert [(b.state, b.counts) for b in now.bands] == [("refused", False)]
        assert [(b.state, b.counts) for b in then.bands] == [("unchecked", True)]
        assert look(office, as_of=START + HOUR).bands == []


class TestRevised:
    def test_what_was_worked_out_before_the_device_spoke_is_no_revision(self, office: Office) -> None:
        """Every hour of a device that sends minutes first was ringed as revised."""
        put_hours(office.gas, "NOx", START, [40.2, 41.0], rank=Rank.DERIVED)
        put_hours(office.gas, "NOx", START, [40.0, 41.0], origin=9)
        assert panel(look(office), "NOx").traces[0].revised == [False] * 4

    def test_two_reports_that_differ(self, office: Office) -> None:
        put_hours(office.gas, "NOx", START, [40.0, 41.0])
        put_hours(office.gas, "NOx", START, [40.0, 55.0], origin=9)
        assert panel(look(office), "NOx").traces[0].revised == [False, True, False, False]


class TestBehind:
    def test_every_revision_the_minutes_and_the_packet(
        self, office: Office, data_dir: Path, clock_at: Callable[..., None]
    ) -> None:
        journal = Journal(data_dir / "journal")
        clock_at(START + 2 * HOUR)
        minutes = [
            frame(
                f"a21002-Avg={40 + m}.0,a21002-Flag=N", at=START + 10 * m * timedelta(minutes=1), mn=GAS_MN, cn="2051"
            )
            for m in range(6)
        ]
        send(journal, START + HOUR, *minutes)
        step()
        send(journal, START + HOUR, frame("a21002-Avg=47.5,a21002-Flag=N", at=START, mn=GAS_MN))
        send(
            journal,
            START + 2 * HOUR,
            frame("a21002-Avg=61.5,a21002-Flag=D", at=START, mn=GAS_MN, qn="20261120020000001"),
        )
        journal.close()
        step()
        found = behind(office.gas, "NOx", START)
        assert [(r.value, r.flag, r.stands) for r in found.revisions if r.statistic == "Avg"][-1] == (61.5, "D", True)
        assert {r.is_derived for r in found.revisions} == {True, False}, "the hour worked out from minutes is there too"
        assert (47.5, False) in [(r.value, r.stands) for r in found.revisions]
        assert [m.value for m in found.minutes] == [40.0, 41.0, 42.0, 43.0, 44.0, 45.0]
        assert found.packet is not None
        assert "a21002-Avg=61.5" in found.packet.raw
        assert "PW=123456" not in found.packet.raw
        before = behind(office.gas, "NOx", START, START + HOUR)
        assert [r.value for r in before.revisions if r.stands] == [47.5]

    def test_a_packet_of_another_station_is_not_shown(self, office: Office, data_dir: Path) -> None:
        """A reading without a packet bore the journal position of someone else's."""
        journal = Journal(data_dir / "journal")
        send(journal, START + HOUR, frame("w01018-Avg=47.5,w01018-Flag=N", at=START, mn="B" * 23 + "2", st="32"))
        journal.close()
        put_hours(office.gas, "NOx", START, [40.0], origin=0)
        assert behind(office.waste, "CODCr", START).packet is not None
        assert behind(office.gas, "NOx", START).packet is None


class TestMeters:
    def test_linked_moved_and_taken_away(self, office: Office) -> None:
        meter = make_point("PM", "meter", office.south, office.firm)
        link_meter(office["chief"], meter, office.gas_outlet, "treatment")
        link_meter(office["chief"], meter, office.gas_outlet, "production")
        assert Meter.objects.get().unit == "production"
        unlink_meter(office["chief"], meter)
        assert not Meter.objects.exists()
        verbs = AuditEntry.objects.filter(verb__startswith="meter.").values_list("verb", flat=True)
        assert sorted(verbs) == ["meter.link", "meter.link", "meter.unlink"]

    @pytest.mark.parametrize(
        ("code", "owner", "unit"), [("AIR", None, "treatment"), ("PM", "other", "treatment"), ("PM", "own", "lamp")]
    )
    def test_what_makes_no_sense(self, office: Office, code: str, owner: str | None, unit: str) -> None:
        make_point("PM", "meter", office.south, office.firm if owner == "own" else office.other_firm)
        with pytest.raises(Invalid):
            link_meter(office["chief"], Point.objects.get(code=code), office.gas_outlet, unit)

    def test_who_may(self, office: Office) -> None:
        meter = make_point("PM", "meter", office.south, office.firm)
        for who in set(office.users) - {"chief", "monitor", "system"}:
            with pytest.raises(NotAllowed):
                link_meter(office[who], meter, Outlet.objects.get(point=office.gas), "treatment")
