from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from qingyuan.bureau.base import uploads
from qingyuan.bureau.base.downloads import named
from qingyuan.bureau.base.errors import BureauError
from qingyuan.bureau.line.actions.devices_file import import_devices
from qingyuan.bureau.monitoring.actions.import_jobs import path_of, start_import
from qingyuan.bureau.monitoring.actions.import_profiles import save_profile
from qingyuan.bureau.monitoring.actions.import_undo import undo_import
from qingyuan.bureau.monitoring.models import ImportJob
from qingyuan.bureau.monitoring.queries import import_mapping as mapping
from qingyuan.bureau.monitoring.queries import imports as queries
from qingyuan.intake.files import FileError
from qingyuan.web import listing
from qingyuan.web.doors import attach, needs, person
from qingyuan.web.pages.imports import steps as pages
from qingyuan.web.pages.imports.forms import DevicesForm, UndoForm, UploadForm
from qingyuan.web.views.polling import polled


@needs("import")
def imports(request: HttpRequest) -> HttpResponse:
    """Upload, and the history of imports."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file, chosen = form.cleaned_data["file"], form.cleaned_data["profile"]
        try:
            if not chosen:
                return redirect("imports:mapping", token=uploads.hold(file))
            if queries.needs_point(chosen):  # the profile says what the columns are; whose they are has to be said
                address = reverse("imports:mapping", kwargs={"token": uploads.hold(file)})
                return redirect(f"{address}?{urlencode({'profile': chosen})}")
            job = start_import(
                person(request),
                file,
                chosen,
                dry_run=form.cleaned_data["dry_run"],
                new_points=form.cleaned_data["new_points"],
            )
            return redirect("imports:job", pk=job.pk)
        except BureauError as error:
            attach(form, error)
    filters = [listing.Filter("state", gettext_lazy("状态"), ImportJob.State.choices, "state")]
    found = listing.build(request, pages.job_rows(), filters, search=("file_name",), search_hint=gettext_lazy("文件名"))
    return render(request, "imports/imports.html", {"form": form, "listing": found})


@needs("import")
def map_columns(request: HttpRequest, token: str) -> HttpResponse:
    """Say what each column is; then a dry run or the import itself, and perhaps a saved profile."""
    try:
        path = uploads.held(token)
        asked = mapping.given_of(request.POST.dict() if request.method == "POST" else request.GET.dict())
        shown, guess_problem = mapping.open_preview(path, asked)
    except (BureauError, FileError) as error:
        messages.error(request, str(error))
        return redirect("imports:imports")
    saved = queries.saved_mapping(request.GET.get("profile", ""))
    if saved is not None:
        shown["proposal"] = saved
    chosen: dict[str, Any] = shown["proposal"]
    problem = ""
    if request.method == "POST":
        guess_problem = ""
        chosen = mapping.mapping_of(request.POST.dict(), shown, shown["proposal"])
        try:
            mapping.check(chosen)
            return _start(request, path, chosen)
        except (BureauError, FileError) as error:
            problem = str(error)
    context = {
        "file": path.name,
        "preview": shown,
        "rows": mapping.column_rows(shown, chosen),
        "chosen": chosen,
        "save_as": request.POST.get("save_as", ""),
        "problem": problem,
        "guess_problem": guess_problem,
        "roles": mapping.ROLES,
        "items": mapping.item_choices(),
        "stamps": mapping.STAMPS,
        "grains": mapping.GRAINS,
        "kinds": mapping.KINDS,
        "zones": mapping.ZONES,
        "orders": mapping.ORDERS,
        "asked": asked,
    }
    return render(request, "imports/mapping.html", context, status=400 if problem else 200)


def _start(request: HttpRequest, path: Path, chosen: dict[str, Any]) -> HttpResponse:
    user = person(request)
    name = request.POST.get("save_as", "").strip()
    if name:
        saved = save_profile(user, name, {**chosen, "name": name})
        messages.success(request, _("已保存读法“%(name)s”第 %(n)d 版。") % {"name": name, "n": saved.version})
    dry = request.POST.get("run") != "real"
    job = start_import(user, path, name, mapping=chosen, dry_run=dry, new_points=request.POST.get("new_points") == "on")
    return redirect("imports:job", pk=job.pk)


UNDER_WAY = {ImportJob.State.QUEUED, ImportJob.State.RUNNING, ImportJob.State.UNDOING}


def _job(pk: int) -> dict[str, Any]:
    job = get_object_or_404(pages.job_rows(), pk=pk)
    steps = pages.next_steps(job) if job.state == ImportJob.State.DONE and not job.dry_run else []
    return {
        "job": job,
        "percent": pages.percent(job),
        "bad_file": pages.bad_rows_file(job),
        "steps": steps,
        "waiting": job.state in UNDER_WAY or any(not step.is_settled for step in steps[:2]),
        "may_undo": job.state in {ImportJob.State.DONE, ImportJob.State.FAILED} and job.origin is not None,
    }


@needs("import")
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """One import: progress, counts, what was wrong in which row."""
    return render(request, "imports/job.html", _job(pk))


@needs("import")
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that is polled; 304 while nothing changed, 286 ends the polling."""
    context = _job(pk)
    running = context["job"].state in UNDER_WAY
    running = running or any(step.name == "to_judge" and not step.is_settled for step in context["steps"])
    job = context["job"]
    mark = (job.state, job.rows_done, job.rows_total, job.rows_bad, job.message, repr(context["steps"]))
    status = 200 if running else 286
    return polled(
        request, mark, lambda: render(request, "imports/_progress.html", context, status=status), is_last=not running
    )


@require_POST
@needs("import")
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """The same file and mapping for good, after a dry run."""
    done = get_object_or_404(pages.job_rows(), pk=pk, dry_run=True)
    try:
        path = uploads.hold_again(path_of(done.file_digest, done.file_name), done.file_name)
        made = start_import(
            person(request),
            path,
            done.profile_name if done.profile_name != "自动" else "",
            mapping=done.mapping or None,
            new_points=request.POST.get("new_points") == "on",
            given=done.given,
        )
    except BureauError as error:
        messages.error(request, str(error))
        return redirect("imports:job", pk=pk)
    return redirect("imports:job", pk=made.pk)


@require_POST
@needs("import")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back all that an import brought, for a reason."""
    job = get_object_or_404(pages.job_rows(), pk=pk)
    form = UndoForm(request.POST)
    try:
        undo_import(person(request), job, form.data.get("reason", ""))
    except BureauError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("正在撤回；修订留存，撤回后可以再导入。"))
    return redirect("imports:job", pk=pk)


@needs("import")
def bad_rows(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The bad rows with their reasons, as a file to mend and import again."""
    found = pages.bad_rows_file(get_object_or_404(pages.job_rows(), pk=pk))
    if found is None:
        raise Http404
    return named(FileResponse(found.open("rb")), f"bad-rows-{pk}.csv")


@needs("manage_points")
def devices(request: HttpRequest) -> HttpResponse:
    """The list of devices, channels and limits from Excel; answered at once, row by row."""
    form = DevicesForm(request.POST or None, request.FILES or None)
    report = None
    if request.method == "POST" and form.is_valid():
        try:
            path = uploads.held(uploads.hold(form.cleaned_data["file"]))
            said = form.cleaned_data
            report = import_devices(person(request), path, said["dry_run"], new_places=said["new_places"])
        except BureauError as error:
            attach(form, error)
        except FileError as error:
            form.add_error("file", str(error))
    return render(request, "imports/devices.html", {"form": form, "report": report})
