"""calendar due, show, enter: when a time limit ends, and the holiday plans that decide it."""

from __future__ import annotations

import argparse
import os
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qingyuan import clock, config
from qingyuan.ops.commands.data import instant, open_books, say
from qingyuan.ops.commands.running import _data_dir
from qingyuan.ops.errors import OpsError, WrongUse

if TYPE_CHECKING:
    from qingyuan.science.deadlines import Due, WorkCalendar


LONGEST = 100_000


def calendar(sub: Any) -> None:
    """The group and its parts."""
    parser = sub.add_parser("calendar", help="工作日历：期限何时到，各年放假安排")
    part = parser.add_subparsers(dest="part", metavar="动作", required=True, parser_class=type(parser))
    due = part.add_parser(
        "due",
        help="从某时起的期限何时到",
        description="首日不计。工作日：满第 n 个工作日的下班时刻（17:30）；自然日：末日逢休息日顺延到下一个工作日；"
        "小时：不分昼夜。放假安排尚未公布的年份按法定节日和周末推算，结果标为“暂定”。",
    )
    _data_dir(due)
    due.add_argument(
        "--from", dest="start", required=True, metavar="时间", help="起算时间，如 2026-12-30T10:00（北京时间）"
    )
    length = due.add_mutually_exclusive_group(required=True)
    length.add_argument("--working-days", type=int, metavar="N", help="N 个工作日")
    length.add_argument("--days", type=int, metavar="N", help="N 个自然日")
    length.add_argument("--hours", type=float, metavar="N", help="N 小时")
    due.add_argument(
        "--pause",
        action="append",
        default=[],
        metavar="起/止",
        help="中止的时段，可重复，如 2027-01-04T09:00/2027-01-08T09:00；按日的期限，起日至止日前一日不计",
    )
    due.add_argument("--json", action="store_true", help="输出一行 JSON")
    due.set_defaults(run=_run_due)
    show = part.add_parser("show", help="某年的放假安排和出处")
    _data_dir(show)
    show.add_argument("year", type=int, metavar="年份", help="哪一年")
    show.add_argument("--json", action="store_true", help="输出一行 JSON")
    show.set_defaults(run=_run_show)
    enter = part.add_parser(
        "enter",
        help="录入国务院公布的某年放假安排，未办结的期限随之重算",
        description="文件每行：日期（或 起～止） 放假|上班 名称，如“2027-02-05～2027-02-11 放假 春节”“2027-02-14 上班 春节调休”。"
        "重新录入以最后一次为准。",
    )
    _data_dir(enter)
    enter.add_argument("year", type=int, metavar="年份", help="哪一年的安排")
    enter.add_argument("file", type=Path, metavar="文件", help="UTF-8 文本")
    enter.add_argument("--document", required=True, metavar="文号", help="依据，如 国办发明电〔2026〕7号")
    enter.add_argument("--json", action="store_true", help="输出一行 JSON")
    enter.set_defaults(run=_run_enter)


def _has_books() -> bool:
    return bool(os.environ.get("QINGYUAN_DATABASE_URL")) or (config.data_dir() / "main.sqlite").is_file()


def _calendar() -> WorkCalendar:
    """With the plans that were entered, where there are books; reading makes none."""
    from qingyuan.ops.setup import set_up_django

    set_up_django()
    from django.db import DatabaseError

    from qingyuan.bureau.base.calendar.kept import shipped_calendar, work_calendar

    if not _has_books():
        return shipped_calendar()
    try:
        return work_calendar()
    except DatabaseError as error:  # books of an older edition, or a server that is away
        raise OpsError(
            f"读不到已录入的放假安排（{error}）；先运行 qingyuan up 升级数据目录，或检查数据库服务"
        ) from error


def _run_due(a: argparse.Namespace) -> int:
    from qingyuan.science.deadlines import Pause

    start = clock.beijing(instant(a.start))
    pauses = []
    for text in a.pause:
        since, slash, until = text.partition("/")
        if not slash:
            raise WrongUse(f"中止时段 {text!r}，应如 2027-01-04T09:00/2027-01-08T09:00")
        pause = Pause(instant(since), instant(until))
        if pause.until < pause.since:
            raise WrongUse(f"中止时段 {text!r} 的止早于起；应为 起/止")
        pauses.append(pause)
    length = next(n for n in (a.working_days, a.days, a.hours) if n is not None)
    if not 0 <= length <= LONGEST:
        raise WrongUse(f"期限得到 {length:g}，应为 0 到 {LONGEST}")
    try:
        found = _due(a, start, pauses)
    except (ValueError, OverflowError) as error:
        raise WrongUse(f"算不出期限：{error}") from error
    explained = [{"day": s.day.isoformat(), "name": s.name, "provisional": s.is_provisional} for s in found.skipped]
    facts = {"due": found.at.isoformat(), "provisional": found.is_provisional, "explained": explained}
    lines = [f"{found.at:%Y-%m-%d %H:%M}" + ("（暂定：有年份的放假安排尚未公布）" if found.is_provisional else "")]
    lines += [f"  不计 {s['day']} {s['name']}" + ("（暂定）" if s["provisional"] else "") for s in explained]
    say(a, facts, "\n".join(lines))
    return 0


def _due(a: argparse.Namespace, start: datetime, pauses: list[Any]) -> Due:
    from qingyuan.science.deadlines import after_days, after_hours, after_working_days

    if a.hours is not None:
        return after_hours(start, a.hours, pauses)
    known = _calendar()
    from qingyuan.bureau.base.calendar.kept import END_OF_DAY

    if a.days is not None:
        return after_days(start, a.days, known, END_OF_DAY, clock.BEIJING, pauses)
    return after_working_days(start, a.working_days, known, END_OF_DAY, clock.BEIJING, pauses)


def _run_show(a: argparse.Namespace) -> int:
    if not 1 <= a.year <= 9998:
        raise WrongUse(f"年份 {a.year}，应如 2027")
    known = _calendar()
    first = date(a.year, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(a.year + 1, 1, 1) - first).days)]
    shown = []
    for day in days:
        found = known.on(day)
        if found.works != (day.weekday() < 5):
            shown.append({"day": day.isoformat(), "works": found.works, "name": found.name})
    is_announced = a.year in known.plans
    head = f"{a.year} 年：" + ("按公布的安排" if is_announced else "安排尚未公布，按法定节日推算，期限为暂定")
    lines = [head, *(f"  {d['day']} {'上班' if d['works'] else '放假'} {d['name']}" for d in shown)]
    say(a, {"year": a.year, "announced": is_announced, "days": shown}, "\n".join(lines))
    return 0


def _run_enter(a: argparse.Namespace) -> int:
    try:
        text = a.file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"读不了 {a.file}：{error}；应为 UTF-8 文本") from error
    open_books()
    from qingyuan.bureau.base.errors import BureauError
    from qingyuan.bureau.cases.actions.deadlines import enter_holiday_plan

    try:
        plan, moved = enter_holiday_plan(None, a.year, text, a.document)
    except BureauError as error:
        raise WrongUse(str(error)) from error
    numbers = [case.number for case in moved]
    words = f"已录入 {plan.year} 年放假安排，{len(plan.days)} 天；重算后变动的期限 {len(numbers)} 个"
    say(a, {"year": plan.year, "days": len(plan.days), "moved": numbers}, words + "".join(f"\n  {n}" for n in numbers))
    return 0


ALL = (calendar,)
