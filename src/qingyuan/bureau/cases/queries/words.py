"""The words of the fields and verbs of a case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

FIELD_LABELS = {
    "owner": "承办单位",
    "assignee": "承办人",
    "deadline": "办理期限",
    "note": "说明",
    "files": "证据材料",
    "measure": "整改要求",
    "responsible": "责任方",
    "due_on": "整改期限",
    "rectification": "整改要求",
    "outcome": "办理结果",
    "outcome_note": "结果说明",
    "upper_reply": "回复上级内容",
    "proof": "核实依据",
    "override": "未达复核条件仍按已整改办结的理由",
    "override_by": "决定人",
}
OTHER_VERBS = {
    "open": "立案",
    "child_lead": "登记下级线索",
    "moved": "随点位移交",
    "restarted": "恢复生产",
    "deadline_recomputed": "期限重算",
    "informant_call": "回访反映人",
    "informant_reveal": "查看反映人",
}


def fact(name: str, value: Any) -> str:
    """A value of the time line in words."""
    if name == "deadline":
        return f"{datetime.fromisoformat(str(value)):%Y-%m-%d %H:%M}"
    return str(value)
