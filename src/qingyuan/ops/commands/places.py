"""points, places, enterprises: the registers of points, areas and firms from files, and the rosters."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from qingyuan.ops.commands.data import open_books, say, write_csv, write_template
from qingyuan.ops.commands.running import _data_dir
from qingyuan.ops.errors import WrongUse

KINDS = ("air", "water", "outlet", "meter")
ROSTERS = ("county_air", "national_sections", "provincial_sections")
LEVELS = ("city", "county", "town", "grid")


def points(sub: Any) -> None:
    """points import, template, roster."""
    parser = sub.add_parser("points", help="点位：导入清单、列入名册")
    part = parser.add_subparsers(dest="part", metavar="动作", required=True, parser_class=type(parser))
    into = part.add_parser(
        "import",
        help="从 CSV、Excel、GeoJSON、KML、zip 的 shapefile 导入空气站、断面",
        description="每行一个点位；列见 points template，也认 station_code、station_name、lon、lat、city 等。"
        "坐标可写十进制度或度分秒。逐格核对，不能用的行列出；重复导入不会重复登记，空格不改已有的。",
    )
    _into(into)
    into.add_argument("--kind", choices=KINDS, default="", help="清单没有“点位类别”列时：air、water、outlet、meter")
    into.add_argument("--roster", choices=ROSTERS, default="", help="一并列入的名册（清单没有“名册”列时）")
    into.add_argument("--since", type=_day, metavar="日期", help="列入名册的起始日期")
    into.add_argument("--until", type=_day, metavar="日期", help="名册的止日（当日起不计）")
    into.add_argument("--sheet", metavar="工作表", default="", help="Excel 的哪个工作表")
    into.add_argument("--header-row", metavar="行", type=int, default=0, help="第几行是表头（默认自动找）")
    into.set_defaults(run=_run_points)
    template = part.add_parser("template", help="写出点位清单样表")
    template.add_argument("--out", type=Path, required=True, metavar="文件", help="输出 .xlsx")
    template.set_defaults(run=_run_template)
    roster = part.add_parser("roster", help="把点位列入名册（一个点位，或一个区域的全部）")
    _data_dir(roster)
    roster.add_argument("point", metavar="点位", nargs="?", default="", help="点位编码；用 --area 时不写")
    roster.add_argument("--area", metavar="区域", default="", help="区域的名称或代码：其中的点位全部列入")
    roster.add_argument("--roster", choices=ROSTERS, required=True, help="哪个名册")
    roster.add_argument("--since", type=_day, required=True, metavar="日期", help="起始日期")
    roster.add_argument("--until", type=_day, metavar="日期", help="止日（当日起不计）；不写 = 至今")
    roster.add_argument("--basis", metavar="依据", default="", help="文号等")
    roster.add_argument("--json", action="store_true", help="输出一行 JSON")
    roster.set_defaults(run=_run_roster)


def places(sub: Any) -> None:
    """places import."""
    parser = sub.add_parser("places", help="区域：导入县域和镇街的边界")
    part = parser.add_subparsers(dest="part", metavar="动作", required=True, parser_class=type(parser))
    into = part.add_parser(
        "import",
        help="从 GeoJSON、KML 或 zip 的 shapefile 导入边界",
        description="每个面一个区域。名称取 name、名称等属性，代码取 adcode、code、代码等；级别由代码或名称看出，"
        "看不出的用 --kind。坐标核对范围、是否写反、是否投影坐标。",
    )
    _into(into)
    into.add_argument("--kind", choices=LEVELS, default="", help="看不出级别的面：city、county、town、grid")
    into.set_defaults(run=_run_places)


def enterprises(sub: Any) -> None:
    """enterprises import, template."""
    parser = sub.add_parser("enterprises", help="企业：导入名录")
    part = parser.add_subparsers(dest="part", metavar="动作", required=True, parser_class=type(parser))
    into = part.add_parser(
        "import",
        help="从 CSV 或 Excel 导入企业，如重点排污单位名录",
        description="每行一家；列见 enterprises template。逐格核对，不能用的行列出；重复导入不会重复登记，空格不改已有的。"
        "以名称登记过的企业，名录带来信用代码时改用信用代码。",
    )
    _into(into)
    into.add_argument("--sheet", metavar="工作表", default="", help="Excel 的哪个工作表")
    into.add_argument("--header-row", metavar="行", type=int, default=0, help="第几行是表头（默认自动找）")
    into.set_defaults(run=_run_enterprises)
    template = part.add_parser("template", help="写出企业名录样表")
    template.add_argument("--out", type=Path, required=True, metavar="文件", help="输出 .xlsx")
    template.set_defaults(run=_run_enterprises_template)


def _into(parser: argparse.ArgumentParser) -> None:
    _data_dir(parser)
    parser.add_argument("file", type=Path, metavar="文件", help="清单或地图数据")
    parser.add_argument("--dry-run", action="store_true", help="试运行：只检查，不写入")
    parser.add_argument("--errors", type=Path, metavar="文件", help="把有误的单元格另存为 CSV")
    parser.add_argument("--json", action="store_true", help="输出一行 JSON")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"得到“{text}”，应为 2026-01-01 的形式") from error


def _run_points(a: argparse.Namespace) -> int:
    if not a.file.is_file():
        raise WrongUse(f"没有这个文件：{a.file}")
    open_books()
    from qingyuan.bureau.base.errors import BureauError
    from qingyuan.bureau.registers.actions.points_file import PointsChoice, import_points

    choice = PointsChoice(a.kind, a.roster, a.since, a.until)
    try:
        report = import_points(None, a.file, a.dry_run, choice, sheet=a.sheet, header_row=a.header_row)
    except BureauError as error:
        raise WrongUse(str(error)) from error
    facts = {
        "rows": report.rows,
        "good": report.good,
        "new": report.new,
        "changed": report.changed,
        "same": report.same,
        "rosters": report.rosters,
        "targets": report.targets,
        "dry_run": report.dry_run,
        "kind_guessed": report.kind_guessed,
        "unused_columns": report.unused,
        "no_area": report.no_area,
        "errors": report.errors,
    }
    head = f"{report.rows} 行：新增 {report.new}、改动 {report.changed}、未变 {report.same}，"
    words = [head + f"列入名册 {report.rosters}，目标 {report.targets}，有误 {len(report.errors)} 行"]
    if report.kind_guessed:
        words.append(f"  点位类别按列名取 {report.kind_guessed}；不对请用 --kind")
    if report.no_area:
        words.append(f"  没有对上区域的点位 {len(report.no_area)} 个")
    return _told(a, report, facts, words)


def _run_places(a: argparse.Namespace) -> int:
    if not a.file.is_file():
        raise WrongUse(f"没有这个文件：{a.file}")
    open_books()
    from qingyuan.bureau.base.errors import BureauError
    from qingyuan.bureau.registers.actions.places_file import import_places

    try:
        report = import_places(None, a.file, a.dry_run, a.kind)
    except BureauError as error:
        raise WrongUse(str(error)) from error
    facts = {
        "rows": report.rows,
        "good": report.good,
        "new": report.new,
        "changed": report.changed,
        "same": report.same,
        "dry_run": report.dry_run,
        "names": report.names,
        "unused_columns": report.unused,
        "errors": report.errors,
    }
    words = [
        f"{report.rows} 个面：新增 {report.new}、改动 {report.changed}、未变 {report.same}，有误 {len(report.errors)} 个"
    ]
    return _told(a, report, facts, words)


def _run_enterprises(a: argparse.Namespace) -> int:
    if not a.file.is_file():
        raise WrongUse(f"没有这个文件：{a.file}")
    open_books()
    from qingyuan.bureau.base.errors import BureauError
    from qingyuan.bureau.registers.actions.enterprises_file import import_enterprises

    try:
        report = import_enterprises(None, a.file, a.dry_run, sheet=a.sheet, header_row=a.header_row)
    except BureauError as error:
        raise WrongUse(str(error)) from error
    facts = {
        "rows": report.rows,
        "good": report.good,
        "new": report.new,
        "changed": report.changed,
        "same": report.same,
        "dry_run": report.dry_run,
        "unused_columns": report.unused,
        "no_area": report.no_area,
        "doubtful_codes": report.doubtful,
        "errors": report.errors,
    }
    head = f"{report.rows} 家：新增 {report.new}、改动 {report.changed}、未变 {report.same}，"
    words = [f"{head}有误 {len(report.errors)} 行"]
    if report.no_area:
        words.append(f"  没有对上区域的企业 {len(report.no_area)} 家")
    words += [f"  请核对：{doubt}" for doubt in report.doubtful[:50]]
    return _told(a, report, facts, words)


def _told(a: argparse.Namespace, report: Any, facts: dict[str, Any], words: list[str]) -> int:
    if a.errors and report.errors:
        write_csv(a.errors, report.errors)
    if report.unused:
        words.append(f"  没有用到的列：{'、'.join(report.unused)}")
    shown = report.errors[:50]
    words += [f"  第 {e['row']} 行“{e['column']}”：得到 {e['got']}，应为 {e['expected']}" for e in shown]
    head = "试运行，未写入：" if report.dry_run else ""
    say(a, facts, head + "\n".join(words))
    return 0 if report.good or not report.rows else 1


def _run_template(a: argparse.Namespace) -> int:
    from qingyuan.ops.setup import set_up_django

    set_up_django()
    from qingyuan.bureau.registers.actions.points_cells import POINT_COLUMNS

    write_template(a.out, "点位清单", POINT_COLUMNS.values())
    return 0


def _run_enterprises_template(a: argparse.Namespace) -> int:
    from qingyuan.ops.setup import set_up_django

    set_up_django()
    from qingyuan.bureau.registers.actions.enterprises_file import ENTERPRISE_COLUMNS

    write_template(a.out, "企业名录", ENTERPRISE_COLUMNS.values())
    return 0


def _run_roster(a: argparse.Namespace) -> int:
    if bool(a.point) == bool(a.area):
        raise WrongUse("点位和 --area 须且只须写一个")
    open_books()
    from qingyuan.bureau.accounts.models import Area
    from qingyuan.bureau.base.errors import BureauError
    from qingyuan.bureau.registers.actions.rosters import put_area_in_roster
    from qingyuan.bureau.registers.actions.targets import put_in_roster
    from qingyuan.bureau.registers.models import Point

    try:
        if a.area:
            area = Area.objects.filter(code=a.area).first() or Area.objects.filter(name=a.area).first()
            if area is None:
                raise WrongUse(
                    f"没有区域“{a.area}”；已有：{'、'.join(Area.objects.values_list('name', flat=True)[:12]) or '无'}"
                )
            count = put_area_in_roster(None, area, a.roster, a.since, a.until, a.basis)
        else:
            point = Point.objects.filter(code=a.point).first()
            if point is None:
                raise WrongUse(f"没有点位 {a.point}；先用 points import 登记")
            put_in_roster(None, point, a.roster, a.since, a.until, a.basis)
            count = 1
    except BureauError as error:
        raise WrongUse(str(error)) from error
    say(a, {"roster": a.roster, "points": count}, f"已列入名册：{count} 个点位，自 {a.since} 起")
    return 0


ALL = (points, places, enterprises)
