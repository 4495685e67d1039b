"""Firms of the register: found again by their credit code, else by their name, so that no list enters one twice."""

from __future__ import annotations

from typing import Any

from qingyuan.bureau.accounts.models import Area, Organisation, User
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.book.actions import save
from qingyuan.bureau.book.registry import book_of
from qingyuan.bureau.registers.credit_code import doubt_of, is_credit_code
from qingyuan.bureau.registers.models import Enterprise
from qingyuan.bureau.registers.queries.sites import FirmWords, sites_meant

CODE_MOST = 40
SHOWN = 5


def put_enterprise(code: str, name: str, actor: User | None = None, **values: Any) -> tuple[Enterprise, str]:
    """Make a firm with its organisation, or fill in what is told of it: the firm, and `new`, `changed` or `same`.

    A firm that stood under its name takes the credit code when a list brings it. Raises Invalid where the code is that
    of another organisation, or several sites are like it.
    """
    found = sites_meant(FirmWords(name, code, str(values.get("permit") or "")))
    if len(found) > 1:
        keys = "、".join(site.code for site in found[:SHOWN])
        raise Invalid(
            f"与“{name}”相符的有 {len(found)} 处厂址（{keys}）；请写明排污许可证编号，或在企业台账中修改", "name"
        )
    firm = found[0] if found else None
    own = (code or name)[:CODE_MOST]
    kept = Organisation.objects.filter(code=own).first()
    if kept is not None and (kept.kind != Organisation.Kind.ENTERPRISE or (firm and kept != firm.organisation)):
        raise Invalid(f"代码 {own} 已登记给{kept.get_kind_display()}“{kept.name}”；请核对信用代码和名称", "code")
    told = {"name": name, **{key: value.pk if isinstance(value, Area) else value for key, value in values.items()}}
    if code and not doubt_of(code):
        told["credit_code"] = code
    is_free = not Enterprise.objects.filter(code=own).exists()
    if is_free and (firm is None or (is_credit_code(own) and not is_credit_code(firm.code[: len(own)]))):
        told["code"] = own
    before = None if firm is None else firm.revision
    firm = save(actor, book_of("enterprises"), told, firm)
    return firm, "new" if before is None else "same" if firm.revision == before else "changed"
