"""What the API answers: paging, errors in words with their field, idempotency, times with a zone, the description."""

from __future__ import annotations

import base64
import io
import json
import re
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from django.test import Client

from api.calling import BASE, Caller, operations
from bureau.handling import OUTCOME, PHOTO
from bureau.office import GAS_MN, Office, put_hours
from bureau.test_leads import make_alert
from moment import NOW
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.cases.actions.leads import raise_lead
from qingyuan.bureau.cases.models import Case, Lead

pytestmark = pytest.mark.django_db
LISTS = [
    "/points",
    "/alerts",
    "/findings",
    "/leads",
    "/cases",
    "/evaluations",
    "/devices",
    "/issued-values",
    "/imports",
    "/audit",
]


class TestLists:
    @pytest.mark.parametrize("path", LISTS)
    def test_shape_and_bounds(self, api: Any, districts: dict[str, Any], path: str) -> None:
        caller: Caller = api("audit" if path == "/audit" else "chief")
        told = caller.get(path).json()
        assert set(told) == {"items", "count", "page", "page_size"}
        assert (told["page"], told["page_size"]) == (1, 50)
        for query in ({"page": 0}, {"page_size": 0}, {"page_size": 501}, {"page": "x"}, {"page": 10**30}):
            answer = caller.get(path, **query)
            assert (answer.status_code, answer.json()["error"]) == (422, "form"), query
        assert caller.get(path, page=10_000).json()["items"] == []

    def test_pages_hold_each_row_once(self, api: Any, office: Office) -> None:
        for n in range(23):
            raise_lead(office["officer"], title=f"第 {n} 条", place="桥下")
        caller = api("chief")
        pages = [caller.get("/leads", page=n, page_size=10).json() for n in (1, 2, 3)]
        assert [len(p["items"]) for p in pages] == [10, 10, 3]
        assert {p["count"] for p in pages} == {23}
        numbers = [row["number"] for p in pages for row in p["items"]]
        assert numbers == sorted(numbers, reverse=True)
        assert len(set(numbers)) == 23

    def test_filters(self, api: Any, office: Office) -> None:
        make_alert(office.gas)
        make_alert(office.waste, subject="W", ended_at=NOW, rule="silence", item="")
        caller = api("chief")

        def count(**query: Any) -> int:
            return int(caller.get("/alerts", **query).json()["count"])

        assert [count(**q) for q in ({}, {"open": True}, {"open": False}, {"rule": "silence"}, {"point": "GAS"})] == [
            2,
            1,
            1,
            1,
            1,
        ]
        assert [count(**q) for q in ({"acknowledged": True}, {"item": "NOx"}, {"point": "NONE"})] == [0, 1, 0]
        assert count(since=(NOW + timedelta(seconds=1)).isoformat()) == 0
        assert count(since="2026-11-21T08:30:00") == 2

    def test_no_query_per_row(self, api: Any, office: Office, django_assert_max_num_queries: Any) -> None:
        for n in range(30):
            make_alert(office.gas, subject=f"s{n}")
            raise_lead(office["officer"], title=f"第 {n} 条", place="桥下")
        caller = api("chief")
        for path in ("/alerts", "/leads", "/cases", "/findings", "/points", "/devices"):
            with django_assert_max_num_queries(12):
                caller.get(path)


class TestErrors:
    def test_not_allowed(self, api: Any, districts: dict[str, Any]) -> None:
        answer = api("south").post(f"/alerts/{districts['south']['alert_id']}/acknowledge")
        assert answer.status_code == 403
        assert answer.json() == {
            "error": "not_allowed", "field": "",
            "message": "south 没有“签收预警”的权限；请由安全管理员在“用户与角色”中授予相应角色",
        }  # fmt: skip

    def test_wrong_state(self, api: Any, districts: dict[str, Any]) -> None:
        path = f"/alerts/{districts['south']['alert_id']}/acknowledge"
        assert api("chief").post(path, {"note": "已电话"}).json()["acknowledged_note"] == "已电话"
        answer = api("chief").post(path)
        assert (answer.status_code, answer.json()["error"]) == (409, "wrong_state")
        assert "chief 签收" in answer.json()["message"]

    def test_missing_and_invalid_name_their_field(self, api: Any, districts: dict[str, Any]) -> None:
        lead = districts["south"]["lead"].number
        answer = api("chief").post(f"/leads/{lead}/dismiss", {"reason": " "})
        assert (answer.status_code, answer.json()["error"], answer.json()["field"]) == (422, "missing", "reason")
        answer = api("chief").post(f"/leads/{lead}/open-case", {"reason": "实", "kind": "war"})
        assert (answer.status_code, answer.json()["error"], answer.json()["field"]) == (422, "invalid", "kind")

    def test_form(self, api: Any) -> None:
        answer = api("chief").post("/leads", {"title": 5, "lon": "east"})
        assert answer.status_code == 422
        assert "title 得到 5，应为文字" in answer.json()["message"]
        assert {"body.body.title", "body.body.lon"} <= {f["where"] for f in answer.json()["faults"]}

    @pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
    def test_body_that_is_no_json(self, api: Any, content: bytes) -> None:
        answer = Client().post(BASE + "/leads", content, content_type="application/json", headers=api("chief").headers)
        assert answer.status_code in {400, 422}
        assert not Lead.objects.exists()

    @pytest.mark.parametrize("number", ["²", "XS2026-9999", "0", "-1", "9" * 30, "%00", "a%27--"])
    def test_odd_numbers_are_not_found(self, api: Any, districts: dict[str, Any], number: str) -> None:
        """`²` is a digit to Python and no number: it ended as an error of the server."""
        for register in ("leads", "cases"):
            assert api("chief").get(f"/{register}/{number}").status_code in ({404, 422} if number == "%00" else {404})
        assert api("chief").get("/alerts/" + "9" * 30).status_code == 404

    @pytest.mark.parametrize("title", ["a\x00b", "长" * 5000])
    def test_text_that_no_database_holds(self, api: Any, title: str) -> None:
        assert api("chief").post("/leads", {"title": title, "place": title}).status_code in {200, 422}

    def test_file_that_is_no_base64(self, api: Any) -> None:
        body = {"title": "t", "place": "p", "files": [{"name": "a.jpg", "content_base64": "###"}]}
        answer = api("chief").post("/leads", body)
        assert (answer.status_code, answer.json()["field"]) == (422, "files")

    @pytest.mark.parametrize(
        "fields",
        [
            {"outcome": [], "outcome_note": "x"},
            {"outcome": "burnt", "outcome_note": "x"},
            {"outcome": 5, "outcome_note": {}},
        ],
    )
    def test_fields_of_an_odd_form(self, api: Any, districts: dict[str, Any], fields: dict[str, Any]) -> None:
        case = districts["south"]["case"]
        answer = api("chief").post(f"/cases/{case.number}/actions/close", {"fields": fields})
        assert (answer.status_code, answer.json()["error"]) == (422, "invalid")

    def test_range_of_readings(self, api: Any) -> None:
        caller = api("chief")
        for query in (
            {"since": "2026-11-02", "to": "2026-11-01"}, {"since": "2020-01-01", "to": "2026-01-01"},
            {"since": "0001-01-01T00:00:00"},
        ):  # fmt: skip
            answer = caller.get("/points/GAS/readings", item="NOx", **query)
            assert (answer.status_code, answer.json().get("field")) == (422, "since"), query
        assert caller.get("/points/GAS/readings").status_code == 422


class TestIdempotency:
    """The wrapper once hid the bodies of all changing operations: each was asked for as a query, and none could be
    called; the description of the API could not be made either."""

    BODY: ClassVar[dict[str, Any]] = {"title": "河面发白", "place": "桥下"}

    def test_repeat_is_answered_alike_and_changes_nothing(self, api: Any) -> None:
        caller = api("chief")
        first, again = (caller.post("/leads", self.BODY, key="k1") for _ in range(2))
        assert (first.status_code, again.status_code) == (200, 200)
        assert first.json() == again.json()
        assert Lead.objects.count() == 1
        assert AuditEntry.objects.filter(verb="lead.raise").count() == 1

    def test_another_key_or_person_is_another_request(self, api: Any) -> None:
        api("chief").post("/leads", self.BODY, key="k1")
        api("chief").post("/leads", self.BODY, key="k2")
        api("officer").post("/leads", self.BODY, key="k1")
        assert Lead.objects.count() == 3

    def test_same_key_for_another_content_is_refused(self, api: Any) -> None:
        caller = api("chief")
        caller.post("/leads", self.BODY, key="k1")
        answer = caller.post("/leads", self.BODY | {"title": "别的"}, key="k1")
        assert answer.status_code == 422
        assert "Idempotency-Key" in answer.json()["message"]
        assert Lead.objects.count() == 1

    def test_refused_request_may_be_sent_again(self, api: Any, districts: dict[str, Any]) -> None:
        lead = districts["south"]["lead"]
        caller = api("chief")
        assert caller.post(f"/leads/{lead.number}/dismiss", {"reason": ""}, key="k").status_code == 422
        assert caller.post(f"/leads/{lead.number}/dismiss", {"reason": "雾气"}, key="k").status_code == 200

    def test_key_too_long(self, api: Any) -> None:
        assert api("chief").post("/leads", self.BODY, key="k" * 121).status_code == 422


ZONED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")
TIMES = re.compile(r"(_at|_end|_start|^start|^end|deadline|^since)$")


def times(found: Any, name: str = "") -> list[tuple[str, str]]:
    if isinstance(found, dict):
        return [t for k, v in found.items() for t in times(v, k)]
    if isinstance(found, list):
        return [t for v in found for t in times(v, name)]
    return [(name, found)] if isinstance(found, str) and TIMES.search(name) else []


def test_times_carry_a_zone(api: Any, office: Office, districts: dict[str, Any]) -> None:
    put_hours(office.gas, "NOx", NOW - timedelta(hours=5), [40.0, 60.0])
    row = districts["south"]
    caller = api("chief")
    seen = []
    for path in [
        *(p for p in LISTS if p != "/audit"), f"/alerts/{row['alert_id']}", f"/findings/{row['finding_id']}",
        f"/leads/{row['lead'].number}", f"/cases/{row['case'].number}", "/points/GAS", "/points/GAS/readings?item=NOx",
    ]:  # fmt: skip
        seen += times(caller.get(path).json())
    assert len(seen) > 30
    assert [t for t in seen if not ZONED.fullmatch(t[1])] == []


def test_readings_in_force_and_as_of(api: Any, office: Office) -> None:
    begin = NOW - timedelta(hours=5)
    put_hours(office.gas, "NOx", begin, [40.0, 41.0])
    put_hours(office.gas, "NOx", begin, [45.0], origin=9)
    caller = api("chief")
    items = caller.get("/points/GAS/readings", item="NOx", since=begin.isoformat(), to=NOW.isoformat()).json()["items"]
    assert [(i["value"], i["revised"]) for i in items] == [(45.0, True), (41.0, False)]
    assert datetime.fromisoformat(items[0]["start"]) == begin
    early = caller.get(
        "/points/GAS/readings", item="NOx", since=begin.isoformat(), as_of=(begin + timedelta(minutes=5)).isoformat()
    )
    assert early.json()["items"] == []


def test_from_lead_to_record(api: Any, office: Office) -> None:
    """The whole work on one matter by the API alone."""
    photo = {"name": PHOTO.name, "content_base64": base64.b64encode(PHOTO.content).decode()}
    lead = api("south").post("/leads", {"title": "异味", "point": "GAS", "files": [photo]}).json()
    assert lead["area"]["code"] == "S"
    case = api("chief").post(f"/leads/{lead['number']}/open-case", {"reason": "属实", "kind": "outlet"}).json()
    path = f"/cases/{case['number']}"

    def do(who: str, verb: str, fields: dict[str, Any] | None = None, files: list[Any] | None = None) -> dict[str, Any]:
        told = api(who).get(path).json()
        assert verb in {a["verb"] for a in told["actions"]}
        body = {"note": f"说明 {verb}", "fields": fields or {}, "files": files or [], "revision": told["revision"]}
        answer = api(who).post(f"{path}/actions/{verb}", body)
        assert answer.status_code == 200, answer.content.decode()
        return dict(answer.json())

    do("chief", "assign", {"owner": "ENF", "assignee": "officer", "deadline": "2026-12-01T12:00:00+08:00"})
    do("officer", "accept")
    do("officer", "order_rectification", {"measure": "换泵", "responsible": "F1", "due_on": "2026-12-01"})
    number = api("officer").get(path).json()["rectifications"][0]["id"]
    do("officer", "complete_rectification", {"rectification": str(number)}, [photo])
    do("officer", "submit", files=[photo])
    fields = {"outcome": OUTCOME["outlet"], "outcome_note": "已整改", "override": "现场复核"}
    closed = do("chief", "close", fields)
    assert (closed["state"], closed["outcome"]) == ("closed", "rectified")
    assert [e["verb"] for e in closed["events"]] == [
        "open", "assign", "accept", "order_rectification", "complete_rectification", "submit", "close",
    ]  # fmt: skip
    exhibit = next(x for x in closed["exhibits"] if x["kind"] == "photo")
    assert api("officer").get(f"{path}/exhibits/{exhibit['id']}").content == PHOTO.content
    record = api("officer").get(f"{path}/record.docx")
    assert record.content[:4] == b"PK\x03\x04"
    assert record["Content-Disposition"] == f'attachment; filename="{case["number"]}.docx"'


def test_stale_revision_is_a_conflict(api: Any, districts: dict[str, Any]) -> None:
    case = districts["south"]["case"]
    answer = api("chief").post(f"/cases/{case.number}/actions/return", {"note": "x", "revision": 1})
    assert (answer.status_code, answer.json()["error"]) == (409, "wrong_state")
    assert Case.objects.get(pk=case.pk).state == "submitted"


def test_lead_from_alert(api: Any, districts: dict[str, Any]) -> None:
    path = f"/alerts/{districts['south']['alert_id']}"
    made = api("chief").post(f"{path}/lead", {}).json()
    assert (made["source"], made["title"]) == ("alert", "超限")
    assert api("chief").get(path).json()["lead"] == made["number"]
    assert api("chief").post(f"{path}/lead", {}).status_code == 409
    assert Alert.objects.get(pk=districts["south"]["alert_id"]).lead.number == made["number"]


def test_import_of_a_file(api: Any, office: Office) -> None:
    file = io.BytesIO("时间,点位编号,PM2.5\n2026-11-20 01:00,A9,35\n".encode())
    file.name = "小时.csv"
    told = api("chief").send_file("/imports", file).json()  # type: ignore[union-attr]
    assert (told["state"], told["file_name"]) == ("queued", "小时.csv")
    assert api("chief").get(f"/imports/{told['id']}").json()["state"] == "queued"
    assert api("south").get(f"/imports/{told['id']}").status_code == 403


def test_points_places_and_undo_by_the_api(api: Any, office: Office) -> None:
    """Lists of points and boundaries come in by the API too, an import goes out again; a harmful file is 422 in words."""

    def file(name: str, content: bytes) -> io.BytesIO:
        made = io.BytesIO(content)
        made.name = name
        return made

    points = file("站.csv", "编码,名称,类别,经度,纬度\nQ1,新站,空气站,31.4,119.8\nQ2,另站,空气站,,\n".encode())
    told = api("chief").send_file("/imports/points", points).json()
    assert (told["new"], told["errors"][0]["column"]) == (1, "经度")
    assert "写反" in told["errors"][0]["expected"]
    assert api("officer").send_file("/imports/points", file("a.csv", b"code\nX\n")).status_code == 403
    refused = api("chief").send_file("/imports/places", file("a.csv", b"a,b\n1,2\n"))
    assert refused.status_code == 422
    assert "地图数据" in refused.json()["message"]
    deep = api("chief").send_file("/imports/points", file("a.json", b"[" * 100_000))
    assert deep.status_code in (400, 422)
    assert "JSON" in str(deep.json())
    started = api("chief").send_file(
        "/imports?new_points=true", file("a.csv", b"time,site,SO2\n2026-11-20 01:00,Q2,3\n")
    )
    from qingyuan.bureau.monitoring.actions.import_jobs import run_next_job

    run_next_job()
    job = started.json()["id"]
    assert api("chief").get(f"/imports/{job}").json()["readings_new"] == 1
    assert api("officer").post(f"/imports/{job}/undo?reason=x", {}).status_code == 403
    assert api("chief").post(f"/imports/{job}/undo?reason=x", {}).json()["state"] == "undoing"
    run_next_job()
    assert api("chief").get(f"/imports/{job}").json()["state"] == "undone"


def test_morning_line(api: Any) -> None:
    assert api("chief").get("/morning-line").json()["line"]


class TestDescription:
    def test_it_is_openapi(self, api: Any) -> None:
        schema = api("chief").get("/openapi.json").json()
        assert schema["openapi"].startswith("3.1")
        assert schema["info"]["title"] == "清源接口"
        assert set(schema["components"]["securitySchemes"]) == {"Token", "Session"}
        wanted = set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(schema)))
        assert {r.rsplit("/", 1)[1] for r in wanted} <= set(schema["components"]["schemas"])
        identifiers = [o["operationId"] for methods in schema["paths"].values() for o in methods.values()]
        assert len(set(identifiers)) == len(identifiers) == len(list(operations()))

    def test_page_without_anything_inline(self, office: Office) -> None:
        client = Client()
        client.force_login(office["chief"], backend="django.contrib.auth.backends.ModelBackend")
        page = client.get(BASE + "/docs")
        text = page.content.decode()
        assert page.status_code == 200
        assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", text) == []
        assert re.findall(r"\son\w+=|\sstyle=|javascript:", text) == []
        assert re.findall(r"(?:src|href)=\"https?://", text) == []
        assert "script-src 'self'" in page["Content-Security-Policy"]
        for _, path, told in operations():
            assert path.replace("{", "").replace("}", "").split("/")[1] in text
            assert told["summary"] in text


def test_every_refusal_is_json_in_words(api: Any, client: Client) -> None:
    """A script never meets a page, an English phrase, or another shape of error."""
    caller = api("chief")
    headers = caller.headers
    answers = {
        401: Caller(None).get("/alerts"),
        404: caller.get("/no-such-thing"),
        400: client.post(BASE + "/leads", "{", content_type="application/json", headers=headers),
        422: caller.get("/alerts", page="x"),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert {"error", "message"} <= answer.json().keys(), answer.content
        assert any("\u4e00" <= letter <= "\u9fff" for letter in answer.json()["message"])
    assert caller.get("/leads/XS2026-9999").json()["error"] == "not_found"


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        pytest.param(
            "/devices/{mn}/fetch", {"grain": "second"}, ["得到 second，应为 minute、hour、day", "缺少"], id="body"
        ),
        pytest.param("/devices?state=bogus", None, ["得到 bogus，应为 active、waiting、retired"], id="choice"),
        pytest.param("/emissions?since=soon", None, ["得到 soon，应为日期"], id="day"),
        pytest.param("/outlets/GAS/hours?since=soon", None, ["得到 soon，应为时间"], id="instant"),
        pytest.param(
            "/outlets/GAS/hours?since=2026-01-01T00:00:00Z", None, ["得到 2026-01-01 08:00 至"], id="too-long"
        ),
    ],
)
def test_a_request_of_the_wrong_form_is_told_what_was_got_and_expected(
    api: Any, office: Office, path: str, body: dict[str, Any] | None, said: list[str]
) -> None:
    where = path.format(mn=GAS_MN)
    answer = api("chief").get(where) if body is None else api("chief").post(where, body)
    assert answer.status_code == 422
    told = json.dumps(answer.json(), ensure_ascii=False)
    for words in said:
        assert words in told
    assert "Input" not in told
    assert "Field" not in told
