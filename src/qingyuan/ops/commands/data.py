"""verify, evaluate, report; what every command that uses the books shares."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from qingyuan.formulas import guarded_row
from qingyuan.ops.commands.running import _data_dir
from qingyuan.ops.errors import OpsError, WrongUse


def open_books() -> None:
    """A command that uses the books: folder ready, schema current, clock set."""
    from qingyuan import process
    from qingyuan.ops import folder, setup

    folder.prepare()
    told = setup.run()
    if password := told.get("password"):
        print(f"管理员账号：admin    一次性密码：{password}    （只显示这一次）", file=sys.stderr)
    process.set_up_clock()


def drain() -> None:
    """Read what the journal holds and nobody has read yet; harmless beside a running `work`."""
    from qingyuan import config
    from qingyuan.bureau.base.store import readings
    from qingyuan.bureau.line.actions.resolver import BureauResolver
    from qingyuan.intake.ingest import Ingester
    from qingyuan.intake.journal import Journal

    journal = Journal(config.data_dir() / "journal")
    ingester = Ingester(journal, readings(), BureauResolver())
    while ingester.step().records:
        continue
    journal.close()


def write_template(out: Path, title: str, columns: Iterable[tuple[Sequence[str], str]]) -> None:
    """An empty workbook to be filled in: a sheet with a head for each (names, meaning), the meaning as its comment."""
    import xlsxwriter

    heads = list(columns)
    with xlsxwriter.Workbook(str(out)) as book:
        sheet, bold = book.add_worksheet(title), book.add_format({"bold": True})
        for place, (names, meaning) in enumerate(heads):
            sheet.write(0, place, names[0], bold)
            sheet.write_comment(0, place, meaning)
        sheet.set_column(0, len(heads) - 1, 14)
    print(f"样表 → {out}")


def say(arguments: argparse.Namespace, facts: dict[str, Any], words: str) -> None:
    """One line of JSON, or words."""
    print(json.dumps(facts, ensure_ascii=False) if arguments.json else words)


def verify(sub: Any) -> None:
    parser = sub.add_parser("verify", help="用公开数据核对本系统的计算")
    from qingyuan.ops import verify as checking

    checking.add_arguments(parser)
    parser.set_defaults(run=checking.run)


def evaluate(sub: Any) -> None:
    parser = sub.add_parser(
        "evaluate",
        help="重新评价一段时间的数据",
        description="把一段时间的读数标为待评价并立即评价；结果变化的记为新版本。",
    )
    _data_dir(parser)
    parser.add_argument(
        "--from", dest="since", required=True, metavar="时间", help="起，如 2026-03-01 或 2026-03-01T08:00（北京时间）"
    )
    parser.add_argument("--to", dest="until", required=True, metavar="时间", help="止（不含）")
    parser.add_argument("--point", metavar="点位", default="*", help="点位编号（默认全部）")
    parser.add_argument("--json", action="store_true", help="输出一行 JSON")
    parser.set_defaults(run=_run_evaluate)


def _run_evaluate(a: argparse.Namespace) -> int:
    start, end = instant(a.since), instant(a.until)
    open_books()
    from qingyuan.bureau.base.store import readings
    from qingyuan.bureau.judging.actions.days import work_off
    from qingyuan.bureau.loop import step

    drain()
    store = readings()
    series = [s.id for s in store.series(a.point) if s.key.grain in {"raw", "minute", "hour"}]
    marked = store.mark(series, int(start.timestamp()), int(end.timestamp()))
    opened = 0
    while (turn := step()).marks:
        opened += len(turn.opened)
    days = 0
    while done := work_off():
        days += done
    facts = {"marked": marked, "days": days, "alerts_opened": opened}
    say(a, facts, f"已评价：{marked} 个序列小时，{days} 个点位日，新发预警 {opened} 条")
    return 0


def instant(text: str) -> datetime:
    """A time from the command line; without a zone it is Beijing time."""
    from qingyuan.clock import BEIJING

    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongUse(f"得到时间“{text}”，应为 2026-03-01 或 2026-03-01T08:00 的形式") from error
    return found if found.tzinfo else found.replace(tzinfo=BEIJING)


def report(sub: Any) -> None:
    parser = sub.add_parser("report", help="报告")
    part = parser.add_subparsers(dest="part", metavar="种类", required=True, parser_class=type(parser))
    case = part.add_parser("case", help="案件记录（Word）")
    _data_dir(case)
    case.add_argument("number", metavar="编号", help="案件编号，如 AJ2026-0001")
    case.add_argument("--out", required=True, type=Path, metavar="文件", help="输出 .docx")
    case.add_argument("--json", action="store_true", help="输出一行 JSON")
    case.set_defaults(run=_run_report_case)
    line = part.add_parser("line", help="早上 8:30 发群的一行：昨日、累计、目标、余量")
    _data_dir(line)
    line.add_argument("--user", default="admin", metavar="用户名", help="按谁的数据范围（默认 admin）")
    line.add_argument("--json", action="store_true", help="输出一行 JSON")
    line.set_defaults(run=_run_report_line)


def _run_report_case(a: argparse.Namespace) -> int:
    open_books()
    from qingyuan.bureau.cases.models import Case
    from qingyuan.bureau.reports.queries.report import case_record

    case = Case.objects.filter(number=a.number).first()
    if case is None:
        raise OpsError(f"没有编号为 {a.number} 的案件")
    a.out.write_bytes(case_record(case, None))
    say(a, {"case": case.number, "out": str(a.out)}, f"{case.number} → {a.out}")
    return 0


def _run_report_line(a: argparse.Namespace) -> int:
    open_books()
    from qingyuan import clock
    from qingyuan.bureau.accounts.models import User
    from qingyuan.bureau.overview.queries.today import gather, morning_line

    user = User.objects.filter(username=a.user).first()
    if user is None:
        raise OpsError(f"没有用户“{a.user}”")
    text = morning_line(gather(user, clock.now()))
    say(a, {"line": text}, text)
    return 0


def write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    """Rows of equal keys as CSV that a spreadsheet opens with Chinese intact and runs nothing of."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(guarded_row(rows[0] if rows else []))
        writer.writerows(guarded_row(row.values()) for row in rows)


ALL = (verify, evaluate, report)
