from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Model

from qingyuan import clock
from qingyuan.bureau.audit.actions.turns import writing
from qingyuan.bureau.audit.models import AuditEntry


def record(
    actor: AbstractBaseUser | None, verb: str, target: Model | str, summary: str, data: dict[str, Any] | None = None
) -> AuditEntry:
    """Write one line of the audit trail, in the transaction of the act itself.

    actor None means the system. data must hold no personal or informant details: digests and codes only.
    """
    if isinstance(target, Model):
        kind, number = target._meta.model_name or "", str(target.pk)
    else:
        kind, _, number = target.partition(":")
    with transaction.atomic(savepoint=False):
        writing()
        return AuditEntry.objects.create(
            at=clock.now(),
            actor_id=actor.pk if actor else None,
            actor_label=str(actor) if actor else "系统",
            verb=verb,
            object_kind=kind,
            object_id=number,
            summary=summary[:300],
            data=data or {},
        )
