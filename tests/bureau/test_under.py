"""Evaluation under another rule set: one choice, worked out on the spot, what is kept stays as it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bureau.office import Office, put_hours
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.indicators.queries.under import standard_of, station_air
from qingyuan.bureau.judging.actions.days import work_off
from qingyuan.bureau.judging.models import Evaluation
from qingyuan.bureau.loop import step

pytestmark = pytest.mark.django_db
YESTERDAY = datetime(2026, 11, 19, 16, tzinfo=UTC)  # 20 November, midnight in Beijing


def put_day(office: Office, pm25: float) -> None:
    for item, value in (("PM2_5", pm25), ("PM10", 70.0), ("SO2", 8.0), ("NO2", 30.0), ("O3", 90.0)):
        put_hours(office.air, item, YESTERDAY, [value] * 24, unit="ug/m3")
    put_hours(office.air, "CO", YESTERDAY, [0.8] * 24)


@pytest.mark.parametrize(
    ("standard", "name", "aqi", "category"),
    [
        ("auto", "HJ633-2026", 110, "轻度污染"),  # 100 + 50 * (70 - 60) / (115 - 60), rounded up
        ("HJ633-2026", "HJ633-2026", 110, "轻度污染"),
        ("HJ633-2012", "HJ633-2012", 94, "良"),  # 50 + 50 * (70 - 35) / (75 - 35), rounded up
    ],
)
@pytest.mark.parametrize("averaging", ["day", "hour"])
def test_the_same_air_under_each_edition(
    office: Office, averaging: str, standard: str, name: str, aqi: int, category: str
) -> None:
    put_day(office, 70.0)
    end = YESTERDAY + timedelta(days=1)
    rows = station_air(office.air, YESTERDAY, end, averaging, standard_of(standard))  # type: ignore[arg-type]
    assert len(rows) == (1 if averaging == "day" else 24)
    assert {(r["standard"], r["aqi"], r["category"], r["primary"]) for r in rows} == {(name, aqi, category, "PM2_5")}
    assert all(r["watermark"] > 0 for r in rows)


def test_what_is_kept_stays(office: Office) -> None:
    put_day(office, 70.0)
    step()
    work_off()
    before = list(Evaluation.objects.order_by("pk").values())
    station_air(office.air, YESTERDAY, YESTERDAY + timedelta(days=1), "day", "HJ633-2012")
    assert list(Evaluation.objects.order_by("pk").values()) == before
    assert {row["rule_set"] for row in before} == {"HJ633-2026"}
    assert all(row["watermark"] and row["rule_digest"] for row in before)


def test_unknown_rule_set_is_refused() -> None:
    with pytest.raises(Invalid, match="HJ633-2012"):
        standard_of("HJ633-1999")
