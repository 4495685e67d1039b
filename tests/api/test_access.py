"""Every operation refuses the signed-out, the read-only token where it changes something, and the wrong district."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from api.calling import BASE, BODIES, CLASSES, LISTS, RIGHTS, ROWS, Caller, fill, operations
from bureau.office import Office
from canaries import ANSWER, INFORMANT, NOT_FOR, PHONE, Matter, plant, readable
from qingyuan.bureau.accounts.actions.users import set_active
from qingyuan.bureau.accounts.policies.rights import can
from qingyuan.bureau.alerts.models import AlertChange
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.cases.models import Case, CaseEvent, Exhibit, Lead
from qingyuan.bureau.cases.queries.definition import current
from qingyuan.bureau.registers.models import Point
from web.factories import make_county

pytestmark = pytest.mark.django_db
EVERY = [(method, path) for method, path, _ in operations()]
OF_A_DISTRICT = [
    (m, p)
    for m, p in EVERY
    if any(x in p for x in ("alert_id", "finding_id", "tag_id", "number", "{code}", "{mn}", "{key}"))
]


def test_every_operation_is_classified() -> None:
    """A new operation must be put into the table of calling.py, and so into the walks of this file."""
    known = set().union(*CLASSES)
    assert set(EVERY) - known == set(), "classify the new operation in tests/api/calling.py"
    assert known - set(EVERY) == set(), "the table names operations that are gone"
    assert {e for e in ROWS if "export" not in e[1]} <= set(OF_A_DISTRICT)


def call(caller: Caller, method: str, path: str, row: dict[str, Any]) -> Any:
    where = fill(path, row)
    return caller.get(where, item="NOx") if method == "get" else caller.post(where, BODIES.get(path))


def state() -> tuple[int, ...]:
    return tuple(m.objects.count() for m in (Lead, CaseEvent, AlertChange, AuditEntry))


NOBODY = {"nothing": "", "wrong": "qy_wrong", "long": "x" * 9000}


@pytest.mark.parametrize("secret", NOBODY.values(), ids=NOBODY)
def test_signed_out(districts: dict[str, Any], secret: str) -> None:
    before, caller = state(), Caller(None, secret=secret)
    answers = {(m, p): call(caller, m, p, districts["south"]).status_code for m, p in EVERY}
    assert {operation: code for operation, code in answers.items() if code != 401} == {}
    assert state() == before


def test_token_to_read_changes_nothing(api: Any, districts: dict[str, Any]) -> None:
    caller = api("chief", "read")
    before = state()
    for method, path in (e for e in EVERY if e[0] != "get"):
        answer = call(caller, method, path, districts["south"])
        assert (answer.status_code, answer.json()["error"]) == (403, "not_allowed"), (method, path)
        assert "read" in answer.json()["message"], (method, path)
        assert state() == before, (method, path)


@pytest.mark.parametrize("who", ["north", "other_firm"])
def test_other_district_is_not_found(api: Any, office: Office, districts: dict[str, Any], who: str) -> None:
    """Who has the right finds no such row; who has it nowhere is told just that, whether there is such a row or not."""
    caller = api(who)
    before = state()
    nothing = {k: v if isinstance(v, dict) else 999_999 for k, v in districts["south"].items()} | {"book": "litter"}
    for method, path in OF_A_DISTRICT:
        answer = call(caller, method, path, districts["south"])
        has_right = method == "get" or path not in RIGHTS or can(office[who], RIGHTS[path])
        assert answer.status_code == (404 if has_right else 403), (method, path, answer.content[:200])
        if not has_right:
            assert call(caller, method, path, nothing).content == answer.content, (method, path)
        assert state() == before, (method, path)


def test_own_district_is_found(api: Any, districts: dict[str, Any]) -> None:
    caller = api("south")
    for method, path in (e for e in OF_A_DISTRICT if e[0] == "get"):
        mine = districts["south"] | ({"code": "SEC"} if path.endswith("/water") else {})  # the section of that district
        assert call(caller, method, path, mine).status_code == 200, path


LISTS_OF_ROWS = [
    "/points",
    "/alerts",
    "/findings",
    "/findings/pending",
    "/tags",
    "/leads",
    "/cases",
    "/evaluations",
    "/devices",
    "/books/litter",
]


def test_list_holds_no_other_district(api: Any, districts: dict[str, Any]) -> None:
    caller = api("south")
    for path in LISTS_OF_ROWS:
        text = caller.get(path, page_size=500).content.decode()
        assert [word for word in ("WASTE", "线索 north", "B" * 23, "L-north") if word in text] == [], path


@pytest.mark.parametrize("who", ["audit", "security", "operator"])
def test_list_is_empty_for_who_sees_no_data(api: Any, districts: dict[str, Any], who: str) -> None:
    caller = api(who)
    assert {path: caller.get(path).json()["count"] for path in LISTS_OF_ROWS} == dict.fromkeys(LISTS_OF_ROWS, 0)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/audit", {"audit"}),
        ("/imports", {"chief", "monitor", "system"}),
        ("/imports/profiles", {"chief", "monitor", "system"}),
    ],
)
def test_registers_of_a_capability(api: Any, office: Office, path: str, allowed: set[str]) -> None:
    seen = {who for who in office.users if api(who).get(path).status_code == 200}
    assert seen == allowed


def test_revoked_and_inactive(api: Any, office: Office) -> None:
    caller = api("chief")
    assert caller.get("/me").json()["username"] == "chief"
    set_active(None, office["chief"], False)
    assert caller.get("/me").status_code == 401


class TestSession:
    """The pages call the API by their session; changes need the CSRF token as on any form."""

    @pytest.fixture
    def client(self, office: Office) -> Client:
        client = Client(enforce_csrf_checks=True)
        client.force_login(office["chief"], backend="django.contrib.auth.backends.ModelBackend")
        return client

    def test_reading(self, client: Client) -> None:
        assert client.get(BASE + "/me").json()["username"] == "chief"

    def test_changing_without_csrf_token(self, client: Client, districts: dict[str, Any]) -> None:
        path = f"{BASE}/alerts/{districts['south']['alert_id']}/acknowledge"
        assert client.post(path, {}, content_type="application/json").status_code == 403
        assert districts["south"]["alert"].changes.count() == 0

    def test_first_password_must_be_changed_first(self, client: Client, office: Office) -> None:
        type(office["chief"]).objects.filter(username="chief").update(must_change_password=True)
        assert client.get(BASE + "/me").status_code == 401


def test_capabilities_of_me(api: Any) -> None:
    told = api("south").get("/me").json()
    assert told["roles"] == [{"role": "town", "area": "S"}]
    assert set(told["capabilities"]) >= {"view", "raise_lead", "work"}


def test_points_are_made_by_nobody_here(api: Any) -> None:
    assert api("chief").post("/points", {}).status_code == 405
    assert Point.objects.count() == 4


def test_every_operation_says_what_it_does() -> None:
    for method, path, told in operations():
        assert told.get("summary"), f"{method} {path}"
        assert told.get("description"), f"{method} {path}"
        assert told["tags"], f"{method} {path}"


class TestCanaries:
    """The API gives nobody what the pages do not: the same walk with the same marks, by tokens."""

    @pytest.fixture
    def matter(self, db: None) -> Matter:
        return plant(make_county())

    def asked(self, matter: Matter) -> list[str]:
        """Every reading operation, filled with the planted rows."""
        found = {path for _, path in LISTS} | {"/me", "/exports", "/imports", "/imports/profiles", "/audit"}
        found |= {"/leads?sort=due&page_size=500", "/audit?page_size=500", "/cases?page_size=500"}
        point, alert = matter.county.outlet.code, matter.county.alert.pk
        row = {"code": point, "mn": "8" * 24, "alert_id": alert, "finding_id": matter.county.finding.pk, "tag_id": 1}
        for case in (matter.case, matter.handed, matter.other):
            for lead in (*case.leads.all(), matter.lead):
                numbers = {"leads": lead.number, "cases": case.number}
                for x in (0, *(x.pk for x in Exhibit.objects.all())):
                    more = {"number": numbers, "exhibit_id": x, "exhibit_of_lead": x, "exhibit_of_tag": x}
                    wanted = {p for _, p in ROWS if "exhibit_id" in p} if x else {p for _, p in ROWS}
                    found |= {fill(path, row | more) for path in wanted}
        return sorted(found)

    @pytest.mark.parametrize("who", sorted(NOT_FOR))
    def test_nobody_reads_what_is_not_for_them(self, matter: Matter, who: str) -> None:
        """By the API the firm read who reported it, the text, the place, the reason of triage and the file names."""
        caller, leaks = Caller(matter.users[who]), []
        for path in self.asked(matter):
            answer = caller.get(path)
            if "exhibits" in path and "X-Content-Copy" not in answer.headers and NOT_FOR[who] == INFORMANT:
                continue  # the handling unit has the right to the original
            said = readable(b"".join(answer.streaming_content) if answer.streaming else answer.content)
            words = NOT_FOR[who] if path != "/me" else ()
            leaks += [(path, word) for word in words if word in said + str(answer.headers)]
        assert leaks == []

    def test_the_signed_out_read_nothing(self, matter: Matter) -> None:
        assert {Caller(None).get(path).status_code for path in self.asked(matter)} == {401}

    @pytest.mark.parametrize("who", sorted(NOT_FOR))
    def test_who_reaches_the_informant(self, matter: Matter, who: str) -> None:
        path = f"/leads/{matter.lead.number}/informant"
        call_back = Caller(matter.users[who]).post(f"{path}/call-back")
        reveal = Caller(matter.users[who]).post(f"{path}/reveal", {"reason": "核对"})
        assert (call_back.status_code == 200, reveal.status_code == 200) == (
            who == "officer",
            who in {"chief", "director"},
        )
        for answer in (call_back, reveal):
            assert (PHONE in answer.content.decode()) == (answer.status_code == 200)
            assert answer.status_code in {200, 403, 404}
        assert Caller(matter.users["chief"]).post(f"{path}/reveal", {"reason": " "}).status_code == 422


OTHER_VERBS_OF_A_FIRM = sorted({t.verb for t in current("outlet").transitions} - {"complete_rectification"})


class TestFirms:
    """A firm answered 200 to `hand_over` and gave its case to a competitor; `reply_upper` and `report` were open too."""

    @pytest.fixture
    def matter(self, db: None) -> Matter:
        return plant(make_county())

    @pytest.mark.parametrize("who", ["enterprise", "om"])
    def test_the_work_of_the_bureau_is_refused(self, matter: Matter, who: str) -> None:
        fields = {
            "owner": "F9", "assignee": "other_firm", "deadline": "2027-01-01T12:00", "measure": "x", "due_on": "2027-01-01",
            "responsible": "F9", "outcome": "rectified", "outcome_note": "x", "upper_reply": "x", "override": "x",
        }  # fmt: skip
        before, caller = Case.objects.values().get(pk=matter.case.pk), Caller(matter.users[who])
        for state in ("opened", "assigned", "working", "rectifying", "submitted", "closed"):
            Case.objects.filter(pk=matter.case.pk).update(state=state)
            for verb in OTHER_VERBS_OF_A_FIRM:
                answer = caller.post(f"/cases/{matter.case.number}/actions/{verb}", {"note": "x", "fields": fields})
                assert (answer.status_code, answer.json()["error"]) == (403, "not_allowed"), (state, verb)
            assert Case.objects.values().get(pk=matter.case.pk) == before | {"state": state}

    def test_a_case_that_a_firm_was_given_under_the_old_rules(self, matter: Matter) -> None:
        """Cases already lay with firms: they keep what was served on them, and nothing else."""
        Case.objects.filter(pk=matter.handed.pk).update(
            owner=matter.users["other_firm"].organisation, assignee=matter.users["other_firm"], state="working"
        )
        caller = Caller(matter.users["other_firm"])
        told = caller.get(f"/cases/{matter.handed.number}").json()
        assert (told["view"], told["actions"], told["leads"]) == ("served", [], [])
        for verb in ("report", "submit", "hand_over", "complete_rectification"):
            answer = caller.post(
                f"/cases/{matter.handed.number}/actions/{verb}", {"note": "x", "fields": {"owner": "F1"}}
            )
            assert answer.status_code == 403, verb
        chief = Caller(matter.users["chief"])
        body = {"note": "收回", "fields": {"owner": "EEB-ENF"}}
        assert chief.post(f"/cases/{matter.handed.number}/actions/hand_over", body).status_code == 200

    def test_it_answers_the_order_that_is_directed_at_it(self, matter: Matter) -> None:
        firm, path = Caller(matter.users["enterprise"]), f"/cases/{matter.case.number}"
        told = firm.get(path).json()
        assert [a["verb"] for a in told["actions"]] == ["complete_rectification"]
        (order,) = told["rectifications"]
        choices = told["actions"][0]["fields"][0]["choices"]
        assert [c["value"] for c in choices] == [str(order["id"])]
        others = matter.case.rectifications.exclude(pk=order["id"]).get()
        proof = {"name": "布袋.txt", "content_base64": "5bey5o2i"}
        for wrong in (others.pk, 0, "x"):
            body = {"note": "完成", "fields": {"rectification": wrong}, "files": [proof]}
            assert firm.post(f"{path}/actions/complete_rectification", body).status_code == 422
        body = {"note": ANSWER, "fields": {"rectification": order["id"]}, "files": [proof]}
        done = firm.post(f"{path}/actions/complete_rectification", body)
        assert done.status_code == 200
        told = done.json()
        assert told["rectifications"][0]["done_note"] == ANSWER
        assert told["actions"] == []
        own = next(x for x in told["exhibits"] if x["file_name"] == "布袋.txt")
        assert firm.get(f"{path}/exhibits/{own['id']}").content == "已换".encode()
        seen = Caller(matter.users["officer"]).get(path).json()
        assert ANSWER in [e["note"] for e in seen["events"]]
        assert ANSWER not in Caller(matter.users["om"]).get(path).content.decode()

    @pytest.mark.parametrize("verb", ["assign", "hand_over"])
    def test_nobody_gives_a_case_to_the_supervised(self, matter: Matter, verb: str) -> None:
        who = {"assign": "chief", "hand_over": "officer"}[verb]
        Case.objects.filter(pk=matter.case.pk).update(state={"assign": "opened", "hand_over": "working"}[verb])
        path = f"/cases/{matter.case.number}"
        told = Caller(matter.users[who]).get(path).json()
        action = next(a for a in told["actions"] if a["verb"] == verb)
        fields = {f["name"]: [c["value"] for c in f["choices"]] for f in action["fields"]}
        assert fields["owner"] == ["EEB", "EEB-ENF", "EEB-MON", "T1", "T2"]
        assert {"enterprise", "om", "other_firm", "system", "security", "audit"} & set(fields["assignee"]) == set()
        for owner, assignee in (("F1", "enterprise"), ("F9", ""), ("OM1", "om"), ("EEB", "system")):
            given = {"owner": owner, "assignee": assignee, "deadline": "2027-01-01T12:00"}
            answer = Caller(matter.users[who]).post(f"{path}/actions/{verb}", {"note": "x", "fields": given})
            assert answer.status_code == 422, (owner, answer.content.decode())

    def test_a_town_gives_a_case_back_to_the_bureau_only(self, matter: Matter) -> None:
        path = f"/cases/{matter.handed.number}"
        town = Caller(matter.users["receiver"])
        told = {a["verb"]: a for a in town.get(path).json()["actions"]}
        assert set(told) == {"accept", "hand_over"}
        owners = [c["value"] for f in told["hand_over"]["fields"] if f["name"] == "owner" for c in f["choices"]]
        assert owners == ["EEB", "EEB-ENF", "EEB-MON"]
        for verb in ("assign", "extend", "close", "reopen", "return", "reply_upper"):
            assert town.post(f"{path}/actions/{verb}", {"note": "x"}).status_code == 403, verb
        assert town.post(f"{path}/actions/hand_over", {"note": "x", "fields": {"owner": "T1"}}).status_code == 422

    @pytest.mark.parametrize("given", ["某厂", "F404", "other_firm", "system", "锦川", "", [], "F9"])
    def test_the_responsible_party_comes_from_the_register(self, matter: Matter, given: Any) -> None:
        """`responsible` took any text; so nobody could say which firm, and the firm never saw its order."""
        path = f"/cases/{matter.case.number}/actions/order_rectification"
        body = {"fields": {"measure": "x", "due_on": "2027-01-01", "responsible": given}}
        answer = Caller(matter.users["officer"]).post(path, body)
        assert (answer.status_code, answer.json()["field"]) == (422, "responsible")

    @pytest.mark.parametrize("given", ["F1", "91320000TEST0001", "OM1", "EEB-ENF", "T1", "officer", "unknown"])
    def test_who_may_be_responsible(self, matter: Matter, given: str) -> None:
        path = f"/cases/{matter.case.number}/actions/order_rectification"
        body = {"fields": {"measure": "x", "due_on": "2027-01-01", "responsible": given}}
        assert Caller(matter.users["officer"]).post(path, body).status_code == 200
