"""Which leads and cases a person sees, and how much of each: the whole, the matter, or what was served on them."""

from __future__ import annotations

from enum import StrEnum

from django.db.models import Q, QuerySet

from qingyuan.bureau.accounts.models import Organisation, User
from qingyuan.bureau.accounts.policies.rights import may, scope_of, within
from qingyuan.bureau.accounts.policies.sides import is_outside
from qingyuan.bureau.cases.models import Case, Exhibit, Lead, Rectification
from qingyuan.bureau.cases.policies.rights import is_leader

HANDLING = frozenset({"work", "assign", "triage", "verify"})


class View(StrEnum):
    """How much of a lead or case is shown."""

    WHOLE = "whole"
    MATTER = "matter"
    SERVED = "served"


def visible_leads(user: User) -> QuerySet[Lead]:
    """Leads in the user's area, or raised by the user. Firms and O&M companies see none."""
    if is_outside(user):
        return Lead.objects.none()
    if "view" not in scope_of(user).capabilities:
        return Lead.objects.filter(created_by=user)
    return Lead.objects.filter(within(user, "area") | Q(created_by=user))


def visible_cases(user: User) -> QuerySet[Case]:
    """Cases in the user's area, owned by the user's organisation, or given to the user; with an order to a firm, its own."""
    orders = Q(person=user)
    mine = Q(assignee=user)
    if user.organisation_id:
        mine |= Q(owner=user.organisation_id)
        orders |= Q(body=user.organisation_id)
    mine |= Q(pk__in=Rectification.objects.filter(orders).values("case"))
    return Case.objects.filter(mine if is_outside(user) else within(user, "area") | mine)


def belongs_to(user: User, body: Organisation | None) -> bool:
    """Whether the user works for the body or for one above it."""
    while body is not None:
        if user.organisation_id == body.pk:
            return True
        body = body.parent
    return False


def was_handed_over(case: Case) -> bool:
    """Whether the unit that holds the case got it from another unit, not from the body that ordered it."""
    last = None
    for event in case.events.all():
        if event.verb in {"assign", "hand_over"}:
            last = event.verb
    return last == "hand_over"


def view_of_case(user: User | None, case: Case) -> View:
    """What the user sees of a case that is visible to the user. None is the system itself."""
    if user is None:
        return View.WHOLE
    if is_outside(user):
        return View.SERVED
    if is_leader(user, case.area_id):
        return View.WHOLE
    held = scope_of(user).capabilities
    if not HANDLING & held:
        return View.MATTER
    is_in_hand = case.assignee_id == user.pk or belongs_to(user, case.owner)
    if is_in_hand and not was_handed_over(case):
        return View.WHOLE
    return View.MATTER


def view_of_lead(user: User | None, lead: Lead) -> View:
    """What the user sees of a lead that is visible to the user: the whole for who decides it or handles its case."""
    if user is None:
        return View.WHOLE
    if is_outside(user):
        return View.SERVED
    if is_leader(user, lead.area_id) or lead.created_by_id == user.pk:
        return View.WHOLE
    return view_of_case(user, lead.case) if lead.case is not None else View.MATTER


def visible_exhibits(user: User) -> QuerySet[Exhibit]:
    """Exhibits of the leads and cases that the user may see; what of each is given out, `shown_to` decides."""
    mine = Q(case__in=visible_cases(user)) | Q(lead__case__in=visible_cases(user))
    return Exhibit.objects.filter(mine | Q(lead__in=visible_leads(user)))


def may_know_informant(user: User, lead: Lead) -> bool:
    """Who has the right to this matter and the right to informants. Administrators and firms have neither."""
    return view_of_lead(user, lead) == View.WHOLE and may(user, "informants", lead.area_id)


def may_call_back(user: User, lead: Lead) -> bool:
    """The officer in charge: who holds the case, or, before there is one, who decides the lead."""
    if is_outside(user) or not HANDLING & scope_of(user).capabilities:
        return False
    if lead.case is not None:
        return lead.case.assignee_id == user.pk
    return lead.owner_id == user.pk
