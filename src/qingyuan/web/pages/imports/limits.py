"""Import of permits' limits: the file is checked and shown first, then kept by a second click."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from qingyuan.bureau.base import uploads
from qingyuan.bureau.base.errors import BureauError
from qingyuan.bureau.values.actions.limit_rows import LIMIT_COLUMNS
from qingyuan.bureau.values.actions.limits_file import import_limits
from qingyuan.intake.files import FileError
from qingyuan.web.doors import attach, needs, person
from qingyuan.web.pages.imports.forms import LimitsForm


@needs("manage_points")
def limits(request: HttpRequest) -> HttpResponse:
    """Upload: a preview of every row; `token` of the preview: the same file kept."""
    token = request.POST.get("token", "")
    form = LimitsForm(None if token else request.POST or None, None if token else request.FILES or None)
    report = None
    try:
        if request.method == "POST" and token:
            kept = import_limits(person(request), uploads.held(token))
            text = _("已保存：%(good)d 行，退回 %(bad)d 行。") % {"good": kept.good, "bad": kept.refused}
            messages.success(request, text)
            return redirect("firms:all_limits")
        if request.method == "POST" and form.is_valid():
            token = uploads.hold(form.cleaned_data["file"])
            report = import_limits(person(request), uploads.held(token), dry_run=True)
    except BureauError as error:
        attach(form, error) if form.is_bound else messages.error(request, str(error))
    except FileError as error:
        form.add_error("file", str(error)) if form.is_bound else messages.error(request, str(error))
    columns = [(names[0], meaning) for names, meaning in LIMIT_COLUMNS.values()]
    return render(request, "imports/limits.html", {"form": form, "report": report, "token": token, "columns": columns})
