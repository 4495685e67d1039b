"""Accounts from a list of people: one row a person; the one-time passwords are given back once and kept nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction

from qingyuan.bureau.accounts.actions.users import create_user
from qingyuan.bureau.accounts.models import Area, Organisation, Role, User
from qingyuan.bureau.accounts.policies.rights import require
from qingyuan.bureau.base.errors import BureauError, Invalid
from qingyuan.bureau.registers.actions.points_cells import BadCell, Columns, columns_of, rows_of
from qingyuan.intake.files import open_table
from qingyuan.intake.files.synonyms import plain

MOST_PEOPLE = 200
LONGEST = {"username": 64, "display_name": 64}
# Column: (what it is called in files, what it holds). The first name is the one on the page.
PEOPLE_COLUMNS: Columns = {
    "username": (("用户名", "账号", "登录名", "工号", "username", "user"), "登录用，至多 64 字；已有的跳过"),
    "display_name": (("姓名", "名字", "name", "display_name"), "姓名；空 = 用户名"),
    "roles": (("角色", "role", "roles"), "角色的名称或代码；几个角色用顿号分开"),
    "organisation": (("单位", "所属单位", "部门", "organisation"), "单位的名称或代码；空 = 本局"),
    "area": (("区域", "镇街", "管辖区域", "area"), "角色所及的区域；空 = 全域"),
}


@dataclass
class PeopleReport:
    """What a list of people did, or would do. made: (user name, name, one-time password), the password only when kept."""

    rows: int = 0
    known: list[str] = field(default_factory=list)
    made: list[tuple[str, str, str]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)


def import_people(actor: User | None, path: Path, dry_run: bool = False) -> PeopleReport:
    """Make an account for each row; who has one is passed over. Rows with a wrong cell are told and left out.

    Raises NotAllowed; Invalid when there is no column of user names, or more people than a list may hold.
    """
    require(actor, "manage_users")
    table = open_table(path)
    columns = columns_of(table.frame.columns, PEOPLE_COLUMNS)
    if "username" not in columns:
        raise Invalid(f"缺少列：用户名；得到列：{'、'.join(table.frame.columns[:20])}", "file")
    if len(table.frame) > MOST_PEOPLE:
        raise Invalid(f"得到 {len(table.frame)} 行，一次至多 {MOST_PEOPLE} 人；请分几个文件", "file")
    report = PeopleReport(rows=len(table.frame))
    with transaction.atomic():
        for number, row in rows_of(table, columns):
            _take(actor, number, row, report)
        transaction.set_rollback(dry_run)
    if dry_run:
        report.made = [(username, name, "") for username, name, _ in report.made]
    return report


def _take(actor: User | None, number: int, row: Mapping[str, str], report: PeopleReport) -> None:
    username = row.get("username", "")
    if username and User.objects.filter(username=username).exists():
        report.known.append(username)
        return
    try:
        for key, most in LONGEST.items():
            if len(row.get(key, "")) > most:
                raise BadCell(key, row[key][:40], f"至多 {most} 个字符")
        area = _area(row.get("area", ""))
        roles = [(role.value, area) for role in _roles(row.get("roles", ""))]
        with transaction.atomic():
            user, password = create_user(
                actor, username, row.get("display_name", ""), roles, _organisation(row.get("organisation", ""))
            )
        report.made.append((user.username, user.display_name, password))
    except BadCell as bad:
        column = PEOPLE_COLUMNS[bad.column][0][0]
        report.errors.append({"row": number, "column": column, "got": bad.got, "expected": bad.expected})
    except BureauError as error:
        report.errors.append({"row": number, "column": "", "got": username or "空", "expected": str(error)})


def _roles(text: str) -> list[Role]:
    known = {plain(word): role for role in Role if role != Role.SETUP for word in (str(role.label), role.value)}
    found: list[Role] = []
    for word in text.replace("，", "、").replace(",", "、").replace(";", "、").split("、"):
        if not word.strip():
            continue
        role = known.get(plain(word))
        if role is None:
            names = "、".join(str(role.label) for role in Role if role != Role.SETUP)
            raise BadCell("roles", word.strip()[:40], names)
        found.append(role)
    return found


def _organisation(text: str) -> Organisation | None:
    if not text:
        return Organisation.objects.filter(kind=Organisation.Kind.BUREAU).order_by("pk").first()
    found = Organisation.objects.filter(code=text).first() or Organisation.objects.filter(name=text).first()
    if found is None:
        raise BadCell("organisation", text[:40], "已登记单位的名称或代码")
    return found


def _area(text: str) -> Area | None:
    if not text:
        return None
    found = Area.objects.filter(code=text).first() or Area.objects.filter(name=text).first()
    if found is None:
        raise BadCell("area", text[:40], "已登记区域的名称或代码")
    return found
