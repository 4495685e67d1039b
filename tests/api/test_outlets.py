"""Outlets and tags by the API: one call for a chart, a tag with material, a check that names what it saw."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest

from bureau.office import Office, put_hours
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.loop import step
from qingyuan.bureau.values.models import Tag

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 19, 16, tzinfo=UTC)
SPAN = {"since": "2026-11-20T00:00:00+08:00", "to": "2026-11-20T03:00:00+08:00"}
TAG = {
    "kind": "维护", "item": "NOx", "start": "2026-11-20T00:00:00", "end": "2026-11-20T02:00:00+08:00", "note": "检修",
    "files": [{"name": "记录.txt", "content_base64": base64.b64encode("喷枪".encode()).decode()}],
}  # fmt: skip


@pytest.fixture
def over(office: Office) -> Office:
    put_hours(office.gas, "NOx", START, [60.0, 40.0, 70.0])
    step()
    return office


def test_hours_side_by_side(api: Any, over: Office) -> None:
    told = api("firm").get("/outlets/GAS/hours", **SPAN).json()
    assert len(told["hours"]) == 3
    (panel,) = told["panels"]
    assert panel["series"][0]["values"] == [60.0, 40.0, 70.0]
    assert (panel["limits"][0]["upper"], panel["limits"][0]["averaging"]) == (50.0, "hour")
    assert api("firm").get("/outlets/AIR/hours").status_code == 404


def test_a_window_of_a_year_is_refused(api: Any, over: Office) -> None:
    answer = api("chief").get("/outlets/GAS/hours", since="2026-01-01", to="2026-11-01")
    assert (answer.status_code, answer.json()["field"]) == (422, "since")


def test_what_lies_behind_an_hour(api: Any, over: Office) -> None:
    told = api("firm").get("/outlets/GAS/behind", item="NOx", at="2026-11-20T00:20:00+08:00").json()
    assert [(r["statistic"], r["value"], r["stands"]) for r in told["revisions"]] == [("Avg", 60.0, True)]
    assert told["packet"] is None


def test_from_tag_to_refusal_and_back(api: Any, over: Office) -> None:
    firm, monitor = api("firm"), api("monitor")
    made = firm.post("/outlets/GAS/tags", TAG, key="k1").json()
    assert made == firm.post("/outlets/GAS/tags", TAG, key="k1").json()
    assert Tag.objects.count() == 1
    assert (made["state"], made["counts"], made["hours_covered"]) == ("unchecked", True, 2)
    assert [h["value"] for h in made["hours_over_limit"]] == [60.0]
    path = f"/tags/{made['id']}"
    assert monitor.get("/tags", state="waiting").json()["count"] == 1
    assert firm.post(f"{path}/check", {"verdict": "accepted"}).status_code == 403
    refused = monitor.post(f"{path}/check", {"verdict": "refused", "reason": "功率未降", "seen": 0}).json()
    assert (refused["state"], refused["counts"]) == ("refused", False)
    given = firm.post(f"{path}/supply", {"note": "附 DCS"}).json()
    assert [h["verb"] for h in given["history"]] == ["made", "refused", "supplied"]
    stale = monitor.post(f"{path}/check", {"verdict": "accepted", "seen": refused["last_event"]})
    assert (stale.status_code, stale.json()["error"]) == (409, "wrong_state")
    last = monitor.get(path).json()["last_event"]
    assert monitor.post(f"{path}/check", {"verdict": "accepted", "seen": last}).json()["counts"] is True
    exhibit = given["exhibits"][0]
    file = monitor.get(f"{path}/exhibits/{exhibit['id']}")
    assert (file.content.decode(), file["X-Content-SHA256"]) == ("喷枪", exhibit["sha256"])
    assert firm.post(f"{path}/withdraw").json()["state"] == "withdrawn"
    assert AuditEntry.objects.filter(verb__startswith="tag.").count() == 5


@pytest.mark.parametrize(
    ("change", "field"),
    [({"kind": "启炉"}, "kind"), ({"item": "SO2"}, "item"), ({"end": TAG["start"]}, "end"),
     ({"files": [{"name": "a.txt", "content_base64": "%%"}]}, "files"),
     ({"start": "2026-11-18T00:00:00"}, "start")],
)  # fmt: skip
def test_faults_are_told(api: Any, over: Office, change: dict[str, Any], field: str) -> None:
    answer = api("firm").post("/outlets/GAS/tags", TAG | change)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert not Tag.objects.exists()


@pytest.mark.parametrize("who", ["chief", "monitor", "officer"])
def test_the_bureau_does_not_tag(api: Any, over: Office, who: str) -> None:
    assert api(who).post("/outlets/GAS/tags", TAG).status_code == 403


@pytest.mark.parametrize(
    ("query", "count"),
    [({"point": "GAS"}, 1), ({"point": "WASTE"}, 0), ({"firm": "F1"}, 1), ({"state": "accepted"}, 0),
     ({"state": "withdrawn"}, 0), ({"since": "2026-11-20T02:00:00+08:00"}, 0), ({"to": "2026-11-20T00:00:00+08:00"}, 0)],
)  # fmt: skip
def test_tags_are_narrowed(api: Any, over: Office, query: dict[str, Any], count: int) -> None:
    api("firm").post("/outlets/GAS/tags", TAG)
    assert api("chief").get("/tags", **query).json()["count"] == count


def test_what_waits_for_its_tags(api: Any, over: Office) -> None:
    told = api("chief").get("/findings/pending").json()
    assert [(p["point"]["code"], p["worst"], p["limit"]) for p in told["items"]] == [
        ("GAS", 60.0, 50.0),
        ("GAS", 70.0, 50.0),
    ]
    assert told["items"][0]["deadline"] == "2026-11-21T12:00:00+08:00"
    assert api("chief").get("/findings/pending", firm="F2").json()["count"] == 0


@pytest.mark.parametrize(
    ("query", "count"),
    [({"firm": "F1"}, 1), ({"firm": "F9"}, 0), ({"averaging": "day"}, 0), ({"to": "2026-01-01T00:00:00"}, 0)],
)
def test_findings_are_narrowed(api: Any, districts: dict[str, Any], query: dict[str, Any], count: int) -> None:
    assert api("south").get("/findings", **query).json()["count"] == count


def test_a_finding_brings_its_hours(api: Any, districts: dict[str, Any]) -> None:
    assert api("south").get(f"/findings/{districts['south']['finding_id']}").json()["hours"] == []
