from __future__ import annotations

from django.db.models import Q, QuerySet

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import scope_of
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.judging.models import Finding
from qingyuan.bureau.registers.policies import visible_points


def visible_alerts(user: User) -> QuerySet[Alert]:
    """Alerts of the points that the user may see."""
    return Alert.objects.filter(point__in=visible_points(user))


def listed_alerts(user: User) -> QuerySet[Alert]:
    """What lists and counts show: the parts of a regional alert only to those who do not see its head."""
    seen = visible_alerts(user)
    if scope_of(user).everywhere:
        return seen.filter(head=None)
    return seen.filter(Q(head=None) | ~Q(head__point__in=visible_points(user)))


def visible_findings(user: User) -> QuerySet[Finding]:
    """Findings in force of the points that the user may see."""
    return Finding.objects.filter(point__in=visible_points(user), is_current=True)
