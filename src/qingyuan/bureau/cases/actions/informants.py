"""Reaching the person behind a matter: the officer in charge calls back, who has the right reveals. Both are logged."""

from __future__ import annotations

from django.db import transaction

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.errors import Missing, NotAllowed, WrongState
from qingyuan.bureau.cases.actions.leads import _event
from qingyuan.bureau.cases.models import Lead
from qingyuan.bureau.cases.policies.visible import may_call_back, may_know_informant
from qingyuan.bureau.cases.queries.informants import Identity, has_informant, identity_of, secrets_of, without


def call_back(actor: User, lead: Lead) -> Identity:
    """The officer in charge gets the number to call. Nothing to type; the log says who and when, not whom.

    Raises NotAllowed, WrongState where nobody is to be called.
    """
    if not may_call_back(actor, lead):
        raise NotAllowed("只有承办人（未立案时为研判人）可以回访反映人；请由承办人操作，或由有权限的人说明理由后查看")
    _must_have(lead)
    _log(actor, lead, "informant.call", "回访反映人", "")
    return identity_of(lead)


def reveal(actor: User, lead: Lead, reason: str) -> Identity:
    """Who has the right to this matter and to informants sees who it is, and says why. Raises NotAllowed, Missing."""
    if not may_know_informant(actor, lead):
        raise NotAllowed("您没有查看反映人的权限，或这件事不归您办理；承办人可用“回访”")
    if not reason.strip():
        raise Missing("没有填写查看反映人的理由；请写明为何必须知道", "reason")
    _must_have(lead)
    _log(actor, lead, "informant.reveal", "查看反映人", reason.strip())
    return identity_of(lead)


def _must_have(lead: Lead) -> None:
    if not has_informant(lead):
        raise WrongState(f"线索 {lead.number} 没有登记反映人")


def _log(actor: User, lead: Lead, verb: str, words: str, reason: str) -> None:
    said = without(reason, secrets_of([lead]))
    with transaction.atomic():
        if lead.case is not None:
            _event(lead.case, actor, verb.replace(".", "_"), data={"lead": lead.number})
        told = f"{words}：线索 {lead.number}" + (f"；理由：{said}" if said else "")
        record(actor, verb, lead, told)
