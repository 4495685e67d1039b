"""Tables in and out of the evaluation commands: CSV, Parquet or Excel, told by content and by suffix."""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from qingyuan.formulas import guarded_frame
from qingyuan.intake.files import DoubledColumnError, open_table
from qingyuan.ops.errors import OpsError, WrongUse
from qingyuan.rules import BadPlaceError, RuleBook, rule_book
from qingyuan.science.errors import BadArgumentError, MissingColumnError
from qingyuan.science.figures import Bounds
from qingyuan.science.issued import beside_issued

SEPARATOR = "；"
_COUNTED = re.compile(r"^\d+(行|座厂|次)：")
_EXCEL_ROWS = 1_048_575
_FACTS = {
    "replaced": "IN 里同名而被结果取代的列",
    "deduct_not_found": "扣除表中对不上站点或城市的行",
    "exempt_not_found": "免测表中对不上站点或城市的行",
    "not_used": "没有用到的项目列",
    "left_out": "认得出而单位不能用（或重复）的项目列",
    "levels": "够预警条件的天数",
    "standard": "两边都按",
    "missing_hours": "首末两行之间没有行的小时数",
    "input_rows": "输入行",
    "input_reasons": "输入行的问题",
}


@dataclass(frozen=True)
class Summary:
    """What became of the rows. `reasons` counts each reason; a row may have several.

    A reason that tells how many rows behind it were odd (3行：…) counts as one row of the result.
    """

    rows: int
    usable: int
    with_reason: int
    reasons: dict[str, int]

    @classmethod
    def of(cls, reasons: Iterable[str | None], usable: int) -> Summary:
        """From the reason column of a result (parts joined by ；)."""
        counted = Counter(reasons)
        parts: Counter[str] = Counter()
        for text, times in counted.items():
            for part in (text or "").split(SEPARATOR):
                if part:
                    parts[_COUNTED.sub("", part)] += times
        empty = sum(times for text, times in counted.items() if not text)
        rows = counted.total()
        return cls(rows, usable, rows - empty, dict(parts.most_common()))

    def exit_code(self, fail_on_reason: bool) -> int:
        """0: OUT was written; 1: no row was usable, or a row has a reason and that was asked to fail."""
        return int(self.usable == 0 or (fail_on_reason and self.with_reason > 0))


def read(path: Path) -> pl.DataFrame:
    """The table in a file.

    WrongUse when there is no such file, or two of its columns have one name; NotATableError when it holds no table.
    """
    return _read(path)


def read_in(a: argparse.Namespace) -> pl.DataFrame:
    """The table IN, from the sheet and the header row that were asked for."""
    return _read(a.file, a.sheet or None, a.header_row or None)


def _read(path: Path, sheet: str | None = None, header_row: int | None = None) -> pl.DataFrame:
    if not path.is_file():
        raise WrongUse(f"没有这个文件：{path}")
    try:
        table = open_table(path, sheet=sheet, header_row=header_row)
    except DoubledColumnError as error:
        raise WrongUse(str(error)) from error
    if table.form in ("geojson", "kml"):
        raise WrongUse(
            f"{path.name} 是地图数据（{table.form}），不是评价用的表；应为 CSV、Parquet、Excel 或一组记录的 JSON"
        )
    return table.frame


def write(frame: pl.DataFrame, path: Path, *, numbers: Iterable[str] = ()) -> None:
    """Write by suffix: .csv (plain UTF-8, for programs), .parquet or .xlsx (for spreadsheets).

    For Parquet and Excel the text columns named in `numbers` become numbers where every filled cell is one.
    """
    writer = _writer(path)
    if writer is not _csv:
        frame = frame.with_columns(_numeric(frame[name]) for name in numbers if name in frame.columns)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        writer(frame, path)
    except OSError as error:
        raise OpsError(f"写不了文件 {path}：{error}") from error


def check_out(path: Path) -> None:
    """WrongUse for a suffix that nothing can be written to; called before the work starts."""
    _writer(path)


def need(frame: pl.DataFrame, path: Path, *columns: str) -> pl.DataFrame:
    """The frame; WrongUse when a column is not there."""
    if missing := [name for name in columns if name not in frame.columns]:
        raise WrongUse(f"{path.name} 缺少列 {'、'.join(missing)}；有 {'、'.join(frame.columns)}")
    return frame


def plain_names(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """The frame with names as text; numbers of a workbook (1.0) as they were typed (1)."""
    named = []
    for name in columns:
        if name not in frame.columns:
            continue
        text = pl.col(name).cast(pl.String)
        if frame[name].dtype.is_float():
            whole = pl.col(name).cast(pl.Int64, strict=False)
            text = pl.when(whole == pl.col(name)).then(whole.cast(pl.String)).otherwise(text)
        named.append(text.alias(name))
    return frame.with_columns(named)


def readable_time(frame: pl.DataFrame, path: Path, column: str = "time") -> None:
    """WrongUse when the column is neither times nor their text."""
    kind = frame[column].dtype
    if not (kind.is_temporal() or kind in (pl.String, pl.Null)):
        raise WrongUse(f"{path.name} 的 {column} 列是 {kind}；应为日期、时间或其文字，如 2026-03-01 08:00")


def add_stamps(parser: argparse.ArgumentParser) -> None:
    """Which end of an hour its time names."""
    parser.add_argument(
        "--stamps",
        choices=("closes", "opens"),
        default="closes",
        help="小时的时间是该小时的结束（closes，默认；00:00 属前一日）还是开始（opens）",
    )


def add_hours(parser: argparse.ArgumentParser) -> None:
    """The arguments of commands that start from hourly values."""
    add_stamps(parser)
    parser.add_argument("--grade", type=int, choices=(1, 2), default=2, help="按一级或二级限值（默认 2）")
    parser.add_argument("--roster", metavar="文件", type=Path, help="站点名册：site, city, since, until（含首末日）")
    parser.add_argument("--keep-invalid", action="store_true", help="天数不足的统计值也给出（仍写明原因、不判定）")


def add_place(parser: argparse.ArgumentParser) -> None:
    """Whose local rules hold."""
    parser.add_argument(
        "--place",
        metavar="代码",
        help="按哪个地方的规则：行政区划代码，如 320000、321282；缺省为本系统所在地",
    )


def book_of(arguments: argparse.Namespace) -> RuleBook:
    """The rules of the place that was asked for. WrongUse for what is no code, or where one must be given."""
    try:
        return rule_book(arguments.place)
    except BadPlaceError as error:
        raise WrongUse(
            f"地点 {error.got!r} 不对：应为 2、4 或 6 位行政区划代码；有几处地方包时用 --place 指定"
        ) from error


def add_issued(parser: argparse.ArgumentParser, keys: str) -> None:
    """The table of figures that a higher authority issued."""
    parser.add_argument(
        "--issued",
        metavar="文件",
        type=Path,
        help=f"上级发布的数值：{keys}, period（日评价可用 time）, 与输出同名的列；可有 document, issuer。"
        "两个值都留：另出 <列>_issued、_difference（计算减发布）、_taken（有发布值取发布值）、_taken_from",
    )


def with_issued(
    result: pl.DataFrame,
    a: argparse.Namespace,
    bounds: Mapping[str, Bounds],
    tidy: Callable[[pl.DataFrame], pl.DataFrame],
) -> pl.DataFrame:
    """The result with the issued figures of `--issued` beside it; WrongUse where that table does not fit.

    `tidy` writes its columns and words as the result has them.
    """
    if a.issued is None:
        return result
    key: str = a.by
    issued = need(tidy(read(a.issued)), a.issued, key)
    try:
        return beside_issued(result, issued, key, bounds)
    except (MissingColumnError, BadArgumentError) as error:
        raise WrongUse(f"发布值 {a.issued.name}：{error}") from error


def add_exempt(parser: argparse.ArgumentParser, key: str) -> None:
    """The table of items that need not be monitored."""
    parser.add_argument(
        "--exempt",
        metavar="文件",
        type=Path,
        help=f"免测项目（HJ 633-2026 5.3.2）：{key}, item, since, until（含首末日，可缺）；只缺这些项目时照给 AQI",
    )


def add_files(parser: argparse.ArgumentParser) -> None:
    """The arguments every evaluation command has."""
    parser.add_argument(
        "file", metavar="IN", type=Path, help="输入表：CSV、Parquet、Excel 或 JSON；列名认中文和括号里的单位"
    )
    parser.add_argument("out", metavar="OUT", type=Path, help="输出表：.csv、.parquet 或 .xlsx")
    add_place(parser)
    parser.add_argument("--sheet", metavar="工作表", default="", help="IN 是 Excel 时的工作表（默认表头最认得出的）")
    parser.add_argument("--header-row", metavar="行", type=int, default=0, help="IN 的第几行是表头（默认自动找）")
    parser.add_argument(
        "--dates", choices=("dmy", "mdy"), default="", help="01/02/2020 一类日期哪个在前：日 dmy，月 mdy"
    )
    parser.add_argument("--json", action="store_true", help="输出一行 JSON 汇总")
    parser.add_argument("--fail-on-reason", action="store_true", help="任何一行有说明（reason）时退出码为 1")


def finish(arguments: argparse.Namespace, summary: Summary, **facts: object) -> int:
    """Say what was written, in words or in one line of JSON; the exit code."""
    if arguments.json:
        told = {
            "out": str(arguments.out),
            "rows": summary.rows,
            "usable": summary.usable,
            "with_reason": summary.with_reason,
            "reasons": summary.reasons,
            **facts,
        }
        print(json.dumps(told, ensure_ascii=False, default=str))
    else:
        head = f"{summary.rows} 行，可用 {summary.usable} 行，有说明 {summary.with_reason} 行 → {arguments.out}"
        lines = [f"  {times} 行：{reason}" for reason, times in summary.reasons.items()]
        lines += [f"  {_FACTS.get(name, name)}：{_words(value)}" for name, value in facts.items() if value]
        print("\n".join([head, *lines]))
    return summary.exit_code(arguments.fail_on_reason)


def _words(fact: object) -> str:
    if isinstance(fact, dict):
        return "、".join(f"{name} {count}" for name, count in fact.items())
    return "、".join(map(str, fact)) if isinstance(fact, list) else str(fact)


def _csv(frame: pl.DataFrame, path: Path) -> None:
    guarded_frame(frame).write_csv(path, datetime_format="%Y-%m-%d %H:%M:%S")


def _parquet(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path)


def _excel(frame: pl.DataFrame, path: Path) -> None:
    if len(frame) > _EXCEL_ROWS:
        raise WrongUse(f"{len(frame)} 行放不进一张 Excel 表（最多 {_EXCEL_ROWS} 行）；请用 .csv 或 .parquet")
    guarded_frame(frame).write_excel(path)


_WRITERS: dict[str, Callable[[pl.DataFrame, Path], None]] = {".csv": _csv, ".parquet": _parquet, ".xlsx": _excel}


def _writer(path: Path) -> Callable[[pl.DataFrame, Path], None]:
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise WrongUse(f"得到输出文件 {path.name}，应以 {'、'.join(_WRITERS)} 之一结尾")
    return writer


def _numeric(column: pl.Series) -> pl.Series:
    if column.dtype != pl.String:
        return column
    filled = column.str.strip_chars().replace("", None)
    numbers = filled.cast(pl.Float64, strict=False)
    return numbers if numbers.null_count() == filled.null_count() else column
