"""backup, restore, bundle, doctor, search."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from qingyuan.ops.commands.data import open_books, say
from qingyuan.ops.commands.running import _data_dir
from qingyuan.ops.errors import WrongUse


def backup(sub: Any) -> None:
    parser = sub.add_parser("backup", help="备份（可在运行中进行）")
    _data_dir(parser)
    parser.add_argument("out", nargs="?", type=Path, metavar="文件", help="输出文件（默认在数据目录 backups/ 下）")
    parser.add_argument("--out", dest="out_option", type=Path, metavar="文件", help="同上")
    parser.add_argument("--json", action="store_true", help="输出一行 JSON")
    parser.add_argument("--with-keys", action="store_true", help="连同封存字段的密钥（默认不带，密钥宜另存）")
    parser.set_defaults(run=_run_backup)


def _run_backup(a: argparse.Namespace) -> int:
    from qingyuan import clock, config
    from qingyuan.ops.backup import backup as make

    stamp = clock.beijing(clock.now()).strftime("%Y%m%d-%H%M%S")
    out = a.out or a.out_option or config.data_dir() / "backups" / f"qingyuan-{stamp}.tar"
    facts = make(out.absolute(), with_keys=a.with_keys)
    note = f"\n{facts['note']}" if "note" in facts else ""
    say(a, facts, f"备份完成：{facts['out']}（{facts['files']} 个文件）{note}")
    return 0


def restore(sub: Any) -> None:
    parser = sub.add_parser("restore", help="从备份恢复到一个空目录")
    _data_dir(parser)
    parser.add_argument("source", type=Path, metavar="备份文件", help="backup 写出的文件")
    parser.add_argument("--json", action="store_true", help="输出一行 JSON")
    parser.set_defaults(run=_run_restore)


def _run_restore(a: argparse.Namespace) -> int:
    from qingyuan.ops.backup import restore as put_back

    if not a.source.is_file():
        raise WrongUse(f"没有这个文件：{a.source}")
    facts = put_back(a.source)
    say(a, facts, f"已恢复到 {facts['data_dir']}（{facts['files']} 个文件，备份于 {facts['made_at']}）")
    return 0


def bundle(sub: Any) -> None:
    parser = sub.add_parser("bundle", help="制作离线安装包")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    parser.add_argument("out", nargs="?", type=Path, metavar="文件", help="输出 .tar.gz（默认 dist/ 下）")
    parser.add_argument("--out", dest="out_option", type=Path, metavar="文件", help="同上")
    parser.add_argument("--machine", action="append", choices=["x86_64", "aarch64"], help="处理器，可重复（默认两种）")
    parser.add_argument("--python", action="append", metavar="版本", help=f"Python 版本，可重复（默认 {version}）")
    parser.add_argument("--json", action="store_true", help="输出一行 JSON")
    parser.set_defaults(run=_run_bundle)


def _run_bundle(a: argparse.Namespace) -> int:
    from qingyuan import __version__
    from qingyuan.config import REPOSITORY
    from qingyuan.ops.bundle import MACHINES
    from qingyuan.ops.bundle import bundle as make

    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    out = a.out or a.out_option or REPOSITORY / "dist" / f"qingyuan-{__version__}.tar.gz"
    facts = make(out.absolute(), a.machine or MACHINES, a.python or [version])
    say(a, facts, f"离线安装包：{facts['out']}（{facts['wheels']} 个软件包，SHA-256 {facts['sha256']}）")
    return 0


def doctor(sub: Any) -> None:
    parser = sub.add_parser("doctor", help="检查安装和数据，给出处理办法")
    _data_dir(parser)
    parser.add_argument(
        "--deep",
        action="store_true",
        help="逐条核对原始日志、归档、证据的校验和摘要，数据库逐页，封存文件（要读全部数据）",
    )
    parser.add_argument("--json", action="store_true", help="输出一行 JSON")
    parser.set_defaults(run=_run_doctor)


def _run_doctor(a: argparse.Namespace) -> int:
    from qingyuan.ops.doctor import examine

    checks = examine(deep=a.deep)
    signs = {"ok": "正常", "warn": "注意", "bad": "有误"}
    lines = [f"{signs[c.state]}  {c.name}：{c.found}" + (f"。{c.advice}" if c.advice else "") for c in checks]
    say(a, {"checks": [asdict(c) for c in checks]}, "\n".join(lines))
    return 1 if any(c.state == "bad" for c in checks) else 0


def search(sub: Any) -> None:
    """The group and its one part."""
    parser = sub.add_parser("search", help="搜索的索引：重建")
    part = parser.add_subparsers(dest="part", metavar="动作", required=True, parser_class=type(parser))
    rebuild = part.add_parser(
        "rebuild",
        help="重建全部索引（可在运行中进行）",
        description="平时由后台随写随编；只有怀疑索引有误时才需要。期间搜索照常，未编入的行按原样查找。",
    )
    _data_dir(rebuild)
    rebuild.add_argument("--json", action="store_true", help="输出一行 JSON")
    rebuild.set_defaults(run=_run_search_rebuild)


def _run_search_rebuild(a: argparse.Namespace) -> int:
    open_books()
    from qingyuan.bureau.search.actions.keeping import rebuild

    def progress(done: int, of: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{done} / {of}", end="", file=sys.stderr)

    rows = rebuild(progress)
    say(a, {"rows": rows}, f"索引已重建：可找到 {rows} 行")
    return 0


ALL = (backup, restore, bundle, doctor, search)
