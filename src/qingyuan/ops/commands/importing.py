"""import: files of readings in, and out again as a batch."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from qingyuan.ops.commands.data import open_books, say
from qingyuan.ops.commands.running import _data_dir
from qingyuan.ops.errors import WrongUse

_PROFILES = (
    "air-hourly（国家空气小时数据）、air-dump 和 air-melted（国家空气日文件，站点作列或一行一值）、pm25in（CSV、JSON）、"
    "water（国家地表水自动站）、water-station（国家水质自动站平台表）、beijing-prsa（北京空气与气象）、"
    "aurn 和 uk-air（英国）、openaq"
)


def import_(sub: Any) -> None:
    """The command, its options, and its other form `import undo JOB`."""
    parser = sub.add_parser(
        "import",
        help="导入读数文件（CSV、Excel、Parquet、JSON）；import undo 号 撤回一次导入",
        description=f"导入读数文件。内置方案：{_PROFILES}；认得出的格式自动选用。其他文件用页面上保存的方案名，或不写方案、"
        "按表头自动对应。没有点位列的文件须用 --point 指明点位；没有登记的点位须加 --new-points 才新建。"
        "import undo 号 --reason 原因：把一次导入的读数整批撤回（留修订，可再导入）。",
    )
    _data_dir(parser)
    parser.add_argument("file", metavar="文件", help="要导入的文件；或 undo")
    parser.add_argument("job", metavar="号", nargs="?", type=int, help="undo 时：导入的编号")
    parser.add_argument("--profile", metavar="方案", default="", help="方案名；空 = 认格式，或按表头自动对应")
    parser.add_argument("--dry-run", action="store_true", help="试运行：只检查，不写入")
    parser.add_argument("--new-points", action="store_true", help="新建文件里没有登记的点位")
    parser.add_argument("--point", metavar="点位", default="", help="没有点位列的文件属于哪个点位（编号或名称）")
    parser.add_argument("--sheet", metavar="工作表", default="", help="Excel 的哪个工作表（默认表头最认得出的）")
    parser.add_argument("--header-row", metavar="行", type=int, default=0, help="第几行是表头（默认自动找）")
    parser.add_argument(
        "--dates", choices=("dmy", "mdy"), default="", help="01/02/2020 一类日期哪个在前：日 dmy，月 mdy"
    )
    parser.add_argument(
        "--stamps", choices=("opens", "closes"), default="", help="时间是时段的开始还是结束（默认按方案）"
    )
    parser.add_argument("--reason", metavar="原因", default="", help="undo 时：撤回的原因")
    parser.add_argument("--errors", metavar="文件", type=Path, help="把有问题的行另存为 CSV")
    parser.add_argument("--json", action="store_true", help="输出一行 JSON")
    parser.set_defaults(run=_run_import)


def _run_import(a: argparse.Namespace) -> int:
    if a.file == "undo" and a.job is not None:
        return _run_undo(a)
    path = Path(a.file)
    if a.job is not None:
        raise WrongUse(f"得到两个参数“{a.file}”“{a.job}”；应为一个文件，或 undo 和导入的编号")
    if not path.is_file():
        raise WrongUse(f"没有这个文件：{path}" + ("；撤回写 import undo 号" if a.file == "undo" else ""))
    if a.header_row < 0:
        raise WrongUse(f"--header-row 得到 {a.header_row}，应为 1 或更多")
    open_books()
    from qingyuan.bureau.base.errors import BureauError
    from qingyuan.bureau.monitoring.actions.import_jobs import start_import
    from qingyuan.bureau.monitoring.actions.import_run import run_job
    from qingyuan.bureau.monitoring.models import ImportJob
    from qingyuan.web.pages.imports.steps import next_steps

    given = {"point": a.point, "sheet": a.sheet, "header_row": a.header_row, "dates": a.dates, "stamps": a.stamps}
    try:
        job = start_import(
            None, path, profile_name=a.profile, dry_run=a.dry_run, queued=False, new_points=a.new_points, given=given
        )
    except BureauError as error:
        raise WrongUse(str(error)) from error

    def show(job: ImportJob) -> None:
        if sys.stderr.isatty():
            print(f"\r{job.rows_done}/{job.rows_total}", end="", file=sys.stderr)

    job = run_job(job, show)
    if a.errors and job.errors_file:
        a.errors.write_bytes(Path(job.errors_file).read_bytes())
    steps = [] if job.dry_run or job.state != ImportJob.State.DONE else next_steps(job)
    facts = {
        "job": job.pk,
        "state": job.state,
        "dry_run": job.dry_run,
        "profile": job.profile_name,
        "rows": job.rows_total,
        "bad_rows": job.rows_bad,
        "readings_new": job.readings_new,
        "readings_unchanged": job.readings_unchanged,
        "errors": job.errors[:20],
        "message": job.message,
        "unused_columns": job.told.get("unused", []),
        "new_points": [code for code, _ in job.told.get("new_points", [])],
        "points_made": job.told.get("made", []),
        "by_name": job.told.get("by_name", {}),
        "next": [{"name": step.name, "words": str(step.words), "count": step.count} for step in steps],
    }
    lines = [
        f"第 {job.pk} 次导入：{job.get_state_display()}，{job.rows_total} 行，新增读数 {job.readings_new}，"
        f"已有 {job.readings_unchanged}，问题行 {job.rows_bad}" + (f"。{job.message}" if job.message else ""),
        *[f"  第 {e['row']} 行“{e['column']}”：得到 {e['got']}，需要 {e['expected']}" for e in job.errors[:20]],
        *[f"  按名称对上：{found} → {code}" for found, code in job.told.get("by_name", {}).items()],
        *[f"  接下来：{step.words}" for step in steps],
    ]
    say(a, facts, "\n".join(lines))
    return 0 if job.state == ImportJob.State.DONE else 1


def _run_undo(a: argparse.Namespace) -> int:
    open_books()
    from qingyuan.bureau.base.errors import BureauError
    from qingyuan.bureau.monitoring.actions.import_undo import run_undo, undo_import
    from qingyuan.bureau.monitoring.models import ImportJob

    job = ImportJob.objects.filter(pk=a.job).first()
    if job is None:
        raise WrongUse(f"没有第 {a.job} 次导入；编号在 import 的输出和“导入”页上")
    try:
        job = run_undo(undo_import(None, job, a.reason or "命令行撤回", queued=False))
    except BureauError as error:
        raise WrongUse(str(error)) from error
    facts = {"job": job.pk, "state": job.state, "readings_undone": job.readings_undone}
    say(a, facts, f"已撤回第 {job.pk} 次导入（{job.file_name}）：{job.readings_undone} 个读数；修订留存，可以再导入")
    return 0


ALL = (import_,)
