from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy

from qingyuan import clock, config
from qingyuan.bureau.base.downloads import named
from qingyuan.bureau.base.errors import BureauError
from qingyuan.bureau.monitoring.actions.exports import ask_export, note_download, path_of
from qingyuan.bureau.monitoring.models import ExportJob
from qingyuan.bureau.monitoring.queries.exports import own_exports, percent
from qingyuan.bureau.monitoring.queries.opening import opening
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.web import listing
from qingyuan.web.doors import attach, needs, person
from qingyuan.web.pages.exports.forms import ExportForm
from qingyuan.web.views.polling import polled

WAITING = {ExportJob.State.QUEUED, ExportJob.State.RUNNING}


@needs("view")
def exports(request: HttpRequest) -> HttpResponse:
    """The person's exports, and the form to ask for one."""
    user = person(request)
    asked = request.GET.getlist("point") or list(visible_points(user).values_list("code", flat=True))
    today = clock.beijing(opening(asked).end).replace(hour=0, minute=0, second=0, microsecond=0)
    first = {
        "points": request.GET.getlist("point"),
        "start": today - timedelta(days=7),
        "end": today + timedelta(days=1),
        "grain": "hour",
    }
    form = ExportForm(request.POST or None, user=user, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            job = ask_export(user, **form.cleaned_data)
        except BureauError as error:
            attach(form, error)
        else:
            return redirect("exports:export", pk=job.pk)
    filters = [listing.Filter("state", gettext_lazy("状态"), ExportJob.State.choices, "state")]
    found = listing.build(request, own_exports(user), filters)
    context = {"form": form, "listing": found, "keep_days": config.EXPORT_KEEP_DAYS.get(), "tab": "exports"}
    return render(request, "exports/exports.html", context)


def _job(request: HttpRequest, pk: int) -> dict[str, Any]:
    job = get_object_or_404(own_exports(person(request)), pk=pk)
    return {"job": job, "percent": percent(job), "waiting": job.state in WAITING}


@needs("view")
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """One export: progress, then the file."""
    return render(request, "exports/export.html", _job(request, pk))


@needs("view")
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that is polled; 304 while nothing changed, 286 ends the polling."""
    context = _job(request, pk)
    job, waiting = context["job"], context["waiting"]
    mark = (job.state, job.parts_done, job.parts_total, job.message)
    status = 200 if waiting else 286
    return polled(
        request, mark, lambda: render(request, "exports/_progress.html", context, status=status), is_last=not waiting
    )


@needs("view")
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file, for who asked for it; noted in the audit trail."""
    job: ExportJob = _job(request, pk)["job"]
    path = path_of(job)
    if job.state != ExportJob.State.DONE or not path.is_file():
        raise Http404
    note_download(person(request), job)
    return named(FileResponse(path.open("rb")), f"qingyuan-{job.grain}-{job.pk}.{job.form}")
