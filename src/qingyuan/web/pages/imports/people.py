"""Accounts from a list: checked and shown first, made by a second click; the passwords are on that answer only."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from qingyuan.bureau.base import uploads
from qingyuan.bureau.base.errors import BureauError
from qingyuan.bureau.registers.actions.people_file import PEOPLE_COLUMNS, import_people
from qingyuan.intake.files import FileError
from qingyuan.web.doors import attach, needs, person
from qingyuan.web.pages.imports.forms import PeopleForm


@needs("manage_users")
def people(request: HttpRequest) -> HttpResponse:
    """A list of people: what it would make; `token` of that look makes it."""
    token = request.POST.get("token", "")
    form = PeopleForm(request.POST or None, request.FILES or None, is_kept=bool(token))
    report, is_made = None, False
    try:
        if request.method == "POST" and form.is_valid():
            is_made = bool(token)
            token = token or uploads.hold(form.cleaned_data["file"])
            report = import_people(person(request), uploads.held(token), dry_run=not is_made)
    except BureauError as error:
        attach(form, error)
    except FileError as error:
        form.add_error(None if token else "file", str(error))
    columns = [(names[0], meaning) for names, meaning in PEOPLE_COLUMNS.values()]
    context = {"form": form, "report": report, "token": token, "columns": columns, "is_made": is_made}
    return render(request, "imports/people.html", context)
