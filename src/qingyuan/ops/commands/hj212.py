"""hj212 decode, encode, crc: the codec on files, without a data folder."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def hj212(sub: Any) -> None:
    """The group and its parts."""
    parser = sub.add_parser(
        "hj212", help="HJ 212 协议：解析、编码、校验码", description="HJ 212 协议工具，不需要数据目录。"
    )
    part = parser.add_subparsers(dest="part", metavar="动作", required=True, parser_class=type(parser))
    _decode_parser(part)
    _encode_parser(part)
    _crc_parser(part)


def _decode_parser(part: Any) -> None:
    parser = part.add_parser(
        "decode",
        help="解析文件中的数据包",
        description="逐包解析；包外的字节、不合格的包也列出。偏差编号的含义见 docs/hj212.md。"
        "--json 时每包一行：file, ok, version, crc_ok, crc_dialect, deviations, qn, st, cn, mn, flag, pnum, pno, cp。"
        "--strict 时有不可用的包退出码为 1。",
    )
    parser.add_argument("files", nargs="+", metavar="文件", help="原始字节；- 为标准输入")
    parser.add_argument("--strict", action="store_true", help="严格：须修补才能读的包算不合格")
    _keys(parser)
    parser.add_argument(
        "--password",
        action="append",
        default=[],
        metavar="PW",
        help="访问密码（可重复：其中之一即可）；PW 不符的包不可用，记 wrong_password。密码不显示",
    )
    parser.add_argument(
        "--accept-crc",
        action="append",
        default=[],
        choices=("modbus", "modbus_swapped"),
        help="接受这种不合标准的校验码（可重复），记为偏差",
    )
    parser.add_argument("--json", action="store_true", help="每包输出一行 JSON")
    parser.set_defaults(run=_run)


def _encode_parser(part: Any) -> None:
    parser = part.add_parser(
        "encode",
        help="编出数据包",
        description="按选项编出一包；或用 --from 读 JSON 行（键同 decode --json，另可有 pw），每行一包。"
        "qn、flag 为 null 时包头里没有这个字段"
        "（2005 版）。输出原始字节。",
    )
    parser.add_argument("--from", dest="source", metavar="文件", help="JSON 行；- 为标准输入")
    for name, text in (
        ("qn", "请求编码（默认当前时间）"),
        ("st", "系统编码"),
        ("cn", "命令编码"),
        ("mn", "设备唯一标识"),
    ):
        parser.add_argument(f"--{name}", metavar=name.upper(), default=None, help=text)
    parser.add_argument("--pw", metavar="PW", default="123456", help="访问密码（默认 123456）")
    parser.add_argument("--cp", metavar="CP", default="", help="数据区，&& 之间的文字")
    parser.add_argument("--flag", type=int, default=5, metavar="数", help="标志（默认 5：2017 版，要求应答）")
    parser.add_argument("--pnum", type=int, default=None, metavar="数", help="总包数（拆包时）")
    parser.add_argument("--pno", type=int, default=None, metavar="数", help="包号（拆包时）")
    _keys(parser)
    parser.add_argument(
        "--cipher-form",
        choices=("raw", "hex_text"),
        default="raw",
        help="密文写法：字节（默认）或十六进制文字",
    )
    parser.add_argument("--out", type=Path, metavar="文件", help="输出文件（默认标准输出）")
    parser.add_argument("--json", action="store_true", help="不输出字节，每包一行 JSON：length, crc, hex")
    parser.set_defaults(run=_run)


def _crc_parser(part: Any) -> None:
    parser = part.add_parser(
        "crc", help="计算数据段的校验码", description="数据段是长度与校验码之间的字节。三种算法都算出；标准的是 hj。"
    )
    parser.add_argument("text", nargs="?", metavar="数据段", help="文字")
    parser.add_argument("--file", metavar="文件", help="从文件读数据段；- 为标准输入")
    parser.add_argument("--json", action="store_true", help="输出一行 JSON")
    parser.set_defaults(run=_run)


def _keys(parser: Any) -> None:
    parser.add_argument(
        "--sm4-key", action="append", default=[], metavar="HEX", help="SM4 密钥，32 位十六进制数，可重复（2025 版加密）"
    )


def _run(a: argparse.Namespace) -> int:
    from qingyuan.ops import hj212_decode, hj212_encode

    works = {"decode": hj212_decode.decode_files, "encode": hj212_encode.encode_rows, "crc": hj212_decode.compute_crc}
    return works[a.part](a)


ALL = (hj212,)
