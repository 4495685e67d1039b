"""The command line: parses, calls, prints. `--json` prints exactly one line on stdout.

Exit code 0 success, 1 domain failure, 2 wrong use.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from qingyuan import __version__

Run = Callable[[argparse.Namespace], int]


class ChineseParser(argparse.ArgumentParser):
    """argparse with Chinese headings and messages."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._positionals.title = "参数"
        self._optionals.title = "选项"
        for action in self._actions:
            if isinstance(action, argparse._HelpAction):
                action.help = "显示本帮助"

    def format_help(self) -> str:
        """The help text with its heading in Chinese."""
        return super().format_help().replace("usage: ", "用法：", 1)

    def error(self, message: str) -> None:  # type: ignore[override]
        """Wrong use: one line, exit code 2."""
        self.exit(2, f"{self.prog}：用法不对：{_in_chinese(message)}。用 {self.prog} --help 查看用法\n")


def _in_chinese(message: str) -> str:
    for english, chinese in (
        ("the following arguments are required", "缺少参数"),
        ("unrecognized arguments", "不认识的参数"),
        ("invalid choice", "不在可选范围"),
        ("choose from", "应为"),
        ("expected one argument", "后面应有一个值"),
        ("expected at least one argument", "后面至少应有一个值"),
        ("expected at most one argument", "后面至多应有一个值"),
        ("one of the arguments", "须给出其中一个："),
        (" is required", ""),
        ("not allowed with argument", "不能同时用"),
        ("ambiguous option", "写得不全，可能是几个选项"),
        ("could match", "可能是"),
        ("ignored explicit argument", "后面不应有值，得到"),
        ("invalid int value", "应为整数，得到"),
        ("invalid float value", "应为数字，得到"),
        ("argument ", "参数 "),
    ):
        message = message.replace(english, chinese)
    return message


def build_parser(command: str = "") -> argparse.ArgumentParser:
    """The command with those of its theme; all where there is no such command."""
    from qingyuan.ops import commands

    parser = ChineseParser(
        prog="qingyuan",
        description="清源：生态环境监管系统",
        epilog="数据目录由 QINGYUAN_DATA_DIR 或 --data-dir 指定。",
    )
    parser.add_argument("--version", action="version", version=f"qingyuan {__version__}", help="显示版本")
    sub = parser.add_subparsers(dest="command", metavar="命令", title="命令", parser_class=ChineseParser)
    for add in commands.needed(command):
        add(sub)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    from qingyuan.ops.errors import OpsError

    words = sys.argv[1:] if argv is None else argv
    parser = build_parser(words[0] if words else "")
    arguments = parser.parse_args(words)
    if arguments.command is None:
        parser.print_help()
        return 2
    if getattr(arguments, "data_dir", None):
        os.environ["QINGYUAN_DATA_DIR"] = str(arguments.data_dir)
    try:
        code: int = arguments.run(arguments)
    except OpsError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader (head, less) went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if not _is_domain(error):
            raise
        print(error, file=sys.stderr)
        return 1
    return code


def _is_domain(error: Exception) -> bool:
    """Errors of our own packages are messages for people; anything else is a fault and shows its trace."""
    return any(c.__module__.startswith("qingyuan.") for c in type(error).__mro__)
