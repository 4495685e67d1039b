"""replay: frames of the journal read again."""

from __future__ import annotations

import argparse
import getpass
import sys
from dataclasses import asdict
from typing import Any

from qingyuan.ops.commands.data import drain, instant, open_books, say
from qingyuan.ops.commands.running import _data_dir
from qingyuan.ops.errors import WrongUse


def replay(sub: Any) -> None:
    parser = sub.add_parser(
        "replay",
        help="按现在的解析和台账，把原始日志里的数据包重读一遍",
        description="设备通道、点位对应改正或程序升级之后使用。读数只增不改：与原来不同的值成为新的修订，"
        "原来有、现在没有的值补一条“无值”的修订，理由写进原始日志。再运行一次不会再有变化。可在运行中进行。",
    )
    _data_dir(parser)
    parser.add_argument("--mn", action="append", default=[], metavar="MN", help="只重读这些设备，可重复（默认全部）")
    parser.add_argument("--from", dest="since", default="1990-01-01", metavar="时间", help="收到时间起（北京时间）")
    parser.add_argument("--to", dest="until", default="2100-01-01", metavar="时间", help="收到时间止（不含）")
    parser.add_argument("--reason", default="", metavar="文字", help="为什么重读，随每条修订保存；试运行可不写")
    parser.add_argument("--dry-run", action="store_true", help="试运行：只数会有多少变化，不写入")
    parser.add_argument("--json", action="store_true", help="输出一行 JSON")
    parser.set_defaults(run=_run)


def _run(a: argparse.Namespace) -> int:
    if not a.dry_run and not a.reason.strip():
        raise WrongUse("请用 --reason 写明为什么重读（例如 --reason 通道对应改正），或先用 --dry-run 试运行")
    since, until = instant(a.since), instant(a.until)
    open_books()
    drain()
    from qingyuan import clock
    from qingyuan.bureau.line.actions.replay import replay_frames
    from qingyuan.intake.replay import Replayed, Scope

    scope = Scope(int(since.timestamp()), int(until.timestamp()), frozenset(a.mn))

    def show(done: Replayed) -> None:
        if sys.stderr.isatty():
            print(f"\r{done.frames} 包，{done.changed} 包有变化", end="", file=sys.stderr)

    by = f"cli:{getpass.getuser()}"
    done = replay_frames(
        scope, by, a.reason.strip(), int(clock.now().timestamp() * 1e6), dry_run=a.dry_run, progress=show
    )
    if sys.stderr.isatty():
        print(file=sys.stderr)
    would = "试运行：会" if a.dry_run else ""
    say(
        a,
        asdict(done) | {"dry_run": a.dry_run},
        f"重读 {done.frames} 包；{would}有变化 {done.changed} 包，新修订 {done.readings} 个，作废 {done.voided} 个",
    )
    return 0


ALL = (replay,)
