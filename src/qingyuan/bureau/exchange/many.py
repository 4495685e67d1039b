"""One column of many rows at once: looked at first, then written in one transaction with a version for each row."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError
from django.db.models import QuerySet

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.base.errors import Invalid, NotAllowed, WrongState
from qingyuan.bureau.book.declaration import Book
from qingyuan.bureau.book.policies import reaches, require_for
from qingyuan.bureau.book.queries import shown_columns
from qingyuan.bureau.book.shown import key_of_row
from qingyuan.bureau.exchange.bulk import Bulk, Stale
from qingyuan.bureau.kinds.columns import EXTRA, Column
from qingyuan.bureau.kinds.links import Links

MOST = 100_000
MOVED = "这些行在预览之后有人改过；没有写入，请重新预览"


@dataclass
class Plan:
    """What a change of one column would do to rows: (key, before, after) of those that change, (key, why) of the refused."""

    column: Column
    after: str
    rows: int = 0
    same: int = 0
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    mark: str = ""

    @property
    def before(self) -> list[tuple[str, int]]:
        """What stands there now and in how many rows it changes, the most first."""
        counted: dict[str, int] = {}
        for _key, old, _new in self.changes:
            counted[old] = counted.get(old, 0) + 1
        return sorted(counted.items(), key=lambda pair: -pair[1])


def offered(book: Book, user: User | None) -> list[Column]:
    """The columns that can be changed in many rows: no keys, names by which a row is known, states, places, sealed."""
    place = (book.layer.lon, book.layer.lat) if book.layer else ()  # no two rows stand at one place
    known_by = {names[0] for names in book.again if len(names) == 1}
    left_out = {*book.key, book.state, *book.waits.values(), *place, *known_by}
    return [
        column
        for column in shown_columns(book, user)
        if column.is_written and column.name not in left_out and column.kind not in ("sealed", "json", "computed")
    ]


def look(actor: User | None, book: Book, rows: QuerySet[Any], name: str, text: str) -> Plan:
    """What the change would do. Raises NotAllowed, Invalid for a column that is not offered or a value that it refuses."""
    return _planned(actor, book, rows, name, text, "")[0]


def change_many(
    actor: User | None, book: Book, rows: QuerySet[Any], name: str, text: str, *, reason: str = "", mark: str = ""
) -> Plan:
    """Write the change to all rows that may be changed. mark: that of the plan that was looked at.

    Raises WrongState where a row was written since, besides what `look` raises; nothing is written then.
    """
    plan, bulk = _planned(actor, book, rows, name, text, reason)
    if mark and mark != plan.mark:
        raise WrongState(MOVED)
    words = f"批量修改{book.name}的“{plan.column.label}”为“{plan.after or '空'}”：{len(plan.changes)} 行"
    try:
        bulk.write(words, dict)
    except Stale:
        raise WrongState(MOVED) from None
    except IntegrityError as error:
        raise Invalid(f"与已有的行冲突，没有写入：{str(error)[:200]}", "value") from error
    return plan


def _planned(
    actor: User | None, book: Book, rows: QuerySet[Any], name: str, text: str, reason: str
) -> tuple[Plan, Bulk]:
    if book.mirror and actor is not None:
        raise NotAllowed(f"“{book.name}”是{book.mirror}的镜像，在本系统只读；请在上级系统中修改后导入")
    require_for(actor, book, "edit")
    column = next((each for each in offered(book, actor) if each.name == name), None)
    if column is None:
        raise Invalid(f"没有可批量修改的列“{name}”；有：{'、'.join(c.name for c in offered(book, actor))}", "column")
    links = Links(whole=True)
    value = column.read(text.strip(), links)
    held = column.plain(value, links) if name.startswith(EXTRA) else value
    keys = [key_of_row(book, row) for row in rows.order_by().iterator(2000)]
    if len(keys) > MOST:
        raise Invalid(f"一次至多修改 {MOST} 行，得到 {len(keys)} 行；请先筛选", "rows")
    bulk, plan = Bulk(actor, book, links, reason), Plan(column, str(column.text(value, links)), len(keys))
    told = hashlib.sha256(f"{book.code} {name} {held!r}".encode())
    for key in sorted(keys):
        old = bulk.old(key)
        if old is None:
            continue
        told.update(f"\n{key} {old['revision']}".encode())
        why = _why_not(actor, book, bulk, key, old, {name: held})
        if why:
            plan.refused.append((key, why))
            continue
        before = old["extra"].get(name.removeprefix(EXTRA)) if name.startswith(EXTRA) else old[name]
        if column.is_same(before, held):
            plan.same += 1
            continue
        bulk.put(key, {name: held})
        plan.changes.append((key, str(column.text(before, links)), plan.after))
    plan.mark = told.hexdigest()[:20]
    return plan, bulk


def _why_not(actor: User | None, book: Book, bulk: Bulk, key: str, old: dict[str, Any], values: dict[str, Any]) -> str:
    """Why a row may not be changed so; empty where it may."""
    after = old | {name: value for name, value in values.items() if not name.startswith(EXTRA)}
    if actor is not None and not all(reaches(actor, book, "edit", bulk.area(state)) for state in (old, after)):
        return "不在您的权限所及的区域；请核对区域，或由负责该区域的人员修改"
    wrong = [*bulk.taken(key, values), *(book.check(after).values() if book.check else ())]
    return "；".join(wrong)
