"""Making local columns and books."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import NAMES, require_everywhere
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.errors import Invalid, Missing, WrongState
from qingyuan.bureau.book.declaration import Book
from qingyuan.bureau.book.registry import ask_again, books, columns_of
from qingyuan.bureau.local.models import TYPED, Kind, LocalBook, LocalColumn

RIGHT = "manage_points"
_CODE = re.compile(r"[a-z][a-z0-9-]{1,39}")
_TAKEN = {"enterprises", "devices", "limits", "transmission", "emissions", "new", "import"}


@dataclass(frozen=True)
class Wanted:
    """A column of a list on its way to be a book. role: a typed column, or empty for one of the book's own."""

    label: str
    kind: str = Kind.TEXT
    role: str = ""
    choices: tuple[str, ...] = ()


def add_column(
    actor: User | None,
    book: Book,
    label: str,
    kind: str,
    choices: Sequence[str] = (),
    right: str = "",
    valid_from: date | None = None,
) -> LocalColumn:
    """Add a column to a book, from a day on. Raises NotAllowed, Missing, Invalid."""
    require_everywhere(actor, RIGHT)
    label, words = label.strip(), [word.strip() for word in choices if word.strip()]
    if not label:
        raise Missing("请填写列名", "label")
    if kind not in Kind.values:
        raise Invalid(f"得到类型“{kind}”，应为：{'、'.join(Kind.labels)}", "kind")
    if kind == Kind.CHOICE and not words:
        raise Missing("选项列须写出各个选项", "choices")
    if right and right not in NAMES:
        raise Invalid(f"没有权限“{right}”", "right")
    if any(label in (c.label, *c.headers) for c in columns_of(book).values()):
        raise Invalid(f"“{book.name}”已有“{label}”列；请换一个名称", "label")
    day = valid_from or clock.beijing(clock.now()).date()
    with transaction.atomic():
        made = LocalColumn.objects.create(
            book=book.code,
            label=label[:40],
            kind=kind,
            choices=words,
            right=right,
            valid_from=day,
            made_by=actor,
            made_at=clock.now(),
        )
        ask_again()
        record(actor, "local.column", made, f"“{book.name}”增加本地列“{label}”（{Kind(kind).label}）")
    return made


def end_column(actor: User | None, column: LocalColumn) -> None:
    """The column is no longer shown or written from today on; what rows hold in it stays in them and their versions."""
    require_everywhere(actor, RIGHT)
    with transaction.atomic():
        today = clock.beijing(clock.now()).date()
        if LocalColumn.objects.filter(pk=column.pk, valid_to=None).update(valid_to=today) != 1:
            raise WrongState(f"“{column.label}”列已停用")
        ask_again()
        record(actor, "local.end", column, f"停用本地列“{column.label}”")


def make_book(actor: User | None, code: str, name: str, columns: Sequence[Wanted], purpose: str = "") -> LocalBook:
    """A book of its own from the columns of a list. Raises NotAllowed, Missing, Invalid."""
    require_everywhere(actor, RIGHT)
    roles = [column.role for column in columns if column.role]
    if not _CODE.fullmatch(code) or code in _TAKEN or any(code == book.code for book in books()):
        raise Invalid(f"代码得到“{code}”，应为没有用过的小写字母、数字和短横，字母开头", "code")
    if not name.strip() or any(name.strip() == book.name for book in books()):
        raise Invalid(f"名称得到“{name}”，应为没有用过的名称", "name")
    if roles.count("key") != 1:
        raise Missing("请指定一列为编号：由它认出同一行", "columns")
    if odd := [role for role in roles if role not in TYPED or roles.count(role) > 1]:
        raise Invalid(f"“{odd[0]}”不是可用的列，或用了两次；应为：{'、'.join(TYPED)}，各一次", "columns")
    with transaction.atomic():
        labels = {column.role: column.label for column in columns if column.role}
        made = LocalBook.objects.create(
            code=code, name=name.strip()[:60], purpose=purpose[:200], labels=labels, made_by=actor, made_at=clock.now()
        )
        record(actor, "local.book", made, f"建立本地台账“{made.name}”，{len(columns)} 列")
        book = next(each for each in books() if each.code == code)
        for column in columns:
            if not column.role:
                add_column(actor, book, column.label, column.kind, column.choices)
    return made
