"""Outlets over the API."""

from __future__ import annotations

from typing import Any

import pytest

from bureau.office import LONG_AGO, Office, put_limit

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
