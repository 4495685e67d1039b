"""Calls to the API as a script makes them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpResponse
from django.test import Client

from qingyuan.bureau.accounts.actions.tokens import create_token
from qingyuan.bureau.accounts.models import User

BASE = "/api/v1"


class Caller:
    """A bearer of a token."""

    def __init__(self, user: User | None, scopes: Sequence[str] = ("write",), secret: str = "") -> None:
        if user is not None:
            _, secret = create_token(None, user, "测试", scopes)
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        self._client = Client()

    def get(self, path: str, **query: Any) -> Any:
        return self._client.get(BASE + path, query, headers=self.headers)

    def post(self, path: str, body: Any = None, key: str = "") -> Any:
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return self._client.post(BASE + path, json.dumps(body or {}), content_type="application/json", headers=headers)

    def send_file(self, path: str, file: Any) -> HttpResponse:
        return self._client.post(BASE + path, {"file": file}, headers=self.headers)


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path pattern, description) of every operation of the API."""
    from qingyuan.api.api import api

    for path, methods in api.get_openapi_schema(path_prefix="")["paths"].items():
        for method, told in methods.items():
            yield method, path, told


BODIES: dict[str, Any] = {
    "/alerts/{alert_id}/lead": {"title": "转"},
    "/leads": {"title": "河面发白", "place": "桥下"},
    "/leads/{number}/dismiss": {"reason": "无"},
    "/leads/{number}/merge": {"reason": "同", "into": "XS2026-0001"},
    "/leads/{number}/informant/reveal": {"reason": "核对"},
    "/leads/{number}/open-case": {"reason": "实", "kind": "outlet"},
    "/cases/{number}/actions/{verb}": {"note": "说明"},
    "/issued-values": {
        "indicator": "target.PM2_5.year", "value": "33", "issuer": "省厅", "area": "C",
        "period_start": "2026-01-01T00:00:00+08:00", "period_end": "2027-01-01T00:00:00+08:00",
    },
    "/points/{code}/targets": {"kind": "assessment", "water_class": "II", "valid_from": "2026-12-01"},
    "/exports": {"points": ["GAS"], "start": "2026-11-20T00:00:00", "end": "2026-11-21T00:00:00"},
    "/points/{code}/planned-stops": {
        "start": "2026-11-22T00:00:00+08:00", "end": "2026-11-23T00:00:00+08:00", "reason": "检修",
    },
    "/points/{code}/operations": {
        "item": "NOx", "start": "2026-11-20T00:00:00+08:00", "end": "2026-11-20T01:00:00+08:00", "code": "invalid",
        "reason": "理由",
    },
    "/outlets/{code}/tags": {
        "kind": "维护", "start": "2026-11-21T06:00:00+08:00", "end": "2026-11-21T07:00:00+08:00",
    },
    "/devices/{mn}/fetch": {"since": "2026-11-20T00:00:00+08:00", "to": "2026-11-20T05:00:00+08:00"},
    "/tags/{tag_id}/check": {"verdict": "accepted"},
    "/tags/{tag_id}/supply": {"note": "补"},
    "/points/{code}/rosters": {"roster": "county_air", "valid_from": "2026-01-01"},
}  # fmt: skip


def fill(path: str, row: dict[str, Any]) -> str:
    """The pattern with the objects of a district."""
    values = {k: v for k, v in row.items() if not isinstance(v, dict)}
    values["number"] = row["number"]["leads" if path.startswith("/leads") else "cases"]
    values["job_id"] = 1
    values = {"book": "litter", "key": "L-south"} | values
    if path.startswith("/leads/"):
        values["exhibit_id"] = row["exhibit_of_lead"]
    if path.startswith("/tags/"):
        values["exhibit_id"] = row["exhibit_of_tag"]
    return path.format(**values)


# Every operation, by what it hangs on. One that stands in none of these sets fails the walk.
OF_ONESELF = {("get", "/me"), ("get", "/exports"), ("post", "/exports")}
LISTS = {
    ("get", path)
    for path in (
        "/alerts", "/findings", "/findings/pending", "/freshness", "/availability", "/leads", "/cases", "/devices",
        "/gateway", "/points", "/evaluations", "/county-air", "/transmission", "/issued-values", "/tags", "/flags",
        "/emissions", "/morning-line", "/indicators", "/books", "/books/{book}",
    )
}  # fmt: skip
OF_A_CAPABILITY = {
    ("get", "/imports"), ("post", "/imports"), ("get", "/imports/profiles"), ("get", "/imports/{job_id}"),
    ("get", "/audit"), ("post", "/issued-values"), ("post", "/leads"), ("post", "/imports/{job_id}/undo"),
    ("post", "/imports/points"), ("post", "/imports/places"),
    ("post", "/imports/enterprises"), ("post", "/books/{book}"), ("post", "/books/{book}/import"),
    ("post", "/books/{book}/bulk"),
}  # fmt: skip
OF_A_PERSON = {("get", "/exports/{export_id}"), ("get", "/exports/{export_id}/file")}
ROWS = {
    ("get", path)
    for path in (
        "/alerts/{alert_id}", "/findings/{finding_id}", "/points/{code}/planned-stops", "/leads/{number}",
        "/cases/{number}", "/cases/{number}/record.docx", "/cases/{number}/exhibits/{exhibit_id}",
        "/leads/{number}/exhibits/{exhibit_id}", "/devices/{mn}", "/devices/{mn}/packets", "/devices/{mn}/requests",
        "/points/{code}", "/points/{code}/readings", "/points/{code}/air", "/points/{code}/water",
        "/points/{code}/outlet", "/outlets/{code}/hours", "/outlets/{code}/behind", "/tags/{tag_id}",
        "/tags/{tag_id}/exhibits/{exhibit_id}", "/points/{code}/limits", "/points/{code}/recomputed",
        "/points/{code}/emissions/hours", "/books/{book}/{key}",
    )
}  # fmt: skip
WRITES = {
    ("post", path)
    for path in (
        "/alerts/{alert_id}/acknowledge", "/alerts/{alert_id}/lead", "/points/{code}/planned-stops",
        "/points/{code}/planned-stops/{stop_id}/end", "/leads/{number}/dismiss", "/leads/{number}/merge",
        "/leads/{number}/open-case", "/cases/{number}/actions/{verb}", "/leads/{number}/take",
        "/leads/{number}/informant/call-back", "/leads/{number}/informant/reveal", "/devices/{mn}/retire",
        "/devices/{mn}/restore", "/devices/{mn}/time", "/devices/{mn}/fetch",
        "/devices/{mn}/requests/{request_id}/withdraw", "/devices/{mn}/adopt", "/points/{code}/targets",
        "/points/{code}/rosters", "/outlets/{code}/tags", "/tags/{tag_id}/check", "/tags/{tag_id}/supply",
        "/tags/{tag_id}/withdraw", "/points/{code}/operations", "/points/{code}/operations/{operation_id}/undo",
        "/books/{book}/{key}", "/books/{book}/{key}/verbs/{verb}",
    )
}  # fmt: skip
CLASSES = (OF_ONESELF, LISTS, OF_A_CAPABILITY, OF_A_PERSON, ROWS, WRITES)

# By operation: the rights of which one is taken. Whatever changes something and stands not here is named below with why.
RIGHTS = {
    "/alerts/{alert_id}/acknowledge": "acknowledge",
    "/alerts/{alert_id}/lead": "raise_lead",
    "/points/{code}/planned-stops": "manage_points",
    "/points/{code}/planned-stops/{stop_id}/end": "manage_points",
    "/leads": "raise_lead",
    "/leads/{number}/dismiss": "triage",
    "/leads/{number}/merge": "triage",
    "/leads/{number}/open-case": "triage",
    "/leads/{number}/take": "triage",
    "/issued-values": "import",
    "/points/{code}/targets": "manage_points",
    "/points/{code}/rosters": "manage_points",
    "/outlets/{code}/tags": "tag",
    "/tags/{tag_id}/check": "check_tag",
    "/tags/{tag_id}/supply": "tag",
    "/tags/{tag_id}/withdraw": "tag",
    "/points/{code}/operations": "review_data",
    "/points/{code}/operations/{operation_id}/undo": "review_data",
    "/imports": "import",
    "/imports/{job_id}/undo": "import",
    "/imports/points": "manage_points",
    "/imports/places": "manage_points",
    "/imports/enterprises": "manage_points",
    "/devices/{mn}/retire": "manage_points",
    "/devices/{mn}/restore": "manage_points",
    "/devices/{mn}/time": "manage_points",
    "/devices/{mn}/fetch": "manage_points",
    "/devices/{mn}/requests/{request_id}/withdraw": "manage_points",
    "/devices/{mn}/adopt": "manage_points",
    "/books/{book}": "manage_points",
    "/books/{book}/import": "manage_points",
    "/books/{book}/bulk": "manage_points",
    "/books/{book}/{key}": "manage_points",
    "/books/{book}/{key}/verbs/{verb}": "manage_points",
}
