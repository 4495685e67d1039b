"""readings: export, list, coverage, compact, drop-before."""

from __future__ import annotations

import argparse
import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qingyuan.ops import folder
from qingyuan.ops.commands.data import drain, instant, open_books, say
from qingyuan.ops.commands.running import _data_dir
from qingyuan.ops.errors import OpsError, WrongUse

if TYPE_CHECKING:
    from qingyuan.readings import Series, Store

KEEPER_MB = 1024  # of memory, for a process that ends when the work is done
STEPS = {"hour": 3600, "day": 86400}  # grains whose intervals follow each other without a gap


def readings(sub: Any) -> None:
    parser = sub.add_parser("readings", help="读数")
    part = parser.add_subparsers(dest="part", metavar="动作", required=True, parser_class=type(parser))
    export = part.add_parser(
        "export",
        help="导出读数（CSV、Parquet、Excel）",
        description="导出读数的现行版本。--series 可重复，写法：序列号；点位/项目/统计量/间隔（如 DA001/SO2/Avg/hour）；"
        "前面一部分（如 DA001 或 DA001/SO2）；含 * 的样式；设备 MN（或 MN/因子编码）。",
    )
    _data_dir(export)
    export.add_argument(
        "--series", action="append", required=True, metavar="序列", help="要导出的序列，可重复；* 为全部"
    )
    export.add_argument("--from", dest="since", default="1990-01-01", metavar="时间", help="起（北京时间）")
    export.add_argument("--to", dest="until", default="2100-01-01", metavar="时间", help="止（不含）")
    export.add_argument("--as-of", metavar="时间", help="只按该时刻之前收到的数据")
    export.add_argument("--out", required=True, type=Path, metavar="文件", help="输出文件：.csv .parquet .xlsx")
    export.add_argument("--json", action="store_true", help="输出一行 JSON")
    export.set_defaults(run=_run_export)
    coverage = part.add_parser(
        "coverage",
        help="各序列有值的间隔数和占应有数的比例",
        description="统计各序列在一段时间内有值的间隔数；小时和日序列另给出占应有数的比例。",
    )
    _data_dir(coverage)
    coverage.add_argument("--series", action="append", metavar="序列", help="样式，可重复（默认全部）")
    coverage.add_argument("--from", dest="since", required=True, metavar="时间", help="起（北京时间）")
    coverage.add_argument("--to", dest="until", required=True, metavar="时间", help="止（不含）")
    coverage.add_argument("--as-of", metavar="时间", help="只按该时刻之前收到的数据")
    coverage.add_argument("--json", action="store_true", help="输出一行 JSON")
    coverage.set_defaults(run=_run_coverage)
    compact = part.add_parser(
        "compact",
        help="把新收到的读数归档，并整理归档文件（可在运行中进行）",
        description="把读数库尾部归入归档（Delta 表），文件多时合并、按序列和时间排好。运行中的清源每小时自动做一次。",
    )
    _data_dir(compact)
    compact.add_argument("--all", action="store_true", help="把还可以不整理的也一并整理")
    compact.add_argument("--gently", action="store_true", help="以较低的优先级运行，不与其他进程争处理器")
    compact.add_argument("--json", action="store_true", help="输出一行 JSON")
    compact.set_defaults(run=_run_compact)
    drop = part.add_parser(
        "drop-before",
        help="按保存期限删除旧读数（整月，不可恢复）",
        description="删除某一间隔（raw、minute、hour、day）在给定时间以前已结束的各月读数；原始日志不受影响。",
    )
    _data_dir(drop)
    drop.add_argument("grain", choices=["raw", "minute", "hour", "day"], help="间隔")
    drop.add_argument("before", metavar="时间", help="此时间以前（北京时间；只删整月）")
    drop.add_argument("--yes", action="store_true", help="确认删除")
    drop.add_argument("--json", action="store_true", help="输出一行 JSON")
    drop.set_defaults(run=_run_drop)
    listing = part.add_parser("list", help="列出序列")
    _data_dir(listing)
    listing.add_argument("--series", default="*", metavar="序列", help="样式（默认全部）")
    listing.add_argument("--json", action="store_true", help="输出一行 JSON")
    listing.set_defaults(run=_run_list)


def _run_export(a: argparse.Namespace) -> int:
    start, end = instant(a.since), instant(a.until)
    as_of = int(instant(a.as_of).timestamp()) if a.as_of else None
    if a.out.suffix.lower() not in {".csv", ".parquet", ".xlsx"}:
        raise WrongUse(f"得到输出文件“{a.out.name}”，应以 .csv、.parquet 或 .xlsx 结尾")
    open_books()
    drain()
    from qingyuan.bureau.base.store import readings
    from qingyuan.bureau.line.queries.series import series_patterns

    store = readings()
    numbers = {s.id for text in a.series for pattern in series_patterns(text) for s in _named(store, pattern)}
    rows = store.export(sorted(numbers), int(start.timestamp()), int(end.timestamp()), a.out, as_of=as_of)
    say(a, {"series": len(numbers), "rows": rows, "out": str(a.out)}, f"{len(numbers)} 个序列，{rows} 行 → {a.out}")
    return 0


def _run_list(a: argparse.Namespace) -> int:
    open_books()
    from qingyuan.bureau.base.store import readings

    found = [{"id": s.id, "series": str(s.key), "unit": s.unit} for s in readings().series(a.series)]
    say(a, {"series": found}, "\n".join(f"{s['id']}\t{s['series']}\t{s['unit']}" for s in found))
    return 0


def _run_coverage(a: argparse.Namespace) -> int:
    start, end = int(instant(a.since).timestamp()), int(instant(a.until).timestamp())
    as_of = int(instant(a.as_of).timestamp()) if a.as_of else None
    open_books()
    from qingyuan.bureau.base.store import readings
    from qingyuan.bureau.line.queries.series import series_patterns

    store = readings()
    series = {s.id: s for text in a.series or ["*"] for p in series_patterns(text) for s in _named(store, p)}
    counts = store.coverage(sorted(series), start, end, as_of=as_of)
    rows = []
    for number, found in sorted(series.items()):
        step = STEPS.get(found.key.grain)
        count = counts.get(number, 0)
        share = round(count / ((end - start) / step), 4) if step and end > start else None
        rows.append({"id": number, "series": str(found.key), "count": count, "share": share})
    words = (f"{r['series']}\t{r['count']}" + (f"\t{r['share']:.1%}" if r["share"] is not None else "") for r in rows)
    say(a, {"series": rows}, "\n".join(words))
    return 0


def _run_compact(a: argparse.Namespace) -> int:
    from qingyuan.bureau.base.store import open_readings
    from qingyuan.readings import LeaseHeld, Limits

    if a.gently:
        os.nice(10)
    folder.prepare()
    with closing(open_readings(Limits(memory_mb=KEEPER_MB))) as store:
        try:
            kept = store.compact(fully=a.all)
        except LeaseHeld as error:
            raise OpsError(f"另一个进程正在整理读数库（{error.holder}）；等它做完再试") from error
    say(a, kept._asdict(), f"归档 {kept.moved} 行；重写 {kept.rewritten} 个文件，共 {kept.rows} 行")
    return 0


def _run_drop(a: argparse.Namespace) -> int:
    before = int(instant(a.before).timestamp())
    if not a.yes:
        raise WrongUse(f"将删除 {a.before} 以前各整月的 {a.grain} 读数，不可恢复；确认请加 --yes")
    from qingyuan.bureau.base.store import open_readings

    folder.prepare()
    with closing(open_readings()) as store:
        gone = store.drop_before(a.grain, before)
    say(a, {"rows": gone}, f"已删除 {gone} 行")
    return 0


def _named(store: Store, text: str) -> list[Series]:
    from qingyuan.readings import UnknownSeries

    try:
        return store.series(text)
    except UnknownSeries as error:
        raise OpsError(f"没有序列“{error.key}”；用 qingyuan readings list 查看已有的序列和写法") from error


ALL = (readings,)
