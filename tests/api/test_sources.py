"""Outlets over the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bureau.office import LONG_AGO, Office, put_hours, put_limit
from qingyuan.bureau.base.store import readings
from qingyuan.readings import NewReading, SeriesKey

pytestmark = pytest.mark.django_db


def test_limits_with_their_check(api: Any, office: Office) -> None:
    row = put_limit(office.gas_outlet, "SO2", 300, "hour", "mg/m3", basis="GB 13223-2011 燃煤锅炉 特别排放")
    told = api("firm").get("/points/GAS/limits").json()
    (sulfur,) = [i for i in told["items"] if i["item"] == "SO2"]
    assert (sulfur["id"], sulfur["is_fine"], sulfur["valid_from"]) == (row.pk, False, LONG_AGO.isoformat())
    assert [c["check"] for c in sulfur["checks"]] == ["looser", "wrong_state"]
    assert {m["item"] for m in told["missing"]} >= {"dust"}
    assert any(r["is_doubtful"] for r in told["rules"])
    before = api("firm").get("/points/GAS/limits", on="2019-01-01").json()
    assert (before["items"], before["missing"]) == ([], [])


def test_a_station_has_no_limits(api: Any, office: Office) -> None:
    answer = api("chief").get("/points/AIR/limits")
    assert (answer.status_code, answer.json()["field"]) == (422, "code")


def test_recomputed_periods_and_their_counts(api: Any, office: Office) -> None:
    begin = datetime(2026, 11, 20, 1, tzinfo=UTC)
    start = int(begin.timestamp())
    key = SeriesKey("GAS", "NOx", "Avg", "minute")
    minutes = [
        NewReading(key, start + n * 600, start + (n + 1) * 600, 10.0, 1, "mg/m3", "N", origin=n) for n in range(12)
    ]
    readings().append(minutes)
    put_hours(office.gas, "NOx", begin, [10.0, 30.0], origin=50)
    told = api("firm").get("/points/GAS/recomputed", to="2026-11-20").json()
    assert told["counts"] == [
        {"item": "NOx", "statistic": "Avg", "grain": "hour", "how": "from_parts", "all": 2, "same": 1, "differs": 1,
         "flag_same": 2}
    ]  # fmt: skip
    assert [(i["sent"], i["ours"], i["n_valid"], i["verdict"]) for i in told["items"]] == [(30.0, 10.0, 6, "differs")]
    every = api("firm").get("/points/GAS/recomputed", to="2026-11-20", every=True).json()
    assert every["count"] == 2
    assert api("firm").get("/points/GAS/recomputed", since="2026-09-01", to="2026-11-20").status_code == 422


def test_emissions_and_the_hours_behind_them(api: Any, office: Office) -> None:
    begin = datetime(2026, 9, 30, 16, tzinfo=UTC)
    put_hours(office.gas, "NOx", begin, [50.0] * 1200)
    put_hours(office.gas, "flue_flow", begin, [10.0] * 1200, unit="m3/s", origin=5000)
    told = api("firm").get("/emissions", since="2026-10-01", to="2026-10-31", by="month").json()
    (one,) = told["items"]
    assert (one["outlet"], one["item"], one["is_whole"]) == ("GAS", "NOx", True)
    assert one["mass_kg"] == pytest.approx(31 * 24 * 1.8)
    hours = api("firm").get("/points/GAS/emissions/hours", item="NOx", since="2026-10-02").json()["items"]
    assert len(hours) == 24
    assert (hours[0]["how"], hours[0]["mass"]) == ("measured", pytest.approx(1.8))
    assert api("other_firm").get("/emissions", since="2026-10-01", to="2026-10-31").json()["items"] == []
    long = api("firm").get("/points/GAS/emissions/hours", item="NOx", since="2026-10-02", to="2026-11-20")
    assert long.status_code == 422
