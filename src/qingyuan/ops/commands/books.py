"""books: the registers from the command line."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from qingyuan.ops.commands.data import instant, open_books, say
from qingyuan.ops.commands.running import _data_dir
from qingyuan.ops.errors import WrongUse

SHOWN = 20


def books(sub: Any) -> None:
    """books list, fields, template, import, export, count."""
    parser = sub.add_parser("books", help="台账：清单、样表、导入、导出、计数")
    part = parser.add_subparsers(dest="part", metavar="动作", required=True, parser_class=type(parser))
    _part(part, "list", "有哪些台账，各多少行", _run_list, book=False)
    _part(part, "fields", "一本台账的列", _run_fields)
    template = _part(part, "template", "写出样表（Excel）", _run_template, as_json=False)
    template.add_argument("--out", type=Path, required=True, metavar="文件", help="输出 .xlsx")
    _import(_part(part, "import", "从 Excel、CSV 导入", _run_import))
    _export(_part(part, "export", "导出为 CSV 或 Excel", _run_export, as_json=False))
    _count(_part(part, "count", "计数，可按列分组", _run_count))


def _part(part: Any, name: str, words: str, run: Any, *, book: bool = True, as_json: bool = True) -> Any:
    parser = part.add_parser(name, help=words, description=words)
    _data_dir(parser)
    if book:
        parser.add_argument("book", metavar="台账", help="代码或名称，见 books list")
    if as_json:
        parser.add_argument("--json", action="store_true", help="输出一行 JSON")
    parser.add_argument("--as", dest="user", metavar="用户名", default="", help="按这位用户的权限和范围（默认系统）")
    parser.set_defaults(run=run)
    return parser


def _import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="文件", help="Excel 或 CSV；列名见样表，也认台账登记的其他列名")
    parser.add_argument("--dry-run", action="store_true", help="试运行：只检查，不写入")
    parser.add_argument("--strict", action="store_true", help="有一行有误就都不写入")
    parser.add_argument("--full", action="store_true", help="文件是镜像台账的全部：没有的行标为上级已没有，不删除")
    parser.add_argument("--new-places", action="store_true", help="没有登记的区域、地点一并新建")
    parser.add_argument("--errors", type=Path, metavar="文件", help="有误的行另存为 CSV，写明每格的问题")
    parser.add_argument("--reason", default="", metavar="原因", help="记入每行的版本")


def _export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, metavar="文件", help="输出 .csv 或 .xlsx")
    parser.add_argument("--layout", default="", metavar="版式", help="上级平台的版式；默认为样表的列，可原样再导入")
    _as_of(parser)


def _count(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--by", default="", metavar="列", help="按这一列分组（代码或名称）")
    parser.add_argument(
        "--where", nargs="+", action="extend", default=[], metavar="列=值", help="条件，可写几个（值可写代码或名称）"
    )
    _as_of(parser)


def _as_of(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--on", type=_day, metavar="日期", help="这一天的情况，按现在所知")
    parser.add_argument("--known", metavar="时刻", help="按这一时刻之前登记的")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"得到“{text}”，应为 2026-01-01 的形式") from error


def _known(text: str | None) -> datetime | None:
    """An instant; a day alone is known with its end."""
    if not text:
        return None
    found = instant(text)
    return datetime.combine(found.date(), time.max, found.tzinfo) if len(text) == len("2026-01-01") else found


def _opened(a: argparse.Namespace) -> tuple[Any, Any]:
    """The book, and the person by whose rights it is asked. Wrong words are wrong use."""
    open_books()
    from qingyuan.bureau.accounts.models import User
    from qingyuan.bureau.base.errors import Invalid
    from qingyuan.bureau.book.registry import book_of

    user = User.objects.filter(username=a.user).first() if a.user else None
    if a.user and user is None:
        raise WrongUse(f"没有用户“{a.user}”；请用已有的用户名")
    try:
        return book_of(a.book) if hasattr(a, "book") else None, user
    except Invalid as error:
        raise WrongUse(str(error)) from error


def _run_list(a: argparse.Namespace) -> int:
    _, user = _opened(a)
    from qingyuan.bureau.book.queries import count
    from qingyuan.bureau.book.registry import books as all_books

    rows = []
    for book in all_books():
        counted = count(book, user, by=book.state)
        states = {code: counted.groups.get(code, 0) for code, _ in book.states}
        rows.append({"code": book.code, "name": book.name, "rows": counted.total, "states": states})
    words = "\n".join(f"{row['code']}\t{row['name']}\t{row['rows']} 行" for row in rows) or "还没有台账"
    print(json.dumps(rows, ensure_ascii=False) if a.json else words)
    return 0


def _run_fields(a: argparse.Namespace) -> int:
    book, user = _opened(a)
    from qingyuan.bureau.book.queries import shown_columns

    rows = [
        {"code": c.name, "label": c.label, "kind": c.kind, "choices": [{"code": k, "label": w} for k, w in c.choices]}
        for c in shown_columns(book, user)
    ]
    words = "\n".join(f"{row['code']}\t{row['label']}\t{row['kind']}" for row in rows)
    print(json.dumps(rows, ensure_ascii=False) if a.json else words)
    return 0


def _run_template(a: argparse.Namespace) -> int:
    book, user = _opened(a)
    from qingyuan.bureau.exchange.exports import template

    a.out.write_bytes(template(book, user))
    print(f"样表 → {a.out}")
    return 0


def _run_import(a: argparse.Namespace) -> int:
    if not a.file.is_file():
        raise WrongUse(f"没有这个文件：{a.file}")
    book, user = _opened(a)
    from qingyuan.bureau.base.errors import Invalid
    from qingyuan.bureau.exchange.imports import Choice, import_file, write_errors

    choice = Choice(a.dry_run, a.strict, a.full, a.new_places, a.reason)
    try:
        report = import_file(user, book, a.file, choice)
    except Invalid as error:
        raise WrongUse(str(error)) from error
    if a.errors:
        write_errors(a.errors, report)
    facts = report.facts()
    words = [
        f"{facts['rows']} 行：新增 {facts['added']}、改动 {facts['changed']}、未变 {facts['unchanged']}，"
        f"拒收 {facts['rejected']}" + (f"，上级已没有 {facts['gone']}" if a.full else "")
    ]
    words += ["试运行，没有写入"] if a.dry_run else ["有误，一行也没有写入"] if a.strict and report.bad else []
    words += report.notes + ([f"没有用到的列：{'、'.join(report.unused)}"] if report.unused else [])
    say(a, facts, "\n".join(words))
    for number, _, why in report.bad[:SHOWN]:
        print(f"第 {number} 行：{why}", file=sys.stderr)
    if len(report.bad) > SHOWN:
        print(f"共 {len(report.bad)} 行有误；用 --errors 文件 取得全部", file=sys.stderr)
    return 1 if report.bad else 0


def _run_export(a: argparse.Namespace) -> int:
    book, user = _opened(a)
    from qingyuan.bureau.base.errors import Invalid
    from qingyuan.bureau.exchange.exports import export

    try:
        content = export(book, user, a.out.suffix.lower(), layout=a.layout, on=a.on, known=_known(a.known))
    except Invalid as error:
        raise WrongUse(str(error)) from error
    a.out.write_bytes(content)
    print(f"{book.name} → {a.out}")
    return 0


def _run_count(a: argparse.Namespace) -> int:
    where = [pair.partition("=")[::2] for pair in a.where]
    if wrong := [pair for pair in a.where if "=" not in pair]:
        raise WrongUse(f"--where 得到“{wrong[0]}”，应为 列=值")
    book, user = _opened(a)
    from qingyuan.bureau.base.errors import Invalid
    from qingyuan.bureau.book.queries import count

    try:
        counted = count(book, user, by=a.by, where=where, on=a.on, known=_known(a.known))
    except Invalid as error:
        raise WrongUse(str(error)) from error
    groups = "".join(f"\n{code or '（空）'}\t{number}" for code, number in counted.groups.items())
    say(a, {"total": counted.total, "groups": counted.groups}, f"{counted.total}{groups}")
    return 0


ALL = (books,)
