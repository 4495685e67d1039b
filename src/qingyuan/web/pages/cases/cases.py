from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from qingyuan import clock
from qingyuan.bureau.accounts.policies.rights import can
from qingyuan.bureau.accounts.policies.sides import is_outside
from qingyuan.bureau.base.downloads import named
from qingyuan.bureau.base.errors import BureauError, NotAllowed
from qingyuan.bureau.base.media import WORD
from qingyuan.bureau.cases.actions.work import act
from qingyuan.bureau.cases.models import Case
from qingyuan.bureau.cases.policies.visible import View, may_call_back, visible_cases, visible_exhibits
from qingyuan.bureau.cases.queries import pages
from qingyuan.bureau.cases.queries.closing import Since, readings_since
from qingyuan.bureau.cases.queries.definition import current, definition, kind_choices
from qingyuan.bureau.cases.queries.finding import found_cases
from qingyuan.bureau.cases.queries.open_verbs import available_actions, why_never
from qingyuan.bureau.cases.queries.shown_files import give
from qingyuan.bureau.cases.queries.shown_to import case_file
from qingyuan.bureau.evidence.actions.files import EvidenceDamaged
from qingyuan.bureau.evidence.serving import damaged_answer, given_answer
from qingyuan.web import listing
from qingyuan.web.answering import area_filter
from qingyuan.web.doors import attach, person
from qingyuan.web.pages.cases.forms import ActionForm

STANDING = [
    ("open", gettext_lazy("未办结")),
    ("overdue", gettext_lazy("已逾期")),
    ("soon", gettext_lazy("24 小时内到期")),
    ("closed", gettext_lazy("已办结")),
]


def _standing(rows: Any, value: str) -> Any:
    now = clock.now()
    if value == "closed":
        return rows.filter(closed_at__isnull=False)
    rows = rows.filter(closed_at__isnull=True)
    if value == "overdue":
        return rows.filter(deadline_at__lt=now)
    if value == "soon":
        return rows.filter(deadline_at__gte=now, deadline_at__lt=now + pages.DUE_SOON)
    return rows


def cases(request: HttpRequest) -> HttpResponse:
    """Cases, those whose deadline is nearest first."""
    user = person(request)
    filters = [
        listing.Filter("standing", gettext_lazy("时限"), STANDING, _standing),
        listing.Filter("state", gettext_lazy("环节"), pages.state_choices(), "state"),
        listing.Filter("kind", gettext_lazy("类别"), kind_choices(), "kind"),
        area_filter(user, has_answers=False),
        listing.Filter(
            "whose",
            gettext_lazy("承办"),
            [("mine", gettext_lazy("我和我单位的"))],
            lambda q, _value: q.filter(pages.mine(user)),
        ),
    ]
    found = listing.build(
        request,
        pages.case_rows(user),
        filters,
        search=lambda q, word: found_cases(user, q, word),
        search_hint=gettext_lazy("编号、事项、交办单号"),
    )
    context = {"listing": found, "rows": pages.with_states(user, found.rows), "counts": pages.counts(user)}
    return render(request, "cases/cases.html", context)


def _opened(forms: list[ActionForm], bound: ActionForm | None) -> str:
    """Which action's form stands open: the one that was sent, else the first if it is a primary one."""
    if bound is not None:
        return bound.action.verb
    return forms[0].action.verb if forms and forms[0].action.is_primary else ""


def _page(request: HttpRequest, subject: Case, bound: ActionForm | None = None) -> HttpResponse:
    user = person(request)
    made = []
    for action in available_actions(user, subject):
        if bound is not None and bound.action.verb == action.verb:
            made.append(bound)
        else:
            made.append(ActionForm(action=action, case=subject))
    shown = case_file(user, subject)
    served = shown.head.view == View.SERVED
    context = {
        "case": shown.head,
        "served": served,
        "state": shown.head.state_name,
        "outcome": shown.head.outcome_name,
        "track": pages.track(subject),
        "lines": shown.lines,
        "exhibits": shown.files,
        "forms": made,
        "opened": _opened(made, bound),
        "rectifications": shown.orders,
        "leads": shown.leads,
        "children": shown.children,
        "since": None if served else _since(subject, made),
        "callable": {x.pk for x in subject.leads.select_related("case") if may_call_back(user, x)},
        "may_raise_child": current(subject.kind).children and not subject.closed_at and can(user, "raise_lead"),
        "today": clock.beijing(clock.now()).date(),
    }
    return render(request, "cases/case.html", context, status=400 if bound is not None else 200)


def _since(subject: Case, made: list[ActionForm]) -> Since | None:
    """What the readings say, where the case is about to be verified or closed."""
    is_near = subject.rectifications.exists() or any(form.action.verb == "close" for form in made)
    return readings_since(subject) if is_near and not subject.closed_at else None


def _case(request: HttpRequest, pk: int) -> Case:
    rows = visible_cases(person(request)).select_related(
        "area", "point", "parent", "ordered_by", "owner", "assignee", "opened_by"
    )
    return get_object_or_404(rows, pk=pk)


def case(request: HttpRequest, pk: int) -> HttpResponse:
    """One case: where it stands, what may be done, its time line, its evidence."""
    return _page(request, _case(request, pk))


@require_POST
def step(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Carry out one action; what was typed is kept when it is refused."""
    user = person(request)
    subject = _case(request, pk)
    action = next((a for a in available_actions(user, subject) if a.verb == verb), None)
    if action is None:
        plan = definition(subject.kind, subject.definition_version)
        declared = plan.transition(verb)
        if declared is not None and is_outside(user) and (reason := why_never(user, subject, declared)):
            raise PermissionDenied(reason)
        messages.error(request, _("现在不能做这个操作：案件可能已被他人更新，或不归您办理。请看过新情况后再操作。"))
        return redirect("cases:case", pk=pk)
    form = ActionForm(request.POST, request.FILES, action=action, case=subject)
    if not form.is_valid():
        return _page(request, subject, form)
    data = form.cleaned_data
    try:
        act(
            user,
            subject,
            verb,
            note=data.get("note", ""),
            fields=form.given(),
            files=data.get("files") or [],
            revision=data["revision"],
        )
    except BureauError as error:
        attach(form, error)
        return _page(request, subject, form)
    messages.success(request, _("已完成：%(label)s") % {"label": _(action.label)})
    return redirect("cases:case", pk=pk)


def record(request: HttpRequest, pk: int) -> HttpResponse:
    """The one-page Word record of the case."""
    subject = _case(request, pk)
    from qingyuan.bureau.reports.queries.report import case_record  # python-docx is heavy

    answer = HttpResponse(case_record(subject, person(request)), content_type=WORD)
    return named(answer, f"{subject.number}.docx")


def exhibit(request: HttpRequest, pk: int) -> HttpResponse:
    """A piece of evidence, checked against its digest, given out as a file."""
    rows = visible_exhibits(person(request)).select_related("evidence", "case", "lead__case", "added_by")
    found = get_object_or_404(rows, pk=pk)
    try:
        return given_answer(give(person(request), found))
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except EvidenceDamaged as error:
        return damaged_answer(request, error)
