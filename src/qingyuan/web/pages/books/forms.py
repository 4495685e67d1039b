"""The form of a row: a field for each column that the person may write, read as a file's cells are."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django import forms

from qingyuan.bureau.accounts.models import Area, User
from qingyuan.bureau.accounts.policies.rights import visible_areas
from qingyuan.bureau.book.declaration import Book
from qingyuan.bureau.book.policies import visible
from qingyuan.bureau.book.queries import shown_columns
from qingyuan.bureau.book.registry import word
from qingyuan.bureau.exchange.exports import meaning
from qingyuan.bureau.kinds.columns import Column
from qingyuan.bureau.kinds.links import Links, named_by

MOST_CHOICES = 300
_INPUTS = {"date": "date", "integer": "text", "number": "text", "decimal": "text"}


def written(book: Book, user: User) -> list[Column]:
    """The columns of the form: the state is changed by verbs."""
    return [c for c in shown_columns(book, user) if c.is_written and c.name != book.state and c.kind != "json"]


def row_form(book: Book, user: User, row: Any = None, data: Any = None, names: Any = None) -> forms.Form:
    """The form of a new row, of one that is there, or of the columns that a verb needs."""
    links = Links()
    columns = [c for c in written(book, user) if names is None or c.name in names]
    initial = {} if row is None else {c.name: str(c.text(c.of(row), links)) for c in columns}
    form = forms.Form(data, initial=initial)
    for column in columns:
        form.fields[column.name] = _field(book, user, column)
    return form


def _field(book: Book, user: User, column: Column) -> forms.Field:
    given: dict[str, Any] = {"label": word(book, column.label), "required": column.required, "help_text": ""}
    choices = choices_of(book, user, column)
    if choices is not None:
        blank = [("", "—")]
        return forms.ChoiceField(choices=[*blank, *((label, word(book, label)) for label in choices)], **given)
    if column.kind == "boolean":
        return forms.ChoiceField(choices=[("", "—"), ("是", word(book, "是")), ("否", word(book, "否"))], **given)
    if column.kind == "long":
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 4, "data-wide": "1"}), **given)
    if column.kind in ("link", "sealed", "datetime"):
        given["help_text"] = word(book, meaning(book, column).split("；")[0])
    return forms.CharField(widget=forms.TextInput(attrs={"type": _INPUTS.get(column.kind, "text")}), **given)


def choices_of(book: Book, user: User, column: Column, links: Links | None = None) -> list[str] | None:
    """The words to choose from; None where there are too many, or it is no choice.

    links: for a filter, which names of other tables only those that stand in rows that the reader sees.
    """
    if column.kind == "choice":
        return [label for _, label in column.choices]
    if column.kind != "link":
        return None
    model = column.field.related_model
    rows = visible_areas(user) if model is Area else model._default_manager.all()
    if links is not None and model is not Area:
        rows = rows.filter(pk__in=visible(user, book).order_by().values(column.field.attname))
    found = list(rows.values_list("pk", *named_by(model))[: MOST_CHOICES + 1])
    if len(found) > MOST_CHOICES:
        return None
    times = Counter(name for _, _, name in found)
    words = {pk: str(name) if name and times[name] == 1 else str(code) for pk, code, name in found}
    for pk, text in words.items():
        if links is not None:
            links.meet(model, text, pk)
    return list(words.values())
