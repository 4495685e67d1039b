"""Freshness and planned stops by the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bureau.office import Office, put_hours
from moment import NOW

pytestmark = pytest.mark.django_db
TOP = NOW.replace(minute=0)


def test_worst_first_within_the_scope(api: Any, office: Office) -> None:
    put_hours(office.air, "PM10", TOP - timedelta(hours=2), [30.0, 31.0], unit="ug/m3")
    put_hours(office.gas, "NOx", TOP - timedelta(hours=12), [30.0])
    told = api("chief").get("/freshness").json()
    assert (told["items"][0]["point"], told["items"][0]["state"]) == ("GAS", "silent")
    assert told["items"][-1]["point"] == "AIR"
    assert told["watchdog"]["state"] == "never"
    (air,) = api("chief").get("/freshness", point="AIR").json()["items"]
    assert [(s["item"], s["expected_minutes"], s["is_silent"]) for s in air["series"]] == [("PM10", 60, False)]
    assert {a["point"] for a in api("south").get("/freshness").json()["items"]} == {"GAS", "SEC"}
    assert api("chief").get("/freshness", side="link").json()["count"] == 2
    assert api("chief").get("/freshness", state="fresh").json()["count"] == 1


def test_a_stop_is_entered_once_and_ended(api: Any, office: Office) -> None:
    caller = api("monitor")
    body = {"start": "2026-11-21T08:00:00", "end": "2026-11-21T20:00:00+08:00", "reason": "检修"}
    first, again = (caller.post("/points/GAS/planned-stops", body, key="a").json() for _ in range(2))
    assert first == again
    assert api("chief").get("/freshness", point="GAS").json()["items"][0]["state"] == "planned"
    assert caller.post(f"/points/GAS/planned-stops/{first['id']}/end").status_code == 200
    assert caller.post(f"/points/GAS/planned-stops/{first['id']}/end").status_code == 409
    assert caller.post(f"/points/AIR/planned-stops/{first['id']}/end").status_code == 404
    assert caller.get("/points/GAS/planned-stops").json()["count"] == 1
    assert api("officer").post("/points/GAS/planned-stops", body).status_code == 403
