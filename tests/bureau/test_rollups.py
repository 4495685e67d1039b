"""Longer periods in the loop: wind as vectors, pH by ions, waste water by flow, and the same from any order of arrival."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import F, Q

from bureau.office import Office, put_hours
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.judging.actions.days import work_off
from qingyuan.bureau.judging.models import DueDay, Evaluation
from qingyuan.bureau.loop import BATCH, step
from qingyuan.bureau.quality.actions import later
from qingyuan.bureau.registers.models import Point
from qingyuan.readings import NewReading, Rank, SeriesKey

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 18, 16, tzinfo=UTC)  # 19 November, midnight in Beijing
HOUR = timedelta(hours=1)
FAR = 2**40


def to_rest(limit: int = BATCH) -> None:
    for _ in range(400):
        turn = step(limit)
        if not (turn.marks or turn.flagged or DueDay.objects.exists() or later.waits()):
            return
        work_off()
    pytest.fail("the loop does not come to rest")


def day_value(point: Point, item: str) -> float | None:
    (series,) = readings().series_of([SeriesKey(point.code, item, "Avg", "day")]).values()
    (row,) = readings().window([series.id], 0, FAR)
    return row.value


def minutes(point: Point, item: str, values: list[float], unit: str) -> None:
    rows = []
    for place, value in enumerate(values):
        begin = int(START.timestamp()) + 600 * place
        key = SeriesKey(point.code, item, "Avg", "minute")
        rows.append(NewReading(key, begin, begin + 600, value, 1, unit, "N", origin=1 + place, received_at=begin + 600))
    readings().append(rows)


def hour_value(point: Point, item: str) -> float | None:
    (series,) = readings().series_of([SeriesKey(point.code, item, "Avg", "hour")]).values()
    return readings().window([series.id], 0, FAR)[0].value


def test_wind_direction_is_a_mean_of_vectors(office: Office) -> None:
    minutes(office.section, "wind_direction", [350.0, 10.0, 350.0, 10.0, 350.0, 10.0], "deg")
    to_rest()
    found = hour_value(office.section, "wind_direction")
    assert found is not None
    assert min(found, 360 - found) == pytest.approx(0.0, abs=1e-6)


def test_wind_direction_is_weighed_by_speed_where_there_is_one(office: Office) -> None:
    minutes(office.section, "wind_direction", [0.0, 90.0] * 3, "deg")
    minutes(office.section, "wind_speed", [1.0, 3.0] * 3, "m/s")
    to_rest()
    assert hour_value(office.section, "wind_direction") == pytest.approx(math.degrees(math.atan2(3, 1)), abs=0.01)


def test_waste_water_is_weighed_by_flow_only_where_every_hour_has_one(office: Office) -> None:
    put_hours(office.waste, "COD", START, [10.0] * 12 + [40.0] * 12, unit="mg/L")
    put_hours(office.waste, "flow", START, [1.0] * 12 + [3.0] * 12, unit="L/s")
    to_rest()
    assert day_value(office.waste, "COD") == pytest.approx(32.5)
    put_hours(office.waste, "flow", START, [None], unit="L/s", origin=90, rank=Rank.RESENT)
    put_hours(office.waste, "COD", START, [10.0], unit="mg/L", origin=91, rank=Rank.RESENT)
    to_rest()
    assert day_value(office.waste, "COD") == pytest.approx(25.0)


def test_hj212_appendix_d_negative_values_enter_no_mean_of_an_outlet(office: Office) -> None:
    """A drifted analyser's negative minutes and hours pulled the means of its outlet down."""
    minutes(office.gas, "NOx", [30.0, -12.0, 30.0, 30.0, 30.0, 30.0], "mg/m3")
    minutes(office.gas, "a01013", [-120.0] * 6, "Pa")
    to_rest()
    assert hour_value(office.gas, "NOx") == 30.0
    assert hour_value(office.gas, "a01013") == -120.0, "the static pressure of a flue may be negative"
    put_hours(office.gas, "NOx", START, [40.0] * 23 + [-17.0], origin=100)
    to_rest()
    assert day_value(office.gas, "NOx") == 40.0


def test_flue_gas_and_ph(office: Office) -> None:
    put_hours(office.gas, "NOx", START, [10.0] * 12 + [40.0] * 12)
    put_hours(office.gas, "flow", START, [1.0] * 12 + [3.0] * 12, unit="m3/h")
    put_hours(office.waste, "pH", START, [6.0] * 12 + [8.0] * 12, unit="1")
    to_rest()
    assert day_value(office.gas, "NOx") == pytest.approx(25.0)
    assert day_value(office.waste, "pH") == pytest.approx(-math.log10((1e-6 + 1e-8) / 2), abs=1e-3)


def state() -> dict[str, Any]:
    """All that the loop comes to: readings in force, standing flags, evaluations, alerts."""
    store = readings()
    series = {s.id: s.key for s in store.series()}
    rows = [(series[r.series], r.start, r.end, r.value, r.flag, r.capture) for r in store.window(list(series), 0, FAR)]
    standing = [f for f in store.flags(list(series), 0, FAR) if not f.undone_by]
    flags = [(series[f.series], f.start, f.end, f.rule, f.code) for f in standing]
    fields = ("point__code", "kind", "item", "start", "end", "verdict", "value", "label", "primary")
    judged = Evaluation.objects.filter(is_current=True).order_by(*fields).values_list(*fields)
    columns = ("rule", "subject", "started_at", "ended_at", "peak", "last_seen_at")
    kept = Q(ended_at=None) | Q(ended_at__gt=F("started_at"))  # one that was undone stays in the book, with no length
    alerts = Alert.objects.filter(kept).order_by(*columns[:3]).values_list(*columns)
    return {"rows": sorted(rows), "flags": sorted(flags), "judged": list(judged), "alerts": list(alerts)}


def arrivals(office: Office) -> list[NewReading]:
    """Two days of hours and minutes with exceedances, corrections, gaps, spikes and a stuck sensor."""
    dice = random.Random(7)
    rows = []
    for hour in range(48):
        begin = int((START + hour * HOUR).timestamp())
        for point, item, unit, value in (
            (office.air, "PM10", "ug/m3", 50.0 if 20 <= hour < 30 else float(dice.randrange(20, 300))),
            (office.air, "PM2_5", "ug/m3", float(dice.randrange(20, 200))),
            (office.gas, "NOx", "mg/m3", float(dice.choice([20, 30, 60]))),
            (office.section, "NH3N", "mg/L", float(dice.choice([0.1, 0.3, 2.5, -99]))),
        ):
            if dice.random() < 0.1:
                continue
            key = SeriesKey(point.code, item, "Avg", "hour")
            stamp = hour * 10
            made = NewReading(key, begin, begin + 3600, value, 1, unit, "N", stamp=stamp, received_at=begin + 3600)
            rows.append(made)
            if dice.random() < 0.1:
                rows.append(made._replace(value=value / 2, rank=Rank.RESENT, stamp=stamp + 1))
        for part in range(6):
            key = SeriesKey(office.waste.code, "CODCr", "Avg", "minute")
            at = begin + 600 * part
            value = float(dice.choice([30, 50, 80]))
            rows.append(NewReading(key, at, at + 600, value, 1, "mg/L", "N", stamp=hour, received_at=at + 600))
    return [row._replace(origin=place) for place, row in enumerate(rows, start=1)]


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    return {}


@pytest.mark.parametrize(
    ("seed", "limit"), [(0, BATCH), (1, BATCH), (2, BATCH), (3, 60), (4, BATCH), (4, 60), (5, 200)]
)
def test_any_order_of_arrival_and_any_chunking_end_alike(
    office: Office, seed: int, limit: int, expected: dict[str, Any]
) -> None:
    """Also when every turn is full, so that quality is put off."""
    rows = arrivals(office)
    dice = random.Random(seed)
    if seed:
        dice.shuffle(rows)
    while rows:
        size = dice.choice([1, 7, 60, 200]) if seed else 50
        readings().append(rows[:size])
        rows = rows[size:]
        if dice.random() < 0.7:
            step(limit)
        if dice.random() < 0.3:
            work_off()
    to_rest(limit)
    found = state()
    assert len(found["rows"]) > 300
    assert {rule for _, _, _, rule, _ in found["flags"]} >= {"sentinel", "gap"}
    assert {kind for _, kind, *_ in found["judged"]} >= {"air_hour", "air_day", "outlet_hour", "water"}
    first = expected.setdefault("state", found)
    for name in first:
        assert found[name] == first[name], name
