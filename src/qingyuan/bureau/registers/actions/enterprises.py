"""Firms of the register: found again by their credit code, else by their name, so that no list enters one twice."""

from __future__ import annotations

from typing import Any

from qingyuan.bureau.accounts.models import Organisation
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.registers.actions.register import correct_organisation, find_or_make_organisation
from qingyuan.bureau.registers.credit_code import is_credit_code
from qingyuan.bureau.registers.models import Enterprise

CODE_MOST = 40


def find_enterprise(code: str, name: str) -> Enterprise | None:
    """The firm with this code (its name, where it has none), else the only one of this name; never one of another code."""
    if found := Enterprise.objects.filter(code=(code or name)[:CODE_MOST]).first():
        return found
    named = list(Enterprise.objects.filter(name=name)[:2])
    if len(named) != 1 or (code and is_credit_code(named[0].code)):
        return None
    return named[0]


def put_enterprise(code: str, name: str, **values: Any) -> tuple[Enterprise, str]:
    """Make a firm with its organisation, or fill in what is told of it: the firm, and `new`, `changed` or `same`.

    A firm that stood under its name takes the credit code when a list brings it. Raises Invalid where the code is that
    of another organisation.
    """
    firm = find_enterprise(code, name)
    code = (code or name)[:CODE_MOST]
    kept = Organisation.objects.filter(code=code).first()
    if kept is not None and (kept.kind != Organisation.Kind.ENTERPRISE or (firm and kept != firm.organisation)):
        raise Invalid(f"代码 {code} 已登记给{kept.get_kind_display()}“{kept.name}”；请核对信用代码和名称", "code")
    if firm is None:
        body = find_or_make_organisation(code, name, Organisation.Kind.ENTERPRISE, values.get("area"))
        return Enterprise.objects.create(organisation=body, code=code, name=name, **values), "new"
    told = {"name": name, **values}
    if is_credit_code(code):
        told["code"] = code
    differing = {key: value for key, value in told.items() if getattr(firm, key) != value}
    if not differing:
        return firm, "same"
    for key, value in differing.items():
        setattr(firm, key, value)
    firm.save(update_fields=list(differing))
    correct_organisation(firm.organisation, {k: v for k, v in differing.items() if k in {"code", "name", "area"}})
    return firm, "changed"
