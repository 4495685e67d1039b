"""`qingyuan verify`: recompute what a source publishes and show agreement and every disagreement."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from polars.exceptions import PolarsError

from qingyuan.formulas import guarded_frame
from qingyuan.ops.verify_air import verify_air_hourly
from qingyuan.ops.verify_result import (
    NothingComparableError,
    UnreadableSourceError,
    VerifyError,
    VerifyResult,
)
from qingyuan.ops.verify_water import verify_water
from qingyuan.science.errors import ScienceError

__all__ = [
    "NothingComparableError",
    "UnreadableSourceError",
    "VerifyError",
    "VerifyResult",
    "add_arguments",
    "run",
    "verify_air_hourly",
    "verify_water",
]

KINDS: dict[str, Callable[[Path], VerifyResult]] = {"air-hourly": verify_air_hourly, "water": verify_water}

SUCCESS, DOMAIN_FAILURE, WRONG_USE = 0, 1, 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command, help in Chinese."""
    parser.description = "按现行规则重算公开数据中的评价结果，与发布值逐行核对。"
    parser.add_argument(
        "kind",
        choices=sorted(KINDS),
        metavar="种类",
        help="air-hourly：国控站小时AQI；water：国控水站实时类别",
    )
    parser.add_argument("path", type=Path, metavar="文件", help="CSV（可压缩）、Parquet 或 Excel 文件")
    parser.add_argument("--json", action="store_true", help="只在标准输出打印一行 JSON")
    parser.add_argument(
        "--disagreements", type=Path, metavar="文件", help="把每一行不一致写入此文件（.csv 或 .parquet）"
    )


def run(args: argparse.Namespace) -> int:
    """Exit code 0 when compared, 1 when the data cannot be compared, 2 for wrong use."""
    path: Path = args.path
    if not path.is_file():
        return _fail(args, WRONG_USE, f"没有这个文件：{path}；请检查路径")
    out: Path | None = args.disagreements
    if out is not None and (out.is_dir() or not out.parent.is_dir()):
        return _fail(args, WRONG_USE, f"不能写入 {out}：上级文件夹不存在，或它本身是文件夹")
    try:
        result = KINDS[args.kind](path)
    except VerifyError as error:
        return _fail(args, DOMAIN_FAILURE, str(error))
    except (ScienceError, PolarsError) as error:
        reason = str(error).splitlines()[0]
        return _fail(args, DOMAIN_FAILURE, f"{path} 的列不能按此种类核对：{reason}；请检查各列的内容")
    if out is not None:
        try:
            _write(result, out)
        except OSError as error:
            return _fail(args, DOMAIN_FAILURE, f"不能写入 {out}：{error.strerror or error}")
    sys.stdout.write((result.as_json() if args.json else result.as_text()) + "\n")
    return SUCCESS


def _write(result: VerifyResult, out: Path) -> None:
    if out.suffix == ".parquet":
        result.disagreements.write_parquet(out)
    else:
        guarded_frame(result.disagreements).write_csv(out, include_bom=True)


def _fail(args: argparse.Namespace, code: int, message: str) -> int:
    if args.json:
        sys.stdout.write(json.dumps({"error": message}, ensure_ascii=False) + "\n")
    sys.stderr.write(message + "\n")
    return code
