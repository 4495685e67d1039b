"""Whom and what a person may choose for a case: units first, then the people of the unit, never the supervised."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Case as Order
from django.db.models import Q, QuerySet, Value, When

from qingyuan import clock
from qingyuan.bureau.accounts.models import Organisation, RoleAssignment, User
from qingyuan.bureau.accounts.policies.rights import CAPABILITIES, may, scope_of, within
from qingyuan.bureau.base.dated import in_force
from qingyuan.bureau.cases.models import Case, Lead
from qingyuan.bureau.cases.policies.rights import UNITS, standing_of
from qingyuan.bureau.cases.policies.visible import belongs_to, visible_leads

UNKNOWN = "unknown"
UNKNOWN_WORDS = "不明（待查）"
MOST_FIRMS = 300
_FIRMS = (Organisation.Kind.ENTERPRISE, Organisation.Kind.OPERATOR)


class Choice(NamedTuple):
    """One answer to a field: what the program sends, what a person reads, under which heading it stands."""

    value: str
    label: str
    group: str = ""


def units_for(user: User, case: Case) -> QuerySet[Organisation]:
    """The units that this user may give the case to. A town gives it back to the bureau, not on to another town."""
    rows = Organisation.objects.filter(kind__in=UNITS)
    if standing_of(user) == Organisation.Kind.TOWN_OFFICE:
        rows = rows.exclude(kind=Organisation.Kind.TOWN_OFFICE)
    elif not scope_of(user).everywhere:
        towns = Q(kind=Organisation.Kind.TOWN_OFFICE)
        rows = rows.filter(~towns | within(user, "area"))
    if case.point is not None:
        rows = rows.exclude(pk__in=[k for k in (case.point.owner_id, case.point.operator_id) if k])
    order = Order(*(When(kind=kind, then=Value(n)) for n, kind in enumerate(UNITS)), default=Value(9))
    return rows.order_by(order, "code")


def people_of(units: QuerySet[Organisation]) -> QuerySet[User]:
    """Active people of the units who may work on cases."""
    today = clock.beijing(clock.now()).date()
    roles = [role for role, held in CAPABILITIES.items() if "work" in held]
    held = RoleAssignment.objects.filter(in_force(today), role__in=roles).values("user")
    rows = User.objects.filter(pk__in=held, is_active=True, organisation__in=units)
    return rows.select_related("organisation").order_by("organisation__code", "display_name", "pk")


def owner_choices(user: User, case: Case) -> tuple[Choice, ...]:
    """Units, by kind."""
    return tuple(Choice(o.code, o.name, str(o.get_kind_display())) for o in units_for(user, case))


def assignee_choices(user: User, case: Case) -> tuple[Choice, ...]:
    """People of those units, under the name of their unit."""
    people = people_of(units_for(user, case))
    return tuple(Choice(p.username, str(p), str(p.organisation)) for p in people)


def firms_for(user: User, case: Case) -> QuerySet[Organisation]:
    """Firms and O&M companies that an order of the case may be directed at: those of its point, else of its area."""
    rows = Organisation.objects.filter(kind__in=_FIRMS)
    if case.point is not None and (case.point.owner_id or case.point.operator_id):
        return rows.filter(pk__in=[k for k in (case.point.owner_id, case.point.operator_id) if k])
    operates = Organisation.objects.filter(kind=Organisation.Kind.OPERATOR).values("pk")
    seen = Organisation.objects.filter(within(user, "area")).values("pk")
    mine = Q(pk__in=seen) | (Q(pk__in=operates) if scope_of(user).everywhere else Q(pk__in=[]))
    return rows.filter(mine).order_by("kind", "code")


def responsible_choices(user: User, case: Case) -> tuple[Choice, ...]:
    """Who can be made responsible for a rectification: the firm, units, people of the units; or nobody known yet."""
    firms = [Choice(o.code, o.name, str(o.get_kind_display())) for o in firms_for(user, case)[:MOST_FIRMS]]
    nobody = Choice(UNKNOWN, UNKNOWN_WORDS, "")
    return (*firms, *owner_choices(user, case), *assignee_choices(user, case), nobody)


def merge_targets(user: User, lead: Lead) -> QuerySet[Lead]:
    """Leads that this lead may be merged into: undecided or with a case, where the user may decide."""
    rows = visible_leads(user).exclude(pk=lead.pk).exclude(state__in=[Lead.State.MERGED, Lead.State.DISMISSED])
    reach = scope_of(user).reach.get("triage", set())
    return rows if reach is None else rows.filter(Q(area__in=reach) | Q(area__isnull=True))


def deciders(lead: Lead) -> list[User]:
    """Active people who may decide the lead."""
    today = clock.beijing(clock.now()).date()
    roles = [role for role, held in CAPABILITIES.items() if "triage" in held]
    held = RoleAssignment.objects.filter(in_force(today), role__in=roles).values("user")
    rows = User.objects.filter(pk__in=held, is_active=True)
    return [p for p in rows.select_related("organisation").order_by("pk") if may(p, "triage", lead.area_id)]


def is_hand(user: User, case: Case) -> bool:
    """Whether the case lies in the user's hands."""
    return case.assignee_id == user.pk or belongs_to(user, case.owner)
