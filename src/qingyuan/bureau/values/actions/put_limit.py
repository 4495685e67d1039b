"""One limit of an outlet from a day on: the only way in which a list that is no list of limits brings one."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q

from qingyuan.bureau.registers.models import Outlet
from qingyuan.bureau.values.models import Limit


def put_limit(outlet: Outlet, item: str, averaging: str, valid_from: date, **values: Any) -> Limit:
    """The limit without condition that holds from that day; the one before ends then, one that follows bounds it."""
    same = Limit.objects.filter(outlet=outlet, item=item, averaging=averaging, condition="").standing()
    still = Q(valid_to__isnull=True) | Q(valid_to__gt=valid_from)
    same.filter(still, valid_from__lt=valid_from).update(valid_to=valid_from)
    following = same.filter(valid_from__gt=valid_from).order_by("valid_from").first()
    limit, _ = Limit.objects.update_or_create(
        outlet=outlet,
        item=item,
        averaging=averaging,
        condition="",
        valid_from=valid_from,
        defaults={"valid_to": following.valid_from if following else None, **values},
    )
    return limit
