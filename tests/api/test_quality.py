"""Flags and operations by the API: listed within the scope, decided once, undone once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bureau.office import Office, put_hours
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.loop import step

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 19, 16, tzinfo=UTC)
HOUR = timedelta(hours=1)
SET_ASIDE = {
    "item": "PM10", "start": "2026-11-20T01:00:00+08:00", "end": "2026-11-20T03:00:00", "code": "invalid",
    "reason": "采样口喷淋",
}  # fmt: skip


@pytest.fixture
def flagged(office: Office) -> Office:
    """A spike and a value out of range at the air station, judged."""
    put_hours(office.air, "PM10", START, [50.0, 52.0, 450.0, 51.0, 20_000.0, 53.0], unit="ug/m3")
    step()
    return office


def test_flags_say_which_rule_with_which_parameters(api: Any, flagged: Office) -> None:
    told = api("chief").get("/flags").json()
    assert told["count"] == 2
    spike = next(f for f in told["items"] if f["rule"] == "spike")
    assert (spike["point"], spike["outcome"], spike["actor"], spike["stands"]) == ("AIR", "suspect", "规则", True)
    assert spike["parameters"]["tolerance"] > 0
    assert spike["version"] == "1"


@pytest.mark.parametrize(
    ("query", "count"),
    [({"rule": "range"}, 1), ({"outcome": "suspect"}, 1), ({"point": "GAS"}, 0), ({"item": "PM2_5"}, 0),
     ({"since": "2026-11-20T04:00:00+08:00"}, 1), ({"page": 2}, 2)],
    ids=["rule", "outcome", "point", "item", "span", "page"],
)  # fmt: skip
def test_flags_are_narrowed(api: Any, flagged: Office, query: dict[str, Any], count: int) -> None:
    assert api("chief").get("/flags", **query).json()["count"] == count


def test_flags_of_another_district_are_not_listed(api: Any, flagged: Office) -> None:
    assert api("north").get("/flags").json()["count"] == 2
    assert api("south").get("/flags").json()["count"] == 0


def test_a_span_that_is_too_long_is_refused(api: Any, flagged: Office) -> None:
    answer = api("chief").get("/flags", since="2020-01-01", to="2026-01-01")
    assert (answer.status_code, answer.json()["field"]) == (422, "since")


def test_set_aside_once_by_key_and_undone(api: Any, flagged: Office) -> None:
    caller = api("monitor")
    first, again = (caller.post("/points/AIR/operations", SET_ASIDE, key="k1").json() for _ in range(2))
    assert first == again
    assert (first["outcome"], first["actor"], first["stands"]) == ("invalid", "monitor", True)
    assert AuditEntry.objects.filter(verb="quality.invalid").count() == 1
    gone = caller.post(f"/points/AIR/operations/{first['id']}/undo").json()
    assert gone["stands"] is False
    assert caller.post(f"/points/AIR/operations/{first['id']}/undo").status_code == 422
    listed = caller.get("/flags", rule="operation", standing=False).json()["items"]
    assert [f["id"] for f in listed] == [first["id"]]
    assert caller.get("/flags", rule="operation").json()["count"] == 0


@pytest.mark.parametrize(("who", "status"), [("officer", 403), ("director", 403), ("south", 403), ("chief", 200)])
def test_only_who_reviews_data_may(api: Any, flagged: Office, who: str, status: int) -> None:
    assert api(who).post("/points/AIR/operations", SET_ASIDE).status_code == status


@pytest.mark.parametrize("fault", [{"reason": " "}, {"code": "delete"}, {"item": "NO2"}, {"end": SET_ASIDE["start"]}])
def test_faults_are_told(api: Any, flagged: Office, fault: dict[str, str]) -> None:
    answer = api("monitor").post("/points/AIR/operations", SET_ASIDE | fault)
    assert answer.status_code == 422, answer.content
    assert api("monitor").get("/flags", rule="operation").json()["count"] == 0
