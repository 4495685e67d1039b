from __future__ import annotations

import re

from django.db import transaction

from qingyuan.bureau.accounts.models import Area, Organisation, User
from qingyuan.bureau.accounts.policies.rights import require_everywhere
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.errors import Invalid, Missing, WrongState
from qingyuan.bureau.book.actions import save
from qingyuan.bureau.book.registry import book_of
from qingyuan.bureau.registers.actions.register import correct_organisation
from qingyuan.bureau.registers.actions.tree import settle_areas

CODE = re.compile(r"\d{6}")


def name_county(actor: User | None, code: str, name: str) -> Area:
    """Say which county this bureau stands for: its six-digit code and its name. Its boundary and towns stay.

    Towns without an area above them come to lie in it; the bureau takes the county's name where it has none of its own.
    Raises NotAllowed, Missing, Invalid, WrongState where another county is in the register already.
    """
    require_everywhere(actor, "manage_points")
    code, name = code.strip(), name.strip()
    if not name:
        raise Missing("没有填写本县（市、区）的名称", "name")
    if not CODE.fullmatch(code):
        raise Invalid(f"行政区划代码得到“{code}”，应为 6 位数字，如 321282", "code")
    with transaction.atomic():
        other = Area.objects.filter(kind=Area.Kind.COUNTY).exclude(code=code).first()
        if other is not None:
            raise WrongState(f"已登记的县（市、区）是 {other.name}（{other.code}）；请在“导入边界”中更正，或用它的代码")
        taken = Area.objects.filter(code=code).exclude(kind=Area.Kind.COUNTY).first()
        if taken is not None:
            raise Invalid(f"代码 {code} 已是{taken.get_kind_display()}“{taken.name}”；请核对代码", "code")
        made = not Area.objects.filter(code=code).exists()
        county = _name(actor, code, name[:60])
        settle_areas(actor)
        for body in Organisation.objects.filter(kind=Organisation.Kind.BUREAU, name="生态环境局"):
            correct_organisation(body, {"name": f"{name}生态环境局"[:100]}, actor)
        record(actor, "county.name", county, f"{'登记' if made else '更名'}本县：{name}（{code}）")
    return county


def _name(actor: User | None, code: str, name: str) -> Area:
    known = Area.objects.filter(code=code).first()
    county: Area = save(actor, book_of("areas"), {"code": code, "name": name, "kind": Area.Kind.COUNTY}, known)
    return county
