"""What the device sent against its own shorter periods: the same, different, or not to be told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from bureau.office import Office, put_hours, put_limit, second
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.registers.models import Outlet, Point
from qingyuan.bureau.values.queries.recomputed import Compared, compare
from qingyuan.readings import NewReading, SeriesKey

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)
START = datetime(2026, 11, 19, 16, tzinfo=UTC)


def put(
    point: Point,
    item: str,
    values: Sequence[float | None],
    *,
    grain: str = "minute",
    step: int = 600,
    flags: str = "",
    statistic: str = "Avg",
    unit: str = "mg/m3",
    decimals: int = 1,
) -> None:
    begin = second(START)
    readings().append(
        [
            NewReading(
                SeriesKey(point.code, item, statistic, grain), begin + n * step, begin + (n + 1) * step, value, decimals,
                unit, flags[n] if flags else "N", origin=n + 1, received_at=begin + (n + 1) * step,
            )
            for n, value in enumerate(values)
        ]
    )  # fmt: skip


def rows(outlet: Outlet, item: str, grain: str = "hour", how: str = "from_parts") -> list[Compared]:
    return [r for r in compare(outlet, DAY, DAY).rows if (r.item, r.grain, r.how) == (item, grain, how)]


@pytest.mark.parametrize(
    ("sent", "verdict"), [(12.0, "same"), (12.1, "same"), (12.2, "differs"), (11.8, "differs"), (None, "differs")]
)
def test_an_hour_beyond_rounding_differs(office: Office, sent: float | None, verdict: str) -> None:
    put(office.gas, "NOx", [10.0, 11.0, 12.0, 12.0, 13.0, 14.0])
    put(office.gas, "NOx", [sent], grain="hour", step=3600)
    (row,) = rows(office.gas_outlet, "NOx")
    assert (row.verdict, row.ours, row.n_valid, row.n_expected) == (verdict, pytest.approx(12.0), 6, 6)
    assert row.is_listed == (verdict == "differs")


def test_parts_that_are_missing_leave_it_open(office: Office) -> None:
    put(office.gas, "NOx", [10.0, 11.0, 12.0])
    put(office.gas, "NOx", [12.0], grain="hour", step=3600)
    (row,) = rows(office.gas_outlet, "NOx")
    assert (row.verdict, row.n_valid, row.n_expected, row.is_valid) == ("cannot_tell", 3, 6, False)


@pytest.mark.parametrize(
    ("flags", "sent", "verdict", "ours"),
    [
        ("NNNNND", "N", "same", "N"),
        ("NNNNDD", "N", "differs", "D"),
        ("NNNNDD", "D", "same", "D"),
        ("NNNNNN", "D", "differs", "N"),
        ("FFFFFF", "F", "same", "F"),
    ],
    ids=["five-of-six", "two-thirds-normal", "says-so", "hides-normal", "stopped"],
)
def test_hj212_c16_the_flag_of_flue_gas(office: Office, flags: str, sent: str, verdict: str, ours: str) -> None:
    put(office.gas, "NOx", [10.0] * 6, flags=flags)
    put(office.gas, "NOx", [10.0], grain="hour", step=3600, flags=sent)
    (row,) = rows(office.gas_outlet, "NOx")
    assert (row.flag_verdict, row.our_flag) == (verdict, ours)


def test_waste_water_is_weighted_by_flow(office: Office) -> None:
    put_limit(office.waste_outlet, "COD", 60, "day", "mg/L")
    put(office.waste, "COD", [10.0, 40.0] * 3, unit="mg/L")
    put(office.waste, "flow", [3.0, 1.0] * 3, unit="L/s")
    put(office.waste, "COD", [25.0], grain="hour", step=3600, unit="mg/L")
    (row,) = rows(office.waste_outlet, "COD")
    assert (row.ours, row.verdict) == (pytest.approx(17.5), "differs")


def test_a_day_from_the_hours_that_were_sent(office: Office) -> None:
    put(office.gas, "NOx", [10.0] * 12 + [20.0] * 12, grain="hour", step=3600)
    put(office.gas, "NOx", [15.0], grain="day", step=86400)
    (row,) = rows(office.gas_outlet, "NOx", "day")
    assert (row.verdict, row.ours, row.n_valid) == ("same", pytest.approx(15.0), 24)


def test_converted_hours_against_measured_and_oxygen(office: Office) -> None:
    Outlet.objects.filter(point=office.gas).update(reference_o2=6.0)
    put(office.gas, "O2", [11.0] * 3, grain="hour", step=3600, unit="%")
    put(office.gas, "NOx", [30.0] * 3, grain="hour", step=3600)
    put(office.gas, "NOx", [45.0, 45.3, 50.0], grain="hour", step=3600, statistic="ZsAvg")
    found = rows(office.gas_outlet, "NOx", how="converted")
    assert [(r.verdict, r.ours) for r in found] == [("same", 45.0), ("same", 45.0), ("differs", 45.0)]


def test_a_mean_of_converted_minutes_is_not_the_conversion_of_the_mean(office: Office) -> None:
    """30 mg/m3 at 6 and at 16 % oxygen: 30 and 90, which is 60 in the mean; the hour's 11 % would give 45."""
    Outlet.objects.filter(point=office.gas).update(reference_o2=6.0)
    put(office.gas, "O2", [11.0], grain="hour", step=3600, unit="%")
    put(office.gas, "NOx", [30.0], grain="hour", step=3600)
    put(office.gas, "NOx", [60.0], grain="hour", step=3600, statistic="ZsAvg")
    assert [r.verdict for r in rows(office.gas_outlet, "NOx", how="converted")] == ["differs"]
    put(office.gas, "NOx", [30.0, 90.0] * 3, statistic="ZsAvg")
    assert rows(office.gas_outlet, "NOx", how="converted") == []
    assert [r.verdict for r in rows(office.gas_outlet, "NOx")] == ["same"]


def test_what_was_derived_here_is_not_compared(office: Office) -> None:
    put(office.gas, "NOx", [10.0] * 6)
    put_hours(office.gas, "NOx", START, [99.0], rank=0)
    assert rows(office.gas_outlet, "NOx") == []


def test_differences_are_counted_by_item(office: Office) -> None:
    put(office.gas, "NOx", [10.0] * 12)
    put(office.gas, "NOx", [10.0, 30.0], grain="hour", step=3600, flags="ND")
    found = compare(office.gas_outlet, DAY, DAY)
    ((key, tally),) = found.counts
    assert key == ("NOx", "Avg", "hour", "from_parts")
    assert (tally["all"], tally["same"], tally["differs"], tally["flag_differs"]) == (2, 1, 1, 1)
    assert [r.sent for r in found.listed] == [30.0]


def test_a_span_that_cannot_be(office: Office) -> None:
    with pytest.raises(Invalid, match="时段"):
        compare(office.gas_outlet, DAY, date(2027, 1, 20))
