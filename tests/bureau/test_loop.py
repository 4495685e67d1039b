"""The loop over what changed: minutes to hours, hours to days, every kind of point judged, nothing stops it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bureau.office import Office, put_hours, put_limit, second
from moment import NOW
from qingyuan.bureau.alerts.actions.silence import sweep_silence
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.cases.actions.automatic import leads_from_lasting_alerts
from qingyuan.bureau.cases.models import Lead
from qingyuan.bureau.judging.actions.days import work_off
from qingyuan.bureau.judging.models import DueDay, Evaluation
from qingyuan.bureau.loop import note_day_ended, step
from qingyuan.bureau.monitoring.queries.values import freshness
from qingyuan.bureau.registers.models import Point, SectionTarget
from qingyuan.bureau.values.actions.rollups import sweep_hours
from qingyuan.bureau.values.models import Limit, PlannedStop
from qingyuan.readings import NewReading, Rank, Reading, SeriesKey

pytestmark = pytest.mark.django_db
HOUR = datetime(2026, 11, 20, 22, tzinfo=UTC)  # 06:00 in Beijing, two and a half hours ago
YESTERDAY = datetime(2026, 11, 19, 16, tzinfo=UTC)  # 20 November, midnight in Beijing


def put_minutes(
    values: list[float | None],
    begin: datetime = HOUR,
    *,
    minutes: int = 10,
    item: str = "NOx",
    flag: str = "N",
    origin: int = 1,
    statistic: str = "Avg",
    first: int = 0,
) -> None:
    rows = []
    for n, value in enumerate(values, start=first):
        start = second(begin) + n * minutes * 60
        rows.append(
            NewReading(
                SeriesKey("GAS", item, statistic, "minute"), start, start + minutes * 60, value, 1, "mg/m3", flag,
                origin=origin + n, received_at=start + 700,
            )
        )  # fmt: skip
    readings().append(rows)


def value_of(
    code: str, item: str, grain: str, begin: datetime, statistic: str = "Avg", as_of: int | None = None
) -> Reading | None:
    key = SeriesKey(code, item, statistic, grain)
    found = readings().series_of([key]).get(key)
    rows = readings().window([found.id], second(begin), second(begin) + 1, as_of=as_of) if found else []
    return rows[0] if rows else None


class TestHours:
    def test_complete_hour(self, office: Office) -> None:
        put_minutes([40.0, 41.0, 42.0, 43.0, 44.0, 45.0])
        assert step().derived == 1
        hour = value_of("GAS", "NOx", "hour", HOUR)
        assert hour is not None
        assert (hour.value, hour.capture, hour.flag, hour.rank, hour.origin) == (42.5, 1.0, "", Rank.DERIVED, 6)

    def test_derived_hour_is_judged(self, office: Office) -> None:
        put_minutes([60.0] * 6)
        step()
        assert [a.subject for a in step().opened] == ["GAS:NOx"]

    @pytest.mark.parametrize(
        ("count", "capture", "flag"), [(5, 5 / 6, ""), (4, 4 / 6, "D"), (1, 1 / 6, "D")], ids=["enough", "less", "one"]
    )
    def test_capture_of_an_incomplete_hour(self, office: Office, count: int, capture: float, flag: str) -> None:
        put_minutes([40.0] * count)
        step()
        hour = value_of("GAS", "NOx", "hour", HOUR)
        assert hour is not None
        assert (hour.value, hour.capture, hour.flag) == (40.0, pytest.approx(capture), flag)

    def test_invalid_minutes_do_not_count_and_give_their_flag(self, office: Office) -> None:
        put_minutes([40.0] * 2)
        put_minutes([900.0] * 4, flag="C", first=2)
        step()
        hour = value_of("GAS", "NOx", "hour", HOUR)
        assert hour is not None
        assert (hour.value, hour.capture, hour.flag) == (40.0, pytest.approx(1 / 3), "C")

    def test_hour_in_progress_waits(self, office: Office, clock_at: Callable[..., None]) -> None:
        clock_at(HOUR + timedelta(minutes=50))
        put_minutes([40.0] * 5)
        assert step().derived == 0
        clock_at(HOUR + timedelta(minutes=65))
        assert sweep_hours() == 0
        clock_at(HOUR + timedelta(minutes=70))
        assert sweep_hours() == 1
        assert sweep_hours() == 0

    def test_hour_left_incomplete_before_a_long_pause(self, office: Office, clock_at: Callable[..., None]) -> None:
        """An hour cut short by a stop of the whole system over night was never worked out.

        Its mark was settled while it was in progress, and the sweep looked three hours back only."""
        clock_at(HOUR + timedelta(minutes=50))
        put_minutes([60.0] * 5)
        assert step().derived == 0
        assert sweep_hours() == 0
        clock_at(HOUR + timedelta(hours=11))
        assert sweep_hours() == 1
        assert [a.subject for a in step().opened] == ["GAS:NOx"]
        assert sweep_hours() == 0

    def test_last_minute_in_completes_it_at_once(self, office: Office, clock_at: Callable[..., None]) -> None:
        clock_at(HOUR + timedelta(minutes=61))
        put_minutes([40.0] * 5)
        assert step().derived == 0
        put_minutes([46.0], first=5)
        assert step().derived == 1

    def test_what_the_device_reported_stays(self, office: Office) -> None:
        put_hours(office.gas, "NOx", HOUR, [44.0])
        put_minutes([10.0] * 6, origin=50)
        assert step().derived == 0
        hour = value_of("GAS", "NOx", "hour", HOUR)
        assert hour is not None
        assert hour.value == 44.0

    def test_report_after_the_derivation_wins(self, office: Office) -> None:
        put_minutes([10.0] * 6, origin=50)
        step()
        put_hours(office.gas, "NOx", HOUR, [44.0], origin=2)
        hour = value_of("GAS", "NOx", "hour", HOUR)
        assert hour is not None
        assert (hour.value, hour.revisions) == (44.0, 2)

    def test_older_minutes_read_again_change_the_hour(self, office: Office) -> None:
        """Minutes of an adopted station, replayed with small origins, did not change the hour already derived."""
        put_minutes([40.0] * 3, origin=100, first=3)
        step()
        put_minutes([10.0] * 3, origin=1)
        step()
        hour = value_of("GAS", "NOx", "hour", HOUR)
        assert hour is not None
        assert (hour.value, hour.capture) == (25.0, 1.0)

    def test_amounts_are_added_up(self, office: Office) -> None:
        put_minutes([1.5] * 6, statistic="Cou")
        step()
        hour = value_of("GAS", "NOx", "hour", HOUR, "Cou")
        assert hour is not None
        assert hour.value == 9.0


class TestDays:
    def test_due_when_late_data_touches_a_past_day(self, office: Office) -> None:
        put_hours(office.waste, "CODCr", YESTERDAY, [50.0])
        put_hours(office.gas, "NOx", HOUR, [40.0])
        step()
        assert list(DueDay.objects.values_list("point__code", "day")) == [("WASTE", date(2026, 11, 20))]

    def test_mean_with_capture(self, office: Office) -> None:
        put_hours(office.waste, "CODCr", YESTERDAY, [float(n) for n in range(18)], unit="mg/L")
        step()
        assert work_off() == 1
        day = value_of("WASTE", "CODCr", "day", YESTERDAY)
        assert day is not None
        assert (day.value, day.capture, day.flag, day.end - day.start) == (8.5, 0.75, "", 86400)
        assert not DueDay.objects.exists()

    def test_too_few_hours_are_flagged(self, office: Office) -> None:
        put_hours(office.waste, "CODCr", YESTERDAY, [50.0] * 17, unit="mg/L")
        step()
        work_off()
        day = value_of("WASTE", "CODCr", "day", YESTERDAY)
        assert day is not None
        assert day.flag == "D"

    def test_late_hour_gives_a_new_revision(self, office: Office) -> None:
        put_hours(office.waste, "CODCr", YESTERDAY, [50.0] * 23, unit="mg/L", origin=100)
        step()
        work_off()
        put_hours(office.waste, "CODCr", YESTERDAY + timedelta(hours=23), [74.0], unit="mg/L", origin=1)
        step()
        work_off()
        day = value_of("WASTE", "CODCr", "day", YESTERDAY)
        assert day is not None
        assert (day.value, day.capture, day.revisions) == (51.0, 1.0, 2)

    def test_air_day_with_index(self, office: Office) -> None:
        for item, value in (("PM2_5", 40.0), ("PM10", 70.0), ("SO2", 8.0), ("NO2", 30.0), ("O3", 90.0)):
            put_hours(office.air, item, YESTERDAY, [value] * 24, unit="ug/m3")
        put_hours(office.air, "CO", YESTERDAY, [0.8] * 24)
        step()
        work_off()
        assert Evaluation.objects.filter(kind="air_hour", is_current=True).count() == 24
        found = Evaluation.objects.get(kind="air_day", is_current=True)
        assert (found.verdict, found.value) == ("pass", max(v for v in found.detail["iaqi"].values() if v is not None))
        assert found.rule_set.startswith("HJ")
        assert found.detail["values"]["PM2_5"] == 40.0
        note_day_ended(date(2026, 11, 20))
        work_off()
        assert Evaluation.objects.filter(kind="air_day").count() == 1

    def test_derived_day_was_not_known_before_it_was_derived(self, office: Office) -> None:
        """As of yesterday morning the day's mean was known already: it bore the day's beginning as its receipt."""
        put_hours(office.air, "PM2_5", YESTERDAY, [40.0] * 24, unit="ug/m3")
        step()
        work_off()
        noon = second(YESTERDAY + timedelta(hours=12))
        assert value_of("AIR", "PM2_5", "day", YESTERDAY) is not None
        assert value_of("AIR", "PM2_5", "day", YESTERDAY, as_of=noon) is None


class TestAir:
    def put(self, office: Office, pm: float, hour: datetime = HOUR) -> list[Alert]:
        for item, value in (("PM2_5", pm), ("PM10", 30.0), ("SO2", 8.0), ("NO2", 30.0), ("O3", 90.0)):
            put_hours(office.air, item, hour, [value], unit="ug/m3", origin=int(pm))
        put_hours(office.air, "CO", hour, [0.8])
        return step().opened

    def test_over_the_threshold(self, office: Office) -> None:
        assert self.put(office, 100.0) == []
        (alert,) = self.put(office, 200.0, HOUR + timedelta(hours=1))
        assert (alert.rule, alert.subject, alert.threshold) == ("aqi", "AIR", 150.0)
        self.put(office, 20.0, HOUR + timedelta(hours=2))
        alert.refresh_from_db()
        assert alert.ended_at == HOUR + timedelta(hours=2)

    def test_micro_station_warns_nobody(self, office: Office) -> None:
        office.air.station.kind = "micro"
        office.air.station.save()
        assert self.put(office, 300.0) == []
        assert Evaluation.objects.filter(kind="air_hour").exists()

    def test_two_hours_of_it_are_a_lead(self, office: Office) -> None:
        put_hours(office.air, "PM2_5", HOUR - timedelta(hours=1), [200.0] * 2, unit="ug/m3")
        step()
        assert leads_from_lasting_alerts() == []
        put_hours(office.air, "PM2_5", HOUR + timedelta(hours=1), [210.0], unit="ug/m3", origin=9)
        step()
        (lead,) = leads_from_lasting_alerts()
        assert (lead.source, lead.must_handle, lead.point) == ("alert", False, office.air)
        assert leads_from_lasting_alerts() == []


class TestWater:
    def put(self, office: Office, phosphorus: float, hour: datetime, origin: int = 1) -> list[Alert]:
        for item, value in (("TP", phosphorus), ("NH3N", 0.1), ("CODMn", 2.0), ("DO", 9.0), ("pH", 7.0)):
            unit = "1" if item == "pH" else "mg/L"
            put_hours(office.section, item, hour, [value], unit=unit, hours=4, origin=origin)
        return step().opened

    def test_worse_than_the_target(self, office: Office) -> None:
        assert self.put(office, 0.15, HOUR - timedelta(hours=8)) == []
        (alert,) = self.put(office, 0.35, HOUR - timedelta(hours=4))
        assert (alert.rule, alert.subject) == ("section", "SEC")
        assert "Ⅲ" in alert.title or "III" in alert.title
        self.put(office, 0.1, HOUR)
        alert.refresh_from_db()
        assert alert.ended_at == HOUR

    def test_each_sample_against_the_target_of_its_day(self, office: Office) -> None:
        """Samples of before a new target were judged by it when they came in the same batch."""
        old = SectionTarget.objects.get()
        old.valid_to = date(2026, 11, 20)
        old.save()
        SectionTarget.objects.create(
            section=old.section, kind="assessment", water_class="II", valid_from=date(2026, 11, 20)
        )
        for hours in (-8, 0):
            put_hours(office.section, "TP", YESTERDAY + timedelta(hours=hours), [0.15], unit="mg/L", hours=4)
            for item, value in (("NH3N", 0.1), ("CODMn", 2.0), ("DO", 9.0)):
                put_hours(office.section, item, YESTERDAY + timedelta(hours=hours), [value], unit="mg/L", hours=4)
        (alert,) = step().opened
        assert alert.started_at == YESTERDAY
        assert list(Evaluation.objects.filter(kind="water").order_by("start").values_list("verdict", flat=True)) == [
            "pass", "fail",
        ]  # fmt: skip


class TestSilence:
    def speak(self, office: Office, ago: timedelta) -> None:
        start = NOW - ago - timedelta(hours=1)
        put_hours(office.gas, "NOx", start, [40.0], origin=second(start))

    def test_three_intervals_and_ten_minutes(self, office: Office) -> None:
        self.speak(office, timedelta(minutes=190))
        assert not freshness([office.gas])["GAS"].is_silent
        assert sweep_silence() == []

    def test_silent_and_back(self, office: Office, clock_at: Callable[..., None]) -> None:
        self.speak(office, timedelta(minutes=191))
        (alert,) = sweep_silence()
        assert (alert.rule, alert.subject, alert.started_at) == ("silence", "GAS", NOW - timedelta(minutes=191))
        assert sweep_silence() == []
        clock_at(NOW + timedelta(hours=20))
        assert leads_from_lasting_alerts() == []
        clock_at(NOW + timedelta(hours=22))
        assert [lead.alert for lead in leads_from_lasting_alerts()] == [alert]
        assert sweep_silence() == []
        clock_at(NOW)
        self.speak(office, timedelta(0))
        clock_at(NOW + timedelta(minutes=30))
        assert sweep_silence() == []
        alert.refresh_from_db()
        assert alert.ended_at is not None
        assert Lead.objects.count() == 1

    def test_planned_stop_is_no_silence(self, office: Office) -> None:
        self.speak(office, timedelta(hours=9))
        PlannedStop.objects.create(
            point=office.gas, start=NOW - timedelta(hours=9), end=NOW + timedelta(hours=1), reason="检修"
        )
        assert sweep_silence() == []

    def test_point_that_never_spoke_or_is_retired(self, office: Office) -> None:
        self.speak(office, timedelta(hours=9))
        Point.objects.filter(code="GAS").update(active_to=date(2026, 11, 1))
        assert sweep_silence() == []
        Point.objects.filter(code="GAS").update(active_to=date(2027, 1, 1))
        assert len(sweep_silence()) == 1, "it is in use until then"


ODD: dict[str, dict[str, Any]] = {
    "unknown-unit": {"unit": "furlong"},
    "unit-of-something-else": {"unit": "degC"},
    "no-unit": {"unit": ""},
    "unknown-flag": {"flag": "Q"},
    "huge": {"value": 1e25},
    "monstrous": {"value": 1e300},
    "negative": {"value": -5.0},
    "tiny": {"value": 1e-300},
    "zero": {"value": 0.0},
    "no-value": {"value": None},
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("grain", ["hour", "minute"])
def test_odd_reading_of_any_point_stops_nobody(office: Office, name: str, grain: str) -> None:
    """One reading that no rule foresees must not stop the judging of everybody else."""
    odd: dict[str, Any] = {"value": 40.0, "unit": "mg/m3", "flag": "N"} | ODD[name]
    start, length = second(YESTERDAY), 3600 if grain == "hour" else 600
    rows = [
        NewReading(
            SeriesKey(code, item, "Avg", grain), start + n * length, start + (n + 1) * length, odd["value"], 1,
            odd["unit"], odd["flag"], origin=5, received_at=start + 9000,
        )
        for code, items in (
            ("GAS", ("NOx",)), ("WASTE", ("CODCr", "flow", "pH")), ("AIR", ("PM2_5", "O3", "CO")),
            ("SEC", ("TP", "DO", "pH", "temperature")), ("NOBODY", ("NOx",)), ("GAS", ("a99999",)),
        )
        for item in items
        for n in range(6)
    ]  # fmt: skip
    readings().append(rows)
    put_limit(office.gas_outlet, "SO2", 35, "hour", "mg/m3")
    put_hours(office.gas, "SO2", HOUR, [60.0])
    for _ in range(5):
        step()
        work_off()
        sweep_hours()
    assert readings().dirty_since(10) == []
    assert "GAS:SO2" in Alert.objects.values_list("subject", flat=True)


@pytest.mark.parametrize("year", [1900, 1970, 2000, 2012, 2016])
@pytest.mark.parametrize("grain", ["hour", "minute", "raw"])
def test_reading_of_a_device_with_a_reset_clock_stops_nobody(office: Office, year: int, grain: str) -> None:
    """No rule was in force then: the value is kept, nobody is warned, and the others are judged."""
    Limit.objects.update(valid_from=date(1900, 1, 1))
    start, length = second(datetime(year, 1, 1, tzinfo=UTC)), {"hour": 3600, "minute": 600, "raw": 0}[grain]
    statistic = "Rtd" if grain == "raw" else "Avg"
    readings().append(
        [
            NewReading(
                SeriesKey(code, item, statistic, grain), start + n * 600, start + n * 600 + length, 400.0, 1, unit, "N",
                origin=5, received_at=second(NOW),
            )
            for code, item, unit in (
                ("GAS", "NOx", "mg/m3"), ("WASTE", "CODCr", "mg/L"), ("AIR", "PM2_5", "ug/m3"), ("SEC", "TP", "mg/L"),
            )
            for n in range(6)
        ]
    )  # fmt: skip
    put_limit(office.gas_outlet, "SO2", 35, "hour", "mg/m3")
    put_hours(office.gas, "SO2", HOUR, [60.0])
    for _ in range(5):
        step()
        work_off()
        sweep_hours()
    assert readings().dirty_since(10) == []
    assert list(Alert.objects.values_list("subject", flat=True)) == ["GAS:SO2"]
    assert value_of("GAS", "NOx", grain, datetime(year, 1, 1, tzinfo=UTC), statistic) is not None
