"""Who decides a lead: somebody takes it, or is given it."""

from __future__ import annotations

from django.db import transaction

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import may, require
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.errors import Invalid, WrongState
from qingyuan.bureau.cases.models import Lead


def take_lead(actor: User, lead: Lead, to: User | None = None) -> Lead:
    """Make the actor, or another person who may decide it, the owner of an undecided lead. Raises NotAllowed, Invalid."""
    require(actor, "triage", lead.area_id)
    owner = to or actor
    if not owner.is_active or not may(owner, "triage", lead.area_id):
        raise Invalid(f"{owner} 不能研判这条线索；请选择有“研判线索”权限的人员", "owner")
    with transaction.atomic():
        if Lead.objects.filter(pk=lead.pk, state=Lead.State.NEW).update(owner=owner) != 1:
            lead.refresh_from_db()
            raise WrongState(f"线索 {lead.number} 已是“{lead.get_state_display()}”，不再需要研判人")
        record(actor, "lead.take", lead, f"线索 {lead.number} 由 {owner} 研判")
    lead.refresh_from_db()
    return lead
