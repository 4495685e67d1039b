"""What the page of the audit trail shows. Only the capability `read_audit` opens it; it has no area scope."""

from __future__ import annotations

from django.db.models import QuerySet

from qingyuan.bureau.audit.models import AuditEntry, AuditSeal


def audit_rows() -> QuerySet[AuditEntry]:
    """The whole trail, newest first."""
    return AuditEntry.objects.order_by("-id")


def sealed_up_to() -> AuditSeal | None:
    """The last link of the chain; None while nothing is sealed."""
    return AuditSeal.objects.order_by("-last_id").first()
