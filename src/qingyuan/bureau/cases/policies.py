from __future__ import annotations

from django.db.models import Q, QuerySet

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies import scope_of, within
from qingyuan.bureau.cases.models import Case, Lead


def visible_leads(user: User) -> QuerySet[Lead]:
    """Leads in the user's area, or raised by the user. Firms and O&M companies see none but their own."""
    if "view" not in scope_of(user).capabilities:
        return Lead.objects.filter(created_by=user)
    return Lead.objects.filter(within(user, "area") | Q(created_by=user))


def visible_cases(user: User) -> QuerySet[Case]:
    """Cases in the user's area, owned by the user's organisation, or given to the user."""
    mine = Q(assignee=user)
    if user.organisation_id:
        mine |= Q(owner=user.organisation_id)
    return Case.objects.filter(within(user, "area") | mine)
