"""Files into registers by browser: a list into a book after a trial run, a county's own columns, a list made a book."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import require_everywhere
from qingyuan.bureau.base import uploads
from qingyuan.bureau.base.choice_words import words_of
from qingyuan.bureau.base.errors import BureauError, NotAllowed
from qingyuan.bureau.book.declaration import Book
from qingyuan.bureau.book.policies import require_for
from qingyuan.bureau.book.queries import shown_columns
from qingyuan.bureau.book.registry import word
from qingyuan.bureau.exchange.exports import meaning
from qingyuan.bureau.exchange.imports import Choice, import_file
from qingyuan.bureau.local.actions import RIGHT, Wanted, add_column, end_column, make_book
from qingyuan.bureau.local.models import TYPED, Kind, LocalColumn, LocalRow
from qingyuan.bureau.local.queries import propose
from qingyuan.intake.files import FileError
from qingyuan.web.doors import attach, needs, person
from qingyuan.web.pages.books.views import of_book, page
from qingyuan.web.upload import UploadField

SHOWN = 200


class FileForm(forms.Form):
    """The list that is brought, and how it is taken."""

    file = UploadField(label=gettext_lazy("文件"), help_text=gettext_lazy("Excel 或 CSV。"))
    new_places = forms.BooleanField(label=gettext_lazy("没有登记的区域、地点一并新建"), required=False)
    full = forms.BooleanField(label=gettext_lazy("文件是全部：没有的行标为上级已没有"), required=False)


class ColumnForm(forms.Form):
    """A column of the county's own."""

    label = forms.CharField(label=gettext_lazy("列名"), max_length=40)
    kind = forms.ChoiceField(label=gettext_lazy("类型"), choices=words_of(Kind.choices))
    choices = forms.CharField(
        label=gettext_lazy("选项"), required=False, help_text=gettext_lazy("只用于选项列；用顿号隔开。")
    )


class BookForm(forms.Form):
    """A list that is to be a book."""

    file = UploadField(label=gettext_lazy("清单"), help_text=gettext_lazy("Excel 或 CSV；有列名的一张表。"))


@of_book
def take_in(request: HttpRequest, user: User, book: Book) -> HttpResponse:
    """A file is tried and shown first, then kept by a second click."""
    require_for(user, book, "edit")
    token, report = request.POST.get("token", ""), None
    form = FileForm(request.POST or None, request.FILES or None)
    form.fields["file"].required = not token
    if not book.mirror:
        form.fields.pop("full")
    if book.new_places is None:
        form.fields.pop("new_places")
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            is_trial = not token
            token = token or uploads.hold(data["file"])
            choice = Choice(is_trial, full=data.get("full", False), new_places=data.get("new_places", False))
            report = import_file(user, book, uploads.held(token), choice)
            if not is_trial:
                words = _("已导入：新增 %(added)d、改动 %(changed)d、未变 %(unchanged)d，有误 %(rejected)d 行。")
                messages.success(request, words % report.facts())
                return redirect("books:book", book=book.code)
        except NotAllowed:
            raise
        except (BureauError, FileError) as error:
            form.add_error(None, str(error))
            token, report = "", None
    columns = [(word(book, c.label), meaning(book, c)) for c in shown_columns(book, user) if c.is_written]
    context = {"form": form, "token": token, "report": report, "columns": columns}
    if report is not None:
        context |= {"facts": report.facts(), "good": report.rows - len(report.bad), "bad": report.bad[:SHOWN]}
    return page(request, book, "import", context)


@of_book
def columns(request: HttpRequest, user: User, book: Book) -> HttpResponse:
    """The county's own columns of a book: which there are, one more, one that ends."""
    require_everywhere(user, RIGHT)
    is_adding = request.method == "POST" and not request.POST.get("end")
    form = ColumnForm(request.POST if is_adding else None)
    try:
        if ending := request.POST.get("end", ""):
            end_column(user, get_object_or_404(LocalColumn, book=book.code, pk=ending if ending.isdecimal() else 0))
            return redirect("books:book_columns", book=book.code)
        if is_adding and form.is_valid():
            data = form.cleaned_data
            add_column(user, book, data["label"], data["kind"], data["choices"].replace(",", "、").split("、"))
            messages.success(request, _("已增加列：%(name)s") % {"name": data["label"]})
            return redirect("books:book_columns", book=book.code)
    except NotAllowed:
        raise
    except BureauError as error:
        attach(form, error)
    kept = LocalColumn.objects.filter(book=book.code)
    return page(request, book, "columns", {"form": form, "columns": kept})


@needs(RIGHT)
def new_book(request: HttpRequest) -> HttpResponse:
    """A book from a list: what the system proposes for each column is corrected, then the list is taken in."""
    user, form, proposed = person(request), BookForm(request.POST or None, request.FILES or None), []
    token = request.POST.get("token", "")
    form.fields["file"].required = not token
    try:
        require_everywhere(user, RIGHT)
        if request.method == "POST" and form.is_valid():
            token = token or uploads.hold(form.cleaned_data["file"])
            proposed = propose(uploads.held(token))
            if request.POST.get("code"):
                wanted = [_corrected(request, n, each) for n, each in enumerate(proposed)]
                made = make_book(user, request.POST["code"].strip(), request.POST.get("name", ""), wanted)
                messages.success(request, _("已建立台账：%(name)s") % {"name": made})
                return redirect("books:book_import", book=made.code)
    except NotAllowed as error:
        raise PermissionDenied(_("您的角色没有这项权限；如工作需要，请联系安全管理员。")) from error
    except (BureauError, FileError) as error:
        form.add_error(None, str(error))
    roles = [(name, str(LocalRow._meta.get_field(name).verbose_name)) for name in TYPED]  # type: ignore[union-attr]
    given: dict[str, Any] = {"code": request.POST.get("code", ""), "name": request.POST.get("name", "")}
    context = {"form": form, "token": token, "proposed": proposed, "roles": roles, "kinds": Kind.choices, **given}
    return render(request, "book/new_book.html", context)


def _corrected(request: HttpRequest, place: int, proposed: Wanted) -> Wanted:
    """A column as the person left it."""
    role = request.POST.get(f"role-{place}", proposed.role)
    kind = request.POST.get(f"kind-{place}", proposed.kind)
    return Wanted(proposed.label, kind, role, proposed.choices if kind == Kind.CHOICE else ())
