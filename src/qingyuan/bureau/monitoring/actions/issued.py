"""Acts on what a higher authority issued: kept as it was issued, never replaced in place."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qingyuan import clock
from qingyuan.bureau.accounts.models import Area, User
from qingyuan.bureau.accounts.policies.rights import require
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.errors import Invalid, Missing
from qingyuan.bureau.monitoring.models import IssuedValue
from qingyuan.bureau.registers.models import Point


def put_issued_value(
    actor: User | None,
    indicator: str,
    value: str,
    start: datetime,
    end: datetime,
    issuer: str,
    unit: str = "",
    document: str = "",
    point: Point | None = None,
    area: Area | None = None,
) -> IssuedValue:
    """Keep a figure as a higher authority issued it, beside ours. Raises Missing, Invalid."""
    require(actor, "import")
    for name, text in (("indicator", indicator), ("value", value), ("issuer", issuer)):
        if not text.strip():
            raise Missing("指标、数值、发布单位都须填写", name)
    if (point is None) == (area is None):
        raise Invalid("点位和区域须且只须填写一个", "point")
    if end <= start:
        raise Invalid("时段的结束应晚于开始", "period_end")
    with transaction.atomic():
        row = IssuedValue.objects.create(
            point=point,
            area=area,
            indicator=indicator.strip(),
            period_start=start,
            period_end=end,
            value_text=value.strip(),
            unit=unit,
            issuer=issuer.strip(),
            document=document,
            received_at=clock.now(),
        )
        record(actor, "issued.put", row, f"登记 {issuer} 发布的 {indicator} {value}{unit}")
    return row
