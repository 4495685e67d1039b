"""Short ways to leads and cases for the tests of their acts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bureau.office import Office
from moment import NOW
from qingyuan.bureau.cases.actions.leads import open_case, raise_lead
from qingyuan.bureau.cases.actions.work import act
from qingyuan.bureau.cases.models import Case
from qingyuan.bureau.evidence.actions.files import Upload
from qingyuan.bureau.registers.models import Point

PHOTO = Upload("现场.jpg", b"\xff\xd8\xff\xe0 a photo", "现场照片")
SOON = NOW + timedelta(days=2)


def open_for(office: Office, point: Point, kind: str = "outlet", **more: Any) -> Case:
    lead = raise_lead(office["officer"], title="氮氧化物超标", point=point, occurred_at=NOW)
    return open_case(office["chief"], lead, kind, "情况属实", **more)


FIELDS: dict[str, dict[str, Any]] = {
    "assign": {"owner": "ENF", "assignee": "officer", "deadline": SOON},
    "order_rectification": {"measure": "更换喷氨泵", "responsible": "F1", "due_on": "2026-12-01"},
    "hand_over": {"owner": "S-O", "assignee": "south"},
    "extend": {"deadline": NOW + timedelta(days=9)},
    "reply_upper": {"upper_reply": "已办结。"},
}
WHO = {"assign": "chief", "extend": "chief", "return": "chief", "close": "chief", "reopen": "chief"}
OUTCOME = {"outlet": "rectified", "area": "none_found", "silence": "planned_stop"}
# The clock stands still in these tests: no hour passes between the mending and the closing, so a person decides.
OVERRIDE = {"outlet": {"override": "现场复核，比对监测达标"}}


def go(office: Office, case: Case, *verbs: str, **more: Any) -> Case:
    """Carry out verbs one after the other, each by who usually does and with what it asks for."""
    for verb in verbs:
        fields = dict(FIELDS.get(verb, {}))
        files = []
        if verb == "close":
            fields = {"outcome": OUTCOME[case.kind], "outcome_note": "已核实"} | OVERRIDE.get(case.kind, {})
        if verb == "complete_rectification":
            fields = {"rectification": case.rectifications.filter(done_at__isnull=True).first().pk}  # type: ignore[union-attr]
            files = [PHOTO]
        if verb == "submit":
            files = [PHOTO]
        who = office[more.get("by", WHO.get(verb, "officer"))]
        case = act(who, case, verb, f"说明：{verb}", fields | more.get("fields", {}), files)
    return case
