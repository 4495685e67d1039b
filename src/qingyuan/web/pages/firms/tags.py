"""Tagging by the enterprise, and the bureau's check."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import can, may
from qingyuan.bureau.accounts.policies.sides import name_for
from qingyuan.bureau.base.errors import BureauError
from qingyuan.bureau.evidence.actions.files import EvidenceDamaged, Upload
from qingyuan.bureau.evidence.serving import damaged_answer, file_answer
from qingyuan.bureau.judging.queries import tags as tag_pages
from qingyuan.bureau.registers.policies import visible_enterprises, visible_points
from qingyuan.bureau.values.actions.tag_checks import check_tag
from qingyuan.bureau.values.actions.tags import supply, tag, withdraw_tag
from qingyuan.bureau.values.models import Tag
from qingyuan.bureau.values.queries.tag_kinds import kinds_of
from qingyuan.web import listing
from qingyuan.web.answering import area_filter
from qingyuan.web.doors import attach, needs, person
from qingyuan.web.pages.firms.forms import CheckForm, SupplyForm, TagForm
from qingyuan.web.pieces import Piece

SHOWN = 50
STATES = [
    ("waiting", gettext_lazy("待核查")),
    ("asked", gettext_lazy("待补充材料")),
    ("accepted", gettext_lazy("已认可")),
    ("refused", gettext_lazy("不予认可")),
    ("withdrawn", gettext_lazy("已撤回")),
]


def _by_state(rows: Any, value: str) -> Any:
    if value == "waiting":
        return tag_pages.waiting(rows)
    if value == "withdrawn":
        return rows.filter(withdrawn_at__isnull=False)
    return rows.filter(withdrawn_at__isnull=True, check_state=value)


@needs("view")
def tags(request: HttpRequest) -> HttpResponse:
    """Tags of the outlets, those that wait for a check first."""
    user = person(request)
    firms = list(visible_enterprises(user).order_by("name").values_list("code", "name"))
    kinds = sorted({(k, _(k)) for k in tag_pages.visible_tags(user).values_list("kind", flat=True)})
    filters = [
        listing.Filter("state", gettext_lazy("核查"), STATES, _by_state),
        listing.Filter("kind", gettext_lazy("标记"), kinds, "kind"),
        listing.Filter("firm", gettext_lazy("企业"), firms, "outlet__enterprise__code"),
        area_filter(user, "outlet__point__"),
    ]
    found = listing.build(
        request,
        tag_pages.tag_rows(user),
        filters,
        search=("outlet__point__name", "outlet__enterprise__name", "note"),
        search_hint=gettext_lazy("排放口、企业、说明"),
    )
    said = tag_pages.remarks_of(found.rows)
    rows = [{"tag": t, "state": tag_pages.state_of(t), "remarks": said[t.pk]} for t in found.rows]
    waiting = tag_pages.waiting(tag_pages.visible_tags(user)).count()
    return render(request, "firms/tags.html", {"listing": found, "rows": rows, "waiting": waiting})


def _tag(user: User, pk: int) -> Tag:
    rows = tag_pages.visible_tags(user).select_related("outlet__point__area", "outlet__enterprise", "made_by")
    return get_object_or_404(rows, pk=pk)


@needs("view")
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """One tag: what it says, what it takes out, its material, how it went, and what the person may do now."""
    return _shown(request, _tag(person(request), pk))


def _shown(
    request: HttpRequest, row: Tag, check: CheckForm | None = None, given: SupplyForm | None = None
) -> HttpResponse:
    user = person(request)
    over, covered = tag_pages.taken_out(row)
    alive = row.withdrawn_at is None
    context = {
        "tag": row,
        "state": tag_pages.state_of(row),
        "waits": tag_pages.waiting(Tag.objects.filter(pk=row.pk)).exists(),
        "remarks": tag_pages.remarks_of([row])[row.pk],
        "history": tag_pages.history(row, user),
        "made_by": name_for(user, row.made_by),
        "exhibits": [
            Piece(
                pk=x.pk,
                title=x.file_name,
                size=x.evidence.size,
                added_at=x.added_at,
                added_by=name_for(user, x.added_by),
                sha256=x.evidence.sha256,
                sm3=x.evidence.sm3,
            )
            for x in row.exhibits.select_related("evidence", "added_by__organisation")
        ],
        "over": over[:SHOWN],
        "over_count": len(over),
        "covered": covered,
        "counts": alive and row.check_state != Tag.Check.REFUSED,
        "may_check": alive and may(user, "check_tag", row.outlet.point.answering_id),
        "may_supply": alive and can(user, "tag"),
        "may_withdraw": alive and can(user, "tag") and row.made_by_id == user.pk,
        "check": check or CheckForm(initial={"seen": tag_pages.last_event(row)}, prefix=None),
        "supply": given or SupplyForm(),
    }
    return render(request, "firms/tag_record.html", context)


@require_POST
@needs("check_tag")
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept, refuse, or ask for material."""
    user = person(request)
    row = _tag(user, pk)
    form = CheckForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            checked = check_tag(user, row, given["verdict"], given["reason"], given["seen"])
        except BureauError as error:
            attach(form, error)
        else:
            messages.success(request, _("已核查：%(state)s。") % {"state": _(tag_pages.state_of(checked)[1])})
            return redirect("firms:tag_record", pk=pk)
    return _shown(request, row, check=form)


@require_POST
@needs("tag")
def supply_more(request: HttpRequest, pk: int) -> HttpResponse:
    """The enterprise gives more material."""
    user = person(request)
    row = _tag(user, pk)
    form = SupplyForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            supply(user, row, form.cleaned_data["note"], _uploads(form.cleaned_data["files"]))
        except BureauError as error:
            attach(form, error)
        else:
            messages.success(request, _("材料已提交，等待核查。"))
            return redirect("firms:tag_record", pk=pk)
    return _shown(request, row, given=form)


@needs("view")
def exhibit(request: HttpRequest, pk: int) -> HttpResponse:
    """A file given for a tag."""
    found = get_object_or_404(tag_pages.visible_tag_exhibits(person(request)).select_related("evidence"), pk=pk)
    try:
        return file_answer(found.evidence, found.file_name)
    except EvidenceDamaged as error:
        return damaged_answer(request, error)


@needs("tag")
def make_tag(request: HttpRequest, code: str) -> HttpResponse:
    """The enterprise says what a stretch of its own data is; `item`, `start` and `end` of the address fill the form."""
    user = person(request)
    points = visible_points(user).filter(outlet__isnull=False).select_related("outlet__enterprise")
    point = get_object_or_404(points, code=code)
    kinds = kinds_of(point.outlet, clock.beijing(clock.now()).date())
    items = sorted(set(point.outlet.limits.standing().values_list("item", flat=True)))
    first = {name: request.GET.get(name, "") for name in ("item", "start", "end", "kind")}
    form = TagForm(request.POST or None, request.FILES or None, kinds=kinds, items=items, initial=first)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        try:
            made = tag(user, point.outlet, **(given | {"files": _uploads(given["files"])}))
        except BureauError as error:
            attach(form, error)
        else:
            messages.success(request, _("已标记。"))
            for words in tag_pages.remarks_of([made])[made.pk]:
                messages.warning(request, words)
            return redirect("firms:tag", code=code)
    rows = point.outlet.tags.select_related("made_by").prefetch_related("exhibits").order_by("-start", "-pk")[:SHOWN]
    shown = [{"tag": t, "state": tag_pages.state_of(t), "by": name_for(user, t.made_by)} for t in rows]
    return render(request, "firms/tag.html", {"point": point, "form": form, "rows": shown, "me": user})


def _uploads(files: list[Any]) -> list[Upload]:
    return [Upload(file.name or "file", file.read()) for file in files]


@require_POST
@needs("tag")
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a tag of one's own; it stays on record."""
    user = person(request)
    row = _tag(user, pk)
    try:
        withdraw_tag(user, row)
    except BureauError as error:
        messages.error(request, str(error))
    return redirect("firms:tag", code=row.outlet.point.code)
