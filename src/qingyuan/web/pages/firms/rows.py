"""What the pages of firms and devices show."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.cases.policies.visible import visible_cases
from qingyuan.bureau.line.models import Device
from qingyuan.bureau.line.queries.devices import visible_devices
from qingyuan.bureau.registers.models import Enterprise
from qingyuan.bureau.registers.policies import visible_enterprises


def enterprise_rows(user: User) -> QuerySet[Enterprise]:
    """Firms with the number of outlets, open alerts and open cases."""
    open_alerts = Q(outlets__point__alerts__ended_at__isnull=True, outlets__point__alerts__isnull=False)
    cases = visible_cases(user).filter(closed_at__isnull=True)
    return (
        visible_enterprises(user)
        .annotate(
            outlet_count=Count("outlets", distinct=True),
            alert_count=Count("outlets__point__alerts", filter=open_alerts, distinct=True),
            case_count=Count("outlets__point__cases", filter=Q(outlets__point__cases__in=cases), distinct=True),
        )
        .order_by("code")
    )


def device_rows(user: User) -> QuerySet[Device]:
    """Devices that the user may see with their points and the number of mapped factors."""
    rows = visible_devices(user).select_related("point", "point__area")
    return rows.annotate(channel_count=Count("channels")).order_by("mn")
