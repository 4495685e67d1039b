"""Import of points, of firms and of boundaries: the file is checked and shown first, then kept by a second click."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from qingyuan.bureau.accounts.models import Area
from qingyuan.bureau.base import uploads
from qingyuan.bureau.base.errors import BureauError
from qingyuan.bureau.registers.actions.enterprises_file import ENTERPRISE_COLUMNS, import_enterprises
from qingyuan.bureau.registers.actions.places_file import import_places
from qingyuan.bureau.registers.actions.points_cells import POINT_COLUMNS
from qingyuan.bureau.registers.actions.points_file import PointsChoice, import_points, register_point
from qingyuan.bureau.registers.actions.rosters import put_area_in_roster
from qingyuan.intake.files import FileError
from qingyuan.web.doors import attach, needs, person
from qingyuan.web.pages.imports.forms import BoundaryForm, EnterprisesForm, PointForm, PointsForm, RosterByAreaForm


@needs("manage_points")
def points(request: HttpRequest) -> HttpResponse:
    """A list of points: upload shows every wrong cell; `token` of that look keeps it. Two
    more forms: one point by hand, and the points of an area into a roster."""
    token = request.POST.get("token", "")
    which = request.POST.get("form", "list")
    by_list = request.method == "POST" and which not in ("roster", "one")
    form = PointsForm(request.POST if by_list else None, request.FILES if by_list else None, is_kept=bool(token))
    roster = RosterByAreaForm(request.POST if which == "roster" else None, auto_id="roster_%s")
    one = PointForm(request.POST if which == "one" else None, auto_id="one_%s")
    report = None
    try:
        if which == "one" and one.is_valid():
            made = register_point(person(request), one.row())
            messages.success(request, _("已登记点位：%(name)s") % {"name": made.name})
            return redirect("imports:points")
        if which == "roster" and roster.is_valid():
            count = put_area_in_roster(person(request), **roster.cleaned_data)
            messages.success(request, _("已列入名册：%(n)d 个点位。") % {"n": count})
            return redirect("imports:points")
        if by_list and form.is_valid():
            data = form.cleaned_data
            choice = PointsChoice(data["kind"], data["roster"], data["since"], data["until"])
            report, token = _points_report(request, token, choice, form)
            if report is None:
                return redirect("imports:points")
    except BureauError as error:
        attach({"roster": roster, "one": one}.get(which, form), error)
    except FileError as error:
        form.add_error(None if token else "file", str(error))
    columns = [(names[0], meaning) for names, meaning in POINT_COLUMNS.values()]
    context = {"form": form, "roster": roster, "one": one, "report": report, "token": token, "columns": columns}
    return render(request, "imports/points.html", context)


def _points_report(request: HttpRequest, token: str, choice: PointsChoice, form: PointsForm) -> tuple[Any, str]:
    if token:
        kept = import_points(person(request), uploads.held(token), choice=choice)
        words = _("已导入点位：新增 %(new)d、改动 %(changed)d、未变 %(same)d，有误 %(bad)d 行。")
        told = {"new": kept.new, "changed": kept.changed, "same": kept.same, "bad": len(kept.errors)}
        messages.success(request, words % told)
        return None, ""
    token = uploads.hold(form.cleaned_data["file"])
    return import_points(person(request), uploads.held(token), dry_run=True, choice=choice), token


@needs("manage_points")
def enterprises(request: HttpRequest) -> HttpResponse:
    """A list of firms: upload shows every wrong cell; `token` of that look keeps it."""
    token = request.POST.get("token", "")
    form = EnterprisesForm(request.POST or None, request.FILES or None, is_kept=bool(token))
    report = None
    try:
        if request.method == "POST" and form.is_valid():
            if token:
                kept = import_enterprises(person(request), uploads.held(token))
                words = _("已导入企业：新增 %(new)d、改动 %(changed)d、未变 %(same)d，有误 %(bad)d 行。")
                told = {"new": kept.new, "changed": kept.changed, "same": kept.same, "bad": len(kept.errors)}
                messages.success(request, words % told)
                return redirect("firms:enterprises")
            token = uploads.hold(form.cleaned_data["file"])
            report = import_enterprises(person(request), uploads.held(token), dry_run=True)
    except BureauError as error:
        attach(form, error)
    except FileError as error:
        form.add_error(None if token else "file", str(error))
    columns = [(names[0], meaning) for names, meaning in ENTERPRISE_COLUMNS.values()]
    context = {"form": form, "report": report, "token": token, "columns": columns}
    return render(request, "imports/enterprises.html", context)


@needs("manage_points")
def boundary(request: HttpRequest) -> HttpResponse:
    """The county's boundary with its towns: upload shows what it holds; `token` of that look keeps it."""
    token = request.POST.get("token", "")
    form = BoundaryForm(request.POST or None, request.FILES or None, is_kept=bool(token))
    report = None
    try:
        if request.method == "POST" and form.is_valid():
            kind = form.cleaned_data["kind"]
            if token:
                kept = import_places(person(request), uploads.held(token), kind=kind)
                messages.success(
                    request, _("已导入区域：%(n)d 个，有误 %(bad)d 个。") % {"n": kept.good, "bad": len(kept.errors)}
                )
                return redirect("imports:boundary")
            token = uploads.hold(form.cleaned_data["file"])
            report = import_places(person(request), uploads.held(token), dry_run=True, kind=kind)
    except BureauError as error:
        attach(form, error)
    except FileError as error:
        form.add_error(None if token else "file", str(error))
    counts = [(word, Area.objects.filter(kind=kind).count()) for kind, word in Area.Kind.choices]
    return render(request, "imports/boundary.html", {"form": form, "report": report, "token": token, "counts": counts})
