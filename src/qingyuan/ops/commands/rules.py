"""rules list, show, check: the rule book on the screen, with source and doubt of every figure."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from qingyuan import config
from qingyuan.ops import tables
from qingyuan.ops.commands.running import _data_dir
from qingyuan.ops.errors import WrongUse
from qingyuan.rules import BadPlaceError, Certainty, DataFolder, RuleDataError, load
from qingyuan.rules.book import of_place
from qingyuan.rules.packs import Pack, key_columns, pack_folders, packs_of, read_pack
from qingyuan.rules.sense import check_sense
from qingyuan.rules.table import Row

CERTAINTY = {"official": "官方文本", "transcribed": "转录", "setting": "设定"}
ORIGIN = ("standard", "clause", "unit", "effective_from", "effective_to", "certainty", "source")


def rules(sub: Any) -> None:
    """The group and its parts."""
    parser = sub.add_parser(
        "rules",
        help="规则库：标准限值、设定及其出处",
        description="查看和检查规则库。地方包：QINGYUAN_RULE_PACKS 列出的文件夹（冒号分隔），或数据目录下 rules/ 里的文件夹，"
        "其 CSV 文件按键和日期覆盖或增加行；pack.toml 里的 place 说明它是哪个地方的，只在那里有效。",
    )
    part = parser.add_subparsers(dest="part", metavar="动作", required=True, parser_class=type(parser))
    _list_parser(part)
    _show_parser(part)
    _check_parser(part)
    _on_parser(part)


def _list_parser(part: Any) -> None:
    parser = part.add_parser(
        "list",
        help="列出规则：每行一条，含标准、条款、单位、日期、确定性",
        description="列出规则。确定性：official 官方文本，transcribed 转录，setting 设定（未核实，后附疑点）。",
    )
    _data_dir(parser)
    parser.add_argument("table", nargs="?", metavar="表", help="只列这个表，如 water_limits；缺省为全部")
    parser.add_argument("--on", type=_day, metavar="日期", help="只列该日有效的，如 2026-03-01")
    parser.add_argument("--certainty", choices=tuple(Certainty), help="只列这种确定性的")
    tables.add_place(parser)
    parser.add_argument("--json", action="store_true", help="输出一行 JSON")
    parser.set_defaults(run=_run_list)


def _show_parser(part: Any) -> None:
    parser = part.add_parser(
        "show", help="一个表（或其中一个键）的全部内容和出处", description="逐格显示规则的全部内容、出处和疑点。"
    )
    _data_dir(parser)
    parser.add_argument("table", metavar="表", help="表名，如 water_limits")
    parser.add_argument("key", nargs="*", metavar="键", help="只看含有这些键的行，如 TP lake")
    parser.add_argument("--on", type=_day, metavar="日期", help="只看该日有效的")
    tables.add_place(parser)
    parser.add_argument("--json", action="store_true", help="输出一行 JSON")
    parser.set_defaults(run=_run_show)


def _check_parser(part: Any) -> None:
    parser = part.add_parser(
        "check",
        help="检查规则库：重叠或缺失的日期、错误的单元格",
        description="读入规则库和地方包并检查；有错时说出文件和行，退出码 1。",
    )
    _data_dir(parser)
    parser.add_argument("folder", nargs="*", type=Path, metavar="文件夹", help="另外检查的地方包")
    tables.add_place(parser)
    parser.add_argument("--json", action="store_true", help="输出一行 JSON")
    parser.set_defaults(run=_run_check)


def _on_parser(part: Any) -> None:
    parser = part.add_parser(
        "on",
        help="某日某地用哪一套规则",
        description="给出某日在某地有效的：AQI 标准、空气限值、综合指数方案、地表水限值、地方包、规则摘要。",
    )
    _data_dir(parser)
    parser.add_argument("day", type=_day, metavar="日期", help="监测日期，如 2026-03-01")
    tables.add_place(parser)
    parser.add_argument("--json", action="store_true", help="输出一行 JSON")
    parser.set_defaults(run=_run_on)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"日期 {text!r}，应如 2026-03-01") from None


def _packs(*more: Path) -> list[Pack]:
    return [read_pack(folder) for folder in (*pack_folders(), *more)]


def _data(known: list[Pack], place: str | None) -> tuple[DataFolder, str]:
    """The data with the packs of a place, and its code."""
    try:
        return of_place(DataFolder.shipped(), known, config.PLACE.get() or None if place is None else place)
    except BadPlaceError as error:
        raise WrongUse(
            f"地点 {error.got!r} 不对：应为 2、4 或 6 位行政区划代码；有几处地方包时用 --place 指定"
        ) from error


def _rows(data: DataFolder, table: str | None, on: date | None) -> Iterator[tuple[str, Row]]:
    names = {file.removesuffix(".csv"): file for file in sorted(data.texts)}
    if table is not None and table.removesuffix(".csv") not in names:
        raise WrongUse(f"没有规则表 {table}；应为 {'、'.join(names)} 之一")
    for name, file in names.items():
        if table is None or name == table.removesuffix(".csv"):
            for row in data.rows(file):
                if on is None or "effective_from" not in row.cells or row.period().covers(on):
                    yield name, row


def _facts(name: str, row: Row) -> dict[str, object]:
    key = key_columns(row.file.rpartition("/")[2], row.cells)
    values = {column: cell for column, cell in row.cells.items() if column not in (*key, *ORIGIN)}
    facts: dict[str, object] = {"table": name, "key": [row.cells[column] for column in key], "values": values}
    facts |= {column: row.cells[column] for column in ORIGIN if column in row.cells}
    doubt = row.cells.get("source", "") if row.cells.get("certainty") == Certainty.SETTING else ""
    return facts | {"doubt": doubt, "pack": row.pack}


def _run_list(a: argparse.Namespace) -> int:
    found = [
        _facts(name, row)
        for name, row in _rows(_data(_packs(), a.place)[0], a.table, a.on)
        if a.certainty is None or row.cells.get("certainty") == a.certainty
    ]
    _print(a, found, "\n".join(map(_line, found)))
    return 0


def _run_show(a: argparse.Namespace) -> int:
    chosen = [
        row for _, row in _rows(_data(_packs(), a.place)[0], a.table, a.on) if set(a.key) <= set(row.cells.values())
    ]
    if not chosen:
        raise WrongUse(
            f"规则表 {a.table} 里没有含 {'、'.join(a.key) or '内容'} 的行；用 qingyuan rules list {a.table} 查看"
        )
    blocks = ["\n".join(f"{column}: {cell}" for column, cell in row.cells.items() if cell) for row in chosen]
    marks = [_mark(row.cells.get("certainty", ""), row.cells.get("source", ""), row.pack) for row in chosen]
    words = "\n\n".join(f"{block}\n{mark}".strip() for block, mark in zip(blocks, marks, strict=True))
    _print(a, [_facts(a.table.removesuffix(".csv"), row) for row in chosen], words)
    return 0


def _line(facts: dict[str, Any]) -> str:
    values = " ".join(f"{column}={cell}" for column, cell in facts["values"].items() if cell)
    dates = ""
    if "effective_from" in facts:
        dates = f"{facts['effective_from']}～{facts['effective_to'] or '现行'}"
    cells = [facts["table"], "/".join(facts["key"]), values, facts.get("unit", ""), facts.get("standard", "")]
    mark = _mark(facts.get("certainty", ""), facts.get("source", ""), facts["pack"])
    return "  ".join(cell for cell in (*cells, facts.get("clause", ""), dates, mark) if cell)


def _mark(certainty: str, source: str, pack: str) -> str:
    words = CERTAINTY.get(certainty, "")
    if certainty == Certainty.SETTING:
        words += f"，未核实：{source}"
    if pack:
        words += f"，地方包 {pack}"
    return f"〔{words.lstrip('，')}〕" if words else ""


def _run_check(a: argparse.Namespace) -> int:
    known = _packs_or_fault(a)
    if isinstance(known, int):
        return known
    chosen = _data(known, a.place)
    try:
        for place in dict.fromkeys((chosen[1], *(pack.place for pack in known))):
            data, _ = of_place(DataFolder.shipped(), known, place)
            load(data, place)
            check_sense(data)
            for file in data.texts:
                for row in data.rows(file):
                    if "effective_from" in row.cells:
                        row.provenance()
    except RuleDataError as error:
        return _fault(a, error)
    data, place = chosen
    rows = [row for file in data.texts for row in data.rows(file)]
    settings = sum(row.cells.get("certainty") == Certainty.SETTING for row in rows)
    left = [f"{pack.name}（{pack.place}）" for pack in known if pack not in packs_of(known, place)]
    facts = {
        "ok": True,
        "place": place,
        "tables": len(data.texts),
        "rows": len(rows),
        "settings": settings,
        "packs": list(data.packs),
        "packs_of_other_places": left,
        "digest": data.digest(),
    }
    packs = f"，地点 {place}" if place else ""
    packs += f"，地方包 {'、'.join(data.packs)}" if data.packs else ""
    packs += f"，属于其他地方而未用的 {'、'.join(left)}" if left else ""
    words = f"规则库无误：{len(data.texts)} 个表，{len(rows)} 行，其中设定 {settings} 行{packs}；摘要 {data.digest()}"
    print(json.dumps(facts, ensure_ascii=False) if a.json else words)
    return 0


def _packs_or_fault(a: argparse.Namespace) -> list[Pack] | int:
    try:
        return _packs(*a.folder)
    except RuleDataError as error:
        return _fault(a, error)


def _fault(a: argparse.Namespace, error: RuleDataError) -> int:
    facts = {"ok": False, "file": error.file, "row": error.row, "got": error.got, "expected": error.expected}
    line = f"规则库有错：{error.file} 第 {error.row} 行：得到 {error.got}，应为 {error.expected}"
    print(json.dumps(facts, ensure_ascii=False) if a.json else line)
    return 1


def _run_on(a: argparse.Namespace) -> int:
    found = tables.book_of(a).rule_set(a.day)
    facts = {
        "day": found.day.isoformat(),
        "place": found.place,
        "aqi": found.aqi,
        "air_limits": found.air_limits,
        "air_composite": found.air_composite,
        "water_limits": found.water_limits,
        "packs": list(found.packs),
        "digest": found.digest,
    }
    names = {"aqi": "AQI", "air_limits": "空气限值", "air_composite": "综合指数方案", "water_limits": "地表水限值"}
    lines = [f"{found.day}　地点 {found.place or '全国'}"]
    lines += [f"{word}：{facts[name] or '该日没有规则'}" for name, word in names.items()]
    lines += [f"地方包：{'、'.join(found.packs) or '无'}", f"摘要：{found.digest}"]
    print(json.dumps(facts, ensure_ascii=False) if a.json else "\n".join(lines))
    return 0


def _print(a: argparse.Namespace, rows: list[dict[str, object]], words: str) -> None:
    print(json.dumps({"rows": rows}, ensure_ascii=False) if a.json else words)


ALL = (rules,)
