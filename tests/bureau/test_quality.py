"""Flags by rules and by people: where they are put, what they change, how they are taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bureau.office import Office, make_point, put_hours
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.errors import Invalid, Missing, NotAllowed
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.judging.models import Evaluation
from qingyuan.bureau.loop import step
from qingyuan.bureau.quality.actions import later
from qingyuan.bureau.quality.actions.operations import operate, undo
from qingyuan.bureau.quality.queries.flags import Verdicts, flag_history
from qingyuan.bureau.registers.models import Point, Station
from qingyuan.readings import Flag, NewReading, SeriesKey

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 19, 16, tzinfo=UTC)  # 20 November, midnight in Beijing
HOUR = timedelta(hours=1)
FAR = 2**40


def to_rest(most: int = 4) -> None:
    for _ in range(most):
        if not step().marks:
            return
    pytest.fail("the loop does not come to rest")


def number(point: Point, item: str) -> int:
    (found,) = [s.id for s in readings().series_of_points([point.code]) if s.key.item == item and s.key.grain == "hour"]
    return found


def standing(point: Point, item: str) -> list[Flag]:
    return [f for f in readings().flags([number(point, item)], 0, FAR) if not f.undone_by]


def told(point: Point, item: str) -> list[tuple[int, str, str]]:
    """(hour of the test day, rule, outcome) of the flags that stand."""
    begin = int(START.timestamp())
    return sorted(((f.start - begin) // 3600, f.rule, f.code) for f in standing(point, item))


def index_at(point: Point, hour: int) -> float | None:
    found = Evaluation.objects.get(point=point, kind="air_hour", start=START + hour * HOUR, is_current=True)
    return found.detail["iaqi"].get("PM10")


def test_a_spike_is_suspect_and_counts_a_value_out_of_range_does_not(office: Office) -> None:
    put_hours(office.air, "PM10", START, [50.0, 52.0, 450.0, 51.0, 20_000.0, 53.0], unit="ug/m3")
    to_rest()
    assert told(office.air, "PM10") == [(2, "spike", "suspect"), (4, "range", "bad")]
    assert index_at(office.air, 2) is not None
    assert index_at(office.air, 4) is None
    kept = [r.value for r in readings().window([number(office.air, "PM10")], 0, FAR)]
    assert 20_000.0 in kept, "what was read stays"


def test_units_are_converted_before_the_rules_look(office: Office) -> None:
    put_hours(office.air, "PM10", START, [0.05, 0.052, 0.45, 0.051], unit="mg/m3")
    to_rest()
    assert told(office.air, "PM10") == [(2, "spike", "suspect")]


def test_a_sentinel_kept_without_a_value_is_still_called_missing(office: Office) -> None:
    start = int(START.timestamp())
    key = SeriesKey(office.air.code, "PM10", "Avg", "hour")
    readings().append(
        [
            NewReading(key, start, start + 3600, None, -1, "ug/m3", "N", "-9999", origin=1, received_at=start + 3600),
            NewReading(
                key, start + 3600, start + 7200, None, -1, "ug/m3", "N", "5 mg", origin=2, received_at=start + 7200
            ),
        ]
    )
    to_rest()
    assert told(office.air, "PM10") == [(0, "sentinel", "missing")]


def test_a_pair_flags_both_whichever_came_last(office: Office) -> None:
    put_hours(office.air, "PM2_5", START, [30.0, 90.0], unit="ug/m3")
    to_rest()
    assert told(office.air, "PM2_5") == []
    put_hours(office.air, "PM10", START, [50.0, 50.0], unit="ug/m3", origin=20)
    to_rest()
    assert told(office.air, "PM2_5") == [(1, "pair", "suspect")]
    assert told(office.air, "PM10") == [(1, "pair", "suspect")]


def test_a_correction_takes_flags_back_and_keeps_their_history(office: Office) -> None:
    put_hours(office.air, "PM10", START, [50.0, 52.0, 450.0, 51.0], unit="ug/m3")
    to_rest()
    put_hours(office.air, "PM10", START + 2 * HOUR, [54.0], unit="ug/m3", origin=50, rank=2)
    to_rest()
    assert told(office.air, "PM10") == []
    (gone,) = flag_history([number(office.air, "PM10")], 0, FAR)
    assert (gone.rule, gone.actor, bool(gone.undone_by)) == ("spike", "rules", True)
    assert '"tolerance"' in gone.parameters


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_flags_do_not_depend_on_the_order_of_arrival(office: Office, order: tuple[int, ...]) -> None:
    values = [50.0, 52.0, 450.0, 51.0, 50.0, 50.0, 50.0, 50.0, 50.0, 50.0, 60.0, 61.0]
    for part in order:
        put_hours(
            office.air,
            "PM10",
            START + 3 * part * HOUR,
            values[3 * part : 3 * part + 3],
            unit="ug/m3",
            origin=1 + 3 * part,
        )
        step()
    to_rest()
    assert told(office.air, "PM10") == [(2, "spike", "suspect"), *((h, "stuck", "suspect") for h in range(4, 10))]


def test_a_station_that_drifts_from_its_neighbours_is_flagged_when_they_report(office: Office) -> None:
    Point.objects.filter(pk=office.air.pk).update(lon=120.0, lat=33.0)
    others = [make_point(f"N{n}", "air", office.north) for n in range(3)]
    for place, point in enumerate(others):
        Point.objects.filter(pk=point.pk).update(lon=120.0 + 0.01 * place, lat=33.02)
        Station.objects.create(point=point, kind="standard")
    hours = 40
    put_hours(office.air, "PM10", START, [200.0 + h % 3 for h in range(hours)], unit="ug/m3")
    to_rest()
    assert told(office.air, "PM10") == []
    for point in others:
        put_hours(point, "PM10", START, [60.0 + h % 4 for h in range(hours)], unit="ug/m3")
    to_rest()
    flags = told(office.air, "PM10")
    assert {rule for _, rule, _ in flags} == {"neighbour"}
    assert min(hour for hour, _, _ in flags) == 35, "once 36 hours can be compared"
    assert told(others[0], "PM10") == []


def test_the_exceedance_of_an_outlet_is_flagged_and_never_suppressed(office: Office) -> None:
    put_hours(office.gas, "NOx", START, [30.0, 31.0, 20_000.0, 32.0])
    opened = step().opened
    to_rest()
    assert [alert.rule for alert in opened] == ["outlet_hour"]
    assert ("range", "bad") in {(rule, code) for _, rule, code in told(office.gas, "NOx")}
    assert Alert.objects.filter(rule="outlet_hour").exists()


class TestOperations:
    def test_set_aside_and_undone(self, office: Office) -> None:
        put_hours(office.air, "PM10", START, [50.0, 260.0, 270.0, 51.0], unit="ug/m3")
        to_rest()
        done = operate(office["monitor"], office.air, "PM10", START + HOUR, START + 3 * HOUR, "invalid", "采样口喷淋")
        to_rest()
        assert [index_at(office.air, hour) is None for hour in range(4)] == [False, True, True, False]
        assert AuditEntry.objects.filter(verb="quality.invalid", summary__contains="采样口喷淋").count() == 1
        undo(office["monitor"], office.air, done)
        to_rest()
        assert index_at(office.air, 1) is not None
        (gone,) = [f for f in flag_history([number(office.air, "PM10")], 0, FAR) if f.rule == "operation"]
        assert gone.undone_by
        with pytest.raises(Invalid, match="已撤销"):
            undo(office["monitor"], office.air, done)

    def test_confirmed_stands_above_a_rule_and_the_later_operation_above_the_earlier(self, office: Office) -> None:
        put_hours(office.air, "PM10", START, [50.0, 20_000.0, 51.0], unit="ug/m3")
        to_rest()
        series = number(office.air, "PM10")
        at = int((START + HOUR).timestamp())
        operate(office["monitor"], office.air, "PM10", START, START + 3 * HOUR, "valid", "沙尘，已核实")
        assert Verdicts([series], 0, FAR).of(series, at).counts
        operate(office["chief"], office.air, "PM10", START + HOUR, START + 2 * HOUR, "invalid", "仪器故障")
        assert Verdicts([series], 0, FAR).of(series, at).outcome == "invalid"

    def test_as_of_knows_only_what_stood_then(self, office: Office) -> None:
        put_hours(office.air, "PM10", START, [50.0, 20_000.0, 51.0], unit="ug/m3")
        series, at = number(office.air, "PM10"), int((START + HOUR).timestamp())
        to_rest()
        (flag,) = standing(office.air, "PM10")
        assert Verdicts([series], 0, FAR, as_of=flag.made_at).of(series, at).outcome == "bad"
        assert Verdicts([series], 0, FAR, as_of=flag.made_at - 1).of(series, at).outcome == "good"

    @pytest.mark.parametrize(
        ("who", "code", "reason", "fault"),
        [
            ("monitor", "invalid", " ", Missing),
            ("monitor", "delete", "理由", Invalid),
            ("south", "invalid", "理由", NotAllowed),
            ("firm", "invalid", "理由", NotAllowed),
        ],
    )
    def test_refused(self, office: Office, who: str, code: str, reason: str, fault: type[Exception]) -> None:
        put_hours(office.air, "PM10", START, [50.0], unit="ug/m3")
        with pytest.raises(fault):
            operate(office[who], office.air, "PM10", START, START + HOUR, code, reason)
        assert standing(office.air, "PM10") == []

    def test_a_range_that_is_none_or_a_series_that_is_not_there(self, office: Office) -> None:
        put_hours(office.air, "PM10", START, [50.0], unit="ug/m3")
        with pytest.raises(Invalid, match="晚于"):
            operate(office["monitor"], office.air, "PM10", START, START, "invalid", "理由")
        with pytest.raises(Invalid, match="没有 NO2"):
            operate(office["monitor"], office.air, "NO2", START, START + HOUR, "invalid", "理由")
        with pytest.raises(Invalid, match="没有这条"):
            undo(office["monitor"], office.air, 12345)


def test_what_is_usual_in_a_flue_is_not_held_against_ambient_air(office: Office) -> None:
    put_hours(office.gas, "SO2", START, [18.1, 18.9, 35.0, 18.2, 25_000.0], unit="mg/m3")
    put_hours(office.air, "SO2", START, [18.1], unit="mg/m3")
    to_rest()
    assert told(office.gas, "SO2") == [(4, "range", "bad")]
    assert told(office.air, "SO2") == [(0, "range", "bad")]


def test_flags_of_an_outlet_have_nothing_judged_again(office: Office) -> None:
    put_hours(office.gas, "NOx", START, [20.0, 90.0, 20.0], flag="F")
    put_hours(office.air, "PM10", START, [50.0, 52.0, 450.0, 51.0])
    step()
    assert later.waits(), "the outlet's are asked a little later"
    later.work_off()
    assert not later.waits()
    marked = {m.series for m in readings().dirty_since(100)}
    assert standing(office.gas, "NOx")
    assert marked == {number(office.air, "PM10")}


def gaps_of(point: Point, item: str) -> list[tuple[int, int]]:
    """(first hour, end) of the gaps that stand, in hours from the beginning of the test day."""
    begin = int(START.timestamp())
    return sorted(
        ((f.start - begin) // 3600, (f.end - begin) // 3600) for f in standing(point, item) if f.rule == "gap"
    )


def test_a_gap_is_told_when_data_come_again_and_back_fill_closes_it(office: Office) -> None:
    put_hours(office.gas, "NOx", START, [20.0, 21.0])
    to_rest()
    assert gaps_of(office.gas, "NOx") == [], "a silence that lasts is told by the arrivals, not as a gap"
    put_hours(office.gas, "NOx", START + 200 * HOUR, [22.0])
    to_rest()
    assert gaps_of(office.gas, "NOx") == [(2, 200)], "longer than the rules look otherwise"
    put_hours(office.gas, "NOx", START + 100 * HOUR, [23.0, 24.0])
    to_rest()
    assert gaps_of(office.gas, "NOx") == [(2, 100), (102, 200)]
    put_hours(office.gas, "NOx", START + 2 * HOUR, [25.0] * 98)
    put_hours(office.gas, "NOx", START + 102 * HOUR, [25.0] * 98)
    to_rest()
    assert gaps_of(office.gas, "NOx") == []
    history = [f for f in flag_history([number(office.gas, "NOx")], 0, FAR) if f.rule == "gap"]
    assert len(history) == 3, "what was told is kept, and that it was taken back"
    assert all(f.undone_by and f.actor == "rules" for f in history)


def test_a_gap_judges_nothing_and_a_stop_of_more_than_a_month_is_none(office: Office) -> None:
    put_hours(office.air, "PM10", START, [50.0])
    put_hours(office.air, "PM10", START + 31 * 24 * HOUR, [51.0])
    put_hours(office.air, "PM10", START + (62 * 24 + 1) * HOUR, [51.0])
    to_rest()
    assert gaps_of(office.air, "PM10") == [(1, 31 * 24)]
    assert Evaluation.objects.filter(point=office.air, kind="air_hour", is_current=True).count() == 3


def test_a_station_of_every_four_hours_has_a_gap_where_its_plan_says(office: Office) -> None:
    assert office.section.expected_minutes == 240
    for hour in (0, 4, 12):
        put_hours(office.section, "NH3N", START + hour * HOUR, [0.5], unit="mg/L")
    to_rest()
    assert gaps_of(office.section, "NH3N") == [(8, 12)]


def test_without_a_plan_nothing_lacks(office: Office) -> None:
    Point.objects.filter(pk=office.gas.pk).update(expected_minutes=None)
    put_hours(office.gas, "NOx", START, [20.0])
    put_hours(office.gas, "NOx", START + 5 * HOUR, [20.0])
    to_rest()
    assert standing(office.gas, "NOx") == []


@pytest.mark.parametrize(
    ("item", "value"),
    [("SO2", 2.3), ("SO2", 21.0), ("HCl", 8.5), ("NMHC", 12.0), ("NOx", 40.0), ("CO", 30.0), ("NH3", 4.0)],
)
def test_a_frozen_gas_of_a_stack_is_found(office: Office, item: str, value: float) -> None:
    """SO2 had a floor of 3000, HCl, CO and NH3 no rule: an instrument that stood still was never found."""
    put_hours(office.gas, item, START, [value] * 6)
    to_rest()
    assert {rule for _, rule, _ in told(office.gas, item)} == {"stuck"}


def test_a_gas_that_is_not_there_may_read_nothing_for_days(office: Office) -> None:
    put_hours(office.gas, "SO2", START, [0.0] * 12)
    to_rest()
    assert told(office.gas, "SO2") == []
