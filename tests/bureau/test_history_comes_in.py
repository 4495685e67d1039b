"""A history is brought in: nobody is warned of it, no station is late by it, and what is of today does not wait for it.

Tried before: 1,400 stations of a list were expected each hour for ever, and half a million old hours stood before a
new one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bureau.office import Office, second
from moment import NOW
from qingyuan.bureau import loop
from qingyuan.bureau.alerts.actions.silence import sweep_silence
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.base.errors import Invalid, NotAllowed
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.cases.actions.automatic import leads_from_findings, leads_from_lasting_alerts
from qingyuan.bureau.judging.actions.days import work_off
from qingyuan.bureau.judging.models import DueDay, Evaluation
from qingyuan.bureau.judging.queries.waiting import waiting_to_be_judged
from qingyuan.bureau.line.actions.devices_file import import_devices
from qingyuan.bureau.line.actions.resolver import adopt_device
from qingyuan.bureau.monitoring.queries.arrival_states import arrival_state
from qingyuan.bureau.monitoring.queries.arrivals import arrivals
from qingyuan.bureau.monitoring.queries.values import freshness
from qingyuan.bureau.registers.actions.points_file import import_points, register_point
from qingyuan.bureau.registers.models import Point, RosterEntry
from qingyuan.readings import NewReading, SeriesKey

pytestmark = pytest.mark.django_db
OLD = datetime(2019, 3, 1, tzinfo=UTC)
HOUR = datetime(2026, 11, 20, 22, tzinfo=UTC)


def put(begin: datetime, count: int, value: float = 400.0, point: str = "AIR", item: str = "PM2_5") -> None:
    """Hours of a station that came in just now, all of them far over the threshold."""
    start, now = second(begin), second(NOW)
    key = SeriesKey(point, item, "Avg", "hour")
    readings().append(
        [NewReading(key, start + n * 3600, start + (n + 1) * 3600, value, 0, "ug/m3", origin=1, received_at=now)
         for n in range(count)]
    )  # fmt: skip


def written(folder: Path, text: str, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


class TestNobodyIsWarned:
    def test_no_alert_no_lead_no_silence_of_a_history(self, office: Office) -> None:
        put(OLD, 48)
        assert loop.step().opened == []
        assert Evaluation.objects.filter(kind="air_hour", verdict="fail").count() == 48
        assert sweep_silence() == []
        leads_from_findings(), leads_from_lasting_alerts()
        assert not Alert.objects.exists()

    def test_an_hour_of_today_among_them_warns(self, office: Office) -> None:
        put(OLD, 3)
        put(HOUR, 1)
        opened = loop.step().opened
        assert [(a.rule, a.started_at) for a in opened] == [("aqi", HOUR)]

    def test_a_station_with_a_plan_is_no_silent_one_by_an_old_file(self, office: Office) -> None:
        assert office.air.expected_minutes == 60
        put(OLD, 3)
        fresh = freshness([office.air])["AIR"]
        assert (fresh.is_history, fresh.is_silent, arrival_state(fresh, NOW)) == (True, False, "history")
        (arrival,) = arrivals([office.air])
        assert (arrival.state, arrival.silent_series) == ("history", [])

    def test_one_that_fell_silent_before_is_silent_still(self, office: Office) -> None:
        begin = second(NOW - timedelta(days=90))
        key = SeriesKey("AIR", "PM2_5", "Avg", "hour")
        readings().append([NewReading(key, begin, begin + 3600, 20, 0, "ug/m3", origin=1, received_at=begin + 3700)])
        put(OLD, 3)
        fresh = freshness([office.air])["AIR"]
        assert (fresh.is_history, fresh.is_silent) == (False, True)


class TestWhoIsExpected:
    def test_a_list_gives_no_plan_unless_it_says_one(self, office: Office, tmp_path: Path) -> None:
        text = "点位编码,点位名称,点位类别,应到间隔（分钟）\nL1,甲,空气站,\nL2,乙,空气站,240\nL3,丙,空气站,often\n"
        report = import_points(office["chief"], written(tmp_path, text))
        assert [(e["column"], e["got"]) for e in report.errors] == [("应到间隔", "often")]
        found = dict(Point.objects.filter(code__startswith="L").values_list("code", "expected_minutes"))
        assert found == {"L1": None, "L2": 240}
        import_points(office["chief"], written(tmp_path, "点位编码,点位名称,点位类别\nL2,乙,空气站\n"))
        assert Point.objects.get(code="L2").expected_minutes == 240  # what the list leaves open stays

    @pytest.mark.parametrize(("said", "plan"), [("", 60), ("120", 120)])
    def test_a_device_brings_it(self, office: Office, tmp_path: Path, said: str, plan: int) -> None:
        Point.objects.create(code="L1", name="甲", kind="air")
        rows = f"MN,ST,点位编号,因子编码,应到间隔\n{'C' * 24},22,L1,a34004,{said}\n"
        assert import_devices(office["chief"], written(tmp_path, rows)).errors == []
        assert Point.objects.get(code="L1").expected_minutes == plan
        again = f"MN,ST,点位编号,因子编码\n{'C' * 24},22,L1,a34004\n"
        import_devices(office["chief"], written(tmp_path, again))
        assert Point.objects.get(code="L1").expected_minutes == plan

    def test_one_that_is_adopted_too(self, office: Office) -> None:
        device = adopt_device(None, "D" * 24, "22", NOW)
        assert device.point is not None
        assert device.point.expected_minutes == 60

    @pytest.mark.parametrize("said", ["0", "-5", "50000", "sixty"])
    def test_a_plan_that_cannot_be_is_refused(self, office: Office, tmp_path: Path, said: str) -> None:
        rows = f"MN,ST,点位编号,因子编码,应到间隔\n{'C' * 24},22,L1,a34004,{said}\n"
        assert import_devices(office["chief"], written(tmp_path, rows)).errors
        assert not Point.objects.filter(code="L1").exists()


class TestThePresentGoesFirst:
    def test_an_hour_of_today_is_judged_in_the_next_turn(self, office: Office) -> None:
        put(OLD, 500)
        put(HOUR, 1, value=90)
        assert loop.step(limit=100).marks == 1
        assert Evaluation.objects.filter(kind="air_hour").values_list("start", flat=True).get() == HOUR
        turn = loop.step(limit=100)
        assert (turn.marks, turn.is_full) == (100, True)
        assert waiting_to_be_judged().hours == 400

    def test_and_its_day_before_the_days_of_the_history(self, office: Office) -> None:
        put(OLD, 72)
        put(HOUR - timedelta(days=1), 1, value=90)
        loop.step()
        recent = loop.beijing_date(NOW - loop.PRESENT)
        assert work_off(since=recent) == 1
        assert DueDay.objects.count() == 4  # 1 March begins at 08:00 in Beijing
        assert work_off() == 4


class TestOnePointByHand:
    def test_as_a_row_of_the_list(self, office: Office) -> None:
        row = {"code": "H1", "name": "手填站", "kind": "空气站", "area": "N", "lon": "119.1", "lat": "33.3",
               "roster": "county_air", "roster_from": "2026-01-01"}  # fmt: skip
        point = register_point(office["chief"], row)
        assert (point.area, point.expected_minutes, point.station.kind) == (office.north, None, "standard")
        assert RosterEntry.objects.get(point=point).roster == "county_air"
        with pytest.raises(Invalid, match="已登记"):
            register_point(office["chief"], row)

    @pytest.mark.parametrize(
        ("field", "text"), [("lon", "0"), ("kind", "温室"), ("roster_from", "soon"), ("expected_minutes", "x")]
    )
    def test_a_wrong_cell_is_told_beside_its_field(self, office: Office, field: str, text: str) -> None:
        row = {
            "code": "H1",
            "name": "手填站",
            "kind": "空气站",
            "lon": "119.1",
            "lat": "0" if field == "lon" else "33.3",
        }
        with pytest.raises(Invalid) as refused:
            register_point(office["chief"], row | {field: text})
        assert refused.value.field == field
        assert not Point.objects.filter(code="H1").exists()

    @pytest.mark.parametrize("who", ["director", "officer", "south", "firm", "operator", "security", "audit"])
    def test_who_may_not(self, office: Office, who: str) -> None:
        with pytest.raises(NotAllowed):
            register_point(office[who], {"code": "H1", "name": "手填站", "kind": "空气站"})
