from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from qingyuan import clock
from qingyuan.bureau import listing
from qingyuan.bureau.accounts.policies import can, visible_areas
from qingyuan.bureau.cases import pages
from qingyuan.bureau.cases.actions import act
from qingyuan.bureau.cases.forms import ActionForm
from qingyuan.bureau.cases.models import Case
from qingyuan.bureau.cases.policies import visible_cases, visible_leads
from qingyuan.bureau.cases.queries import available_actions, outcome_label, state_label
from qingyuan.bureau.cases.serving import file_answer
from qingyuan.bureau.doors import attach, person
from qingyuan.bureau.downloads import named
from qingyuan.bureau.errors import BureauError

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
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
    areas = list(visible_areas(user).filter(kind="town").values_list("code", "name"))
    filters = [
        listing.Filter("standing", gettext_lazy("时限"), STANDING, _standing),
        listing.Filter("state", gettext_lazy("环节"), pages.state_choices(), "state"),
        listing.Filter("kind", gettext_lazy("类别"), Case.Kind.choices, "kind"),
        listing.Filter("area", gettext_lazy("区域"), areas, "area__code"),
        listing.Filter(
            "whose", gettext_lazy("承办"), [("mine", gettext_lazy("我和我单位的"))],
            lambda q, _value: q.filter(pages.mine(user)),
        ),
    ]  # fmt: skip
    found = listing.build(
        request, pages.case_rows(user), filters, search=("number", "title", "upper_order_number", "owner__name"),
        search_hint=gettext_lazy("编号、事项、交办单号"),
    )  # fmt: skip
    context = {"listing": found, "rows": pages.with_states(found.rows), "counts": pages.counts(user)}
    return render(request, "cases/cases.html", context)


def _page(request: HttpRequest, subject: Case, bound: ActionForm | None = None) -> HttpResponse:
    user = person(request)
    made = []
    for action in available_actions(user, subject):
        if bound is not None and bound.action.verb == action.verb:
            made.append(bound)
        else:
            made.append(ActionForm(action=action, case=subject))
    children = list(subject.child_leads.filter(pk__in=visible_leads(user)).select_related("case"))
    context = {
        "case": subject,
        "state": state_label(subject),
        "outcome": outcome_label(subject),
        "track": pages.track(subject),
        "lines": pages.time_line(subject),
        "exhibits": pages.exhibits_of(subject),
        "forms": made,
        "bound": bound,
        "rectifications": list(subject.rectifications.order_by("due_on", "pk")),
        "leads": list(subject.leads.select_related("alert", "finding")),
        "children": children,
        "may_raise_child": subject.kind == Case.Kind.AREA and not subject.closed_at and can(user, "raise_lead"),
        "today": clock.beijing(clock.now()).date(),
    }
    return render(request, "cases/case.html", context, status=400 if bound is not None else 200)


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
        messages.error(request, _("现在不能做这个操作：案件可能已被他人更新，或不归您办理。请看过新情况后再操作。"))
        return redirect("cases:case", pk=pk)
    form = ActionForm(request.POST, request.FILES, action=action, case=subject)
    if not form.is_valid():
        return _page(request, subject, form)
    data = form.cleaned_data
    try:
        act(
            user, subject, verb, note=data.get("note", ""), fields=form.given(), files=data.get("files") or [],
            revision=data["revision"],
        )  # fmt: skip
    except BureauError as error:
        attach(form, error)
        return _page(request, subject, form)
    messages.success(request, _("已完成：%(label)s") % {"label": _(action.label)})
    return redirect("cases:case", pk=pk)


def record(request: HttpRequest, pk: int) -> HttpResponse:
    """The one-page Word record of the case."""
    subject = _case(request, pk)
    from qingyuan.bureau.reports.case_record import case_record  # python-docx is heavy

    answer = HttpResponse(case_record(subject, person(request)), content_type=WORD)
    return named(answer, f"{subject.number}.docx")


def exhibit(request: HttpRequest, pk: int) -> HttpResponse:
    """A piece of evidence, checked against its digest, given out as a file."""
    found = get_object_or_404(pages.visible_exhibits(person(request)).select_related("evidence"), pk=pk)
    return file_answer(found.evidence, found.file_name)
