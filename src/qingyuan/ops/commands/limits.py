"""limits: permits' limits from files, held against the standards."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from qingyuan.ops.commands.data import open_books, say, write_template
from qingyuan.ops.commands.running import _data_dir
from qingyuan.ops.errors import WrongUse

SHOWN = 50


def limits(sub: Any) -> None:
    """The group and its parts."""
    parser = sub.add_parser("limits", help="许可限值：导入、与标准比、撤回")
    part = parser.add_subparsers(dest="part", metavar="动作", required=True, parser_class=type(parser))
    into = part.add_parser(
        "import",
        help="从 Excel 或 CSV 导入许可限值",
        description="每行一个排放口的一个项目；样表见 limits template。逐行核对并与标准的限值行比：宽于标准、单位不对、缺项、"
        "日期重叠都列出行号、得到什么、应为什么、怎么办；不能用的行退回，其余保存，可整批撤回。",
    )
    _data_dir(into)
    into.add_argument("file", type=Path, metavar="文件", help="限值清单")
    into.add_argument("--dry-run", action="store_true", help="试运行：只核对，不写入")
    into.add_argument("--errors", type=Path, metavar="文件", help="把问题另存为 CSV")
    into.add_argument("--json", action="store_true", help="输出一行 JSON")
    into.set_defaults(run=_run_import)
    template = part.add_parser("template", help="写出限值样表")
    template.add_argument("--out", type=Path, required=True, metavar="文件", help="输出 .xlsx")
    template.set_defaults(run=_run_template)
    check = part.add_parser("check", help="把登记的限值与标准比")
    _data_dir(check)
    check.add_argument("--point", metavar="排放口", default="", help="只看这个排放口")
    check.add_argument("--json", action="store_true", help="输出一行 JSON")
    check.set_defaults(run=_run_check)
    undo = part.add_parser("undo", help="撤回一次导入；之后又改过的不能撤回")
    _data_dir(undo)
    undo.add_argument("number", type=int, metavar="批号", help="导入时给出的批号")
    undo.add_argument("--json", action="store_true", help="输出一行 JSON")
    undo.set_defaults(run=_run_undo)


def _run_import(a: argparse.Namespace) -> int:
    if not a.file.is_file():
        raise WrongUse(f"没有这个文件：{a.file}")
    open_books()
    from qingyuan.bureau.base.errors import BureauError
    from qingyuan.bureau.values.actions.limits_file import import_limits
    from qingyuan.ops.commands.data import write_csv

    try:
        report = import_limits(None, a.file, a.dry_run)
    except BureauError as error:
        raise WrongUse(str(error)) from error
    problems = [asdict(p) for p in report.problems]
    if a.errors and problems:
        write_csv(a.errors, problems)
    counts = {name: report.count(name) for name in ("new", "changed", "same", "ends")}
    facts: dict[str, Any] = {"rows": report.rows, "good": report.good, "refused": report.refused}
    facts |= counts | {"dry_run": report.dry_run, "batch": report.batch, "problems": problems}
    head = "试运行，未写入：" if report.dry_run else f"批号 {report.batch}："
    lines = [
        (
            f"{head}{report.rows} 行，可用 {report.good}（新增 {counts['new']}、改动 {counts['changed']}、截止 {counts['ends']}、"
            f"未变 {counts['same']}），退回 {report.refused} 行，问题 {len(problems)} 处"
        ),
        *[_line(p) for p in problems[:SHOWN]],
    ]
    if len(problems) > SHOWN:
        lines.append(f"  另有 {len(problems) - SHOWN} 处；用 --errors 另存全部")
    say(a, facts, "\n".join(lines))
    return 0 if report.good or not report.rows else 1


def _line(p: dict[str, Any]) -> str:
    where = f"第 {p['row']} 行“{p['column']}”" if p["row"] else "整个排放口"
    doubt = "（标准行未核实）" if p["is_doubtful"] else ""
    mark = "退回" if p["is_refused"] else "待核对"
    return f"  {where} {p['subject']} [{mark}]：得到 {p['got']}，应为 {p['expected']}{doubt}。{p['advice']}"


def _run_template(a: argparse.Namespace) -> int:
    from qingyuan.ops.setup import set_up_django

    set_up_django()
    from qingyuan.bureau.values.actions.limit_rows import LIMIT_COLUMNS

    write_template(a.out, "许可限值", LIMIT_COLUMNS.values())
    return 0


def _run_check(a: argparse.Namespace) -> int:
    open_books()
    from qingyuan import clock
    from qingyuan.bureau.registers.models import Outlet
    from qingyuan.bureau.values.models import Limit
    from qingyuan.bureau.values.queries.limit_checks import check_outlet
    from qingyuan.science.sources import Checked

    rows = Outlet.objects.select_related("point", "enterprise").prefetch_related("limits").order_by("point__code")
    if a.point:
        rows = rows.filter(point__code=a.point)
        if not rows:
            raise WrongUse(f"没有排放口 {a.point}")
    today = clock.beijing(clock.now()).date()
    found, lines = [], []
    for check in (check_outlet(outlet, today) for outlet in rows):
        code = check.outlet.point.code
        told: list[tuple[Limit | None, Checked]] = [
            (c.limit, o) for c in check.limits for o in c.outcomes if not o.is_fine
        ]
        told += [(None, missing) for missing in check.missing]
        overlaps = [c.limit for c in check.limits if c.overlaps]
        for row, one in told:
            when = f" {row.valid_from} 起" if row else ""
            doubt = "（标准行未核实）" if one.is_doubtful else ""
            lines.append(f"{code} {one.item}{when}：得到 {one.got}，应为 {one.expected}{doubt}。{one.advice}")
        lines += [f"{code} {row.item} {row.valid_from} 起：日期与另一条重叠" for row in overlaps]
        outcomes = [{"limit": row.pk if row else None} | asdict(one) for row, one in told]
        found.append({"point": code, "limits": len(check.limits), "to_look_at": check.to_look_at, "outcomes": outcomes})
    total = sum(int(str(f["to_look_at"])) for f in found)
    head = f"{len(found)} 个排放口，{sum(int(str(f['limits'])) for f in found)} 条限值，{total} 处要看"
    say(a, {"outlets": found, "to_look_at": total}, "\n".join([head, *lines]))
    return 0


def _run_undo(a: argparse.Namespace) -> int:
    open_books()
    from qingyuan.bureau.base.errors import BureauError
    from qingyuan.bureau.values.actions.limits_file import undo_limits
    from qingyuan.bureau.values.models import LimitImport

    batch = LimitImport.objects.filter(pk=a.number).first()
    if batch is None:
        raise WrongUse(f"没有批号 {a.number} 的导入；批号在 limits import 的结果和“许可限值”页上")
    try:
        count = undo_limits(None, batch)
    except BureauError as error:
        raise WrongUse(str(error)) from error
    say(a, {"batch": a.number, "restored": count}, f"已撤回批 {a.number}，{count} 条限值恢复原状")
    return 0


ALL = (limits,)
