"""What the page of the audit trail shows. Only the capability `read_audit` opens it; it has no area scope."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import QuerySet

from qingyuan.bureau.audit.models import AuditEntry, AuditSeal

# Lines of earlier versions said more of a lead than the trail's readers may know: its title, the reason of triage, the
# names of files. The lines are sealed and stay; what is shown of them ends after the number.
_HEADS = {
    "lead.raise": re.compile(r"^登记线索 \S+"),
    "lead.dismiss": re.compile(r"^线索 \S+ 不予立案"),
    "lead.merge": re.compile(r"^线索 \S+ 并入 [^：\s]+"),
    "case.open": re.compile(r"^立案 \S+"),
}
_KEPT_BACK = {"upper_reply", "proof", "override", "note", "reason", "responsible"}


def shown_summary(entry: AuditEntry) -> str:
    """What a line says, without what a lead or case is about."""
    head = _HEADS.get(entry.verb)
    found = head.match(entry.summary) if head else None
    return found.group(0) if found else entry.summary


def shown_data(entry: AuditEntry) -> dict[str, Any]:
    """The details of a line: codes and digests; of leads, cases and alerts no free text and no names of files."""
    if entry.object_kind not in {"lead", "case", "alert"}:
        return dict(entry.data)
    files = [f.get("sha256", "") if isinstance(f, dict) else str(f) for f in entry.data.get("files") or []]
    plain = {k: v for k, v in entry.data.items() if k not in _KEPT_BACK | {"files"}}
    return plain | ({"files": files} if files else {})


def audit_rows() -> QuerySet[AuditEntry]:
    """The whole trail, newest first."""
    return AuditEntry.objects.order_by("-id")


def sealed_up_to() -> AuditSeal | None:
    """The last link of the chain; None while nothing is sealed."""
    return AuditSeal.objects.order_by("-last_id").first()
