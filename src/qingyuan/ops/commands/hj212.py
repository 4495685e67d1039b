"""hj212 decode, encode, crc: the codec on files, without a data folder."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from qingyuan import clock
from qingyuan.hj212 import (
    BadKeyError,
    CipherForm,
    CrcDialect,
    Description,
    Frame,
    Framer,
    HJ212Error,
    Rejected,
    crc16,
    crc16_modbus,
    decode,
    describe,
    encode,
    key_of,
    unknown_codes,
)
from qingyuan.ops.errors import WrongUse

_CHUNK = 1 << 16
_LONGEST = 9999
_FIELDS = ("qn", "st", "cn", "pw", "mn", "flag", "pnum", "pno", "cp")


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
        "--accept-crc",
        action="append",
        default=[],
        choices=[str(one) for one in CrcDialect if one is not CrcDialect.HJ],
        help="接受这种不合标准的校验码（可重复），记为偏差",
    )
    parser.add_argument("--json", action="store_true", help="每包输出一行 JSON")
    parser.set_defaults(run=_run_decode)


def _encode_parser(part: Any) -> None:
    parser = part.add_parser(
        "encode",
        help="编出数据包",
        description="按选项编出一包；或用 --from 读 JSON 行（键同 decode --json，另可有 pw），每行一包。输出原始字节。",
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
        choices=[str(one) for one in CipherForm],
        default="raw",
        help="密文写法：字节（默认）或十六进制文字",
    )
    parser.add_argument("--out", type=Path, metavar="文件", help="输出文件（默认标准输出）")
    parser.add_argument("--json", action="store_true", help="不输出字节，每包一行 JSON：length, crc, hex")
    parser.set_defaults(run=_run_encode)


def _crc_parser(part: Any) -> None:
    parser = part.add_parser(
        "crc", help="计算数据段的校验码", description="数据段是长度与校验码之间的字节。三种算法都算出；标准的是 hj。"
    )
    parser.add_argument("text", nargs="?", metavar="数据段", help="文字")
    parser.add_argument("--file", metavar="文件", help="从文件读数据段；- 为标准输入")
    parser.add_argument("--json", action="store_true", help="输出一行 JSON")
    parser.set_defaults(run=_run_crc)


def _keys(parser: Any) -> None:
    parser.add_argument(
        "--sm4-key", action="append", default=[], metavar="HEX", help="SM4 密钥，32 位十六进制数，可重复（2025 版加密）"
    )


def _read_keys(texts: list[str]) -> list[bytes]:
    try:
        return [key_of(text) for text in texts]
    except BadKeyError as error:
        raise WrongUse(str(error)) from error


def _run_decode(a: argparse.Namespace) -> int:
    keys = _read_keys(a.sm4_key)
    dialects = frozenset(CrcDialect(name) for name in a.accept_crc)
    now = clock.now()
    counts: Counter[str] = Counter()
    deviations: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    for name in a.files:
        framer = Framer(_LONGEST, dialects, keys)
        for number, piece in enumerate(_pieces(name, framer), start=1):
            found = describe(piece, now, is_strict=a.strict)
            counts["ok" if found.ok else "not_ok"] += 1
            deviations.update(str(one) for one in found.deviations)
            if a.json:
                sys.stdout.write(json.dumps({"file": name} | found.as_json(), ensure_ascii=False) + "\n")
            else:
                if isinstance(piece, Frame):
                    unknown.update(unknown_codes(decode(piece)))
                sys.stdout.write(_in_words(f"{name}#{number}", found, len(piece.raw)) + "\n")
    if not a.json:
        total = "，".join(f"{name} {count}" for name, count in deviations.most_common()) or "无"
        sys.stdout.write(f"共 {counts.total()}：可用 {counts['ok']}，不可用 {counts['not_ok']}；偏差：{total}\n")
        if unknown:
            sys.stdout.write("表中没有的因子编码（按原样保留）：" + "，".join(sorted(unknown)) + "\n")
    return 1 if a.strict and counts["not_ok"] else 0


def _pieces(name: str, framer: Framer) -> Iterator[Frame | Rejected]:
    for chunk in _chunks(name):
        yield from framer.feed(chunk)
    yield from framer.close()


def _chunks(name: str) -> Iterator[bytes]:
    if name == "-":
        yield from _in_chunks(sys.stdin.buffer)
        return
    try:
        with Path(name).open("rb") as file:
            yield from _in_chunks(file)
    except OSError as error:
        raise WrongUse(f"读不了文件 {name}：{error.strerror}；请核对路径和权限") from error


def _in_chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _in_words(place: str, found: Description, size: int) -> str:
    head = f"{found.version} 版 MN={found.mn} CN={found.cn} QN={found.qn}" if found.version else f"{size} 字节"
    named = "；".join(f"{one} {one.text_zh}" for one in found.deviations)
    return f"{place}\t{'可用' if found.ok else '不可用'}\t{head}\t{named or '无偏差'}"


def _run_encode(a: argparse.Namespace) -> int:
    keys = _read_keys(a.sm4_key)
    if len(keys) > 1:
        raise WrongUse(f"收到 {len(keys)} 个密钥；编码时只能用一个 --sm4-key")
    rows = _rows(a.source) if a.source else [{name: getattr(a, name) for name in _FIELDS}]
    frames = [_encoded(row, keys, CipherForm(a.cipher_form)) for row in rows]
    if a.json:
        for raw in frames:
            facts = {"length": int(raw[2:6]), "crc": raw[-6:-2].decode(), "hex": raw.hex()}
            sys.stdout.write(json.dumps(facts) + "\n")
    elif a.out:
        a.out.write_bytes(b"".join(frames))
        sys.stdout.write(f"{len(frames)} 包 → {a.out}\n")
    else:
        sys.stdout.buffer.write(b"".join(frames))
        sys.stdout.buffer.flush()
    return 0


def _rows(name: str) -> Iterable[dict[str, Any]]:
    lines = b"".join(_chunks(name)).decode("utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise WrongUse(f"{name} 第 {number} 行：得到“{line[:40]}”，应为一个 JSON 对象") from error
        wrong = [key for key in _FIELDS if not _is_fit(key, row.get(key))] if isinstance(row, dict) else ["整行"]
        if wrong:
            raise WrongUse(f"{name} 第 {number} 行：{'、'.join(wrong)} 的类型不对；应为文字，flag、pnum、pno 应为整数")
        yield row


def _is_fit(key: str, value: object) -> bool:
    return value is None or isinstance(value, int if key in {"flag", "pnum", "pno"} else str)


def _encoded(row: dict[str, Any], keys: list[bytes], form: CipherForm) -> bytes:
    missing = [name.upper() for name in ("st", "cn", "mn") if row.get(name) is None]
    if missing:
        raise WrongUse(f"缺少 {'、'.join(missing)}；用 --st --cn --mn 给出")
    flag = 0 if row.get("flag") is None else row["flag"]
    try:
        return encode(
            qn=row.get("qn") or clock.now().astimezone(clock.BEIJING).strftime("%Y%m%d%H%M%S%f")[:17],
            st=row["st"],
            cn=row["cn"],
            pw=row.get("pw") or "123456",
            mn=row["mn"],
            flag=flag,
            cp=row.get("cp") or "",
            pnum=row.get("pnum"),
            pno=row.get("pno"),
            sm4_key=keys[0] if keys else None,
            cipher_form=form,
        )
    except HJ212Error as error:
        raise WrongUse(str(error)) from error


def _run_crc(a: argparse.Namespace) -> int:
    if (a.text is None) == (a.file is None):
        raise WrongUse("请给出数据段的文字，或用 --file 指定文件，二者取一")
    body = a.text.encode() if a.text is not None else b"".join(_chunks(a.file))
    modbus = crc16_modbus(body)
    values = {"hj": crc16(body), "modbus": modbus, "modbus_swapped": (modbus & 0xFF) << 8 | modbus >> 8}
    facts = {name: f"{value:04X}" for name, value in values.items()}
    if a.json:
        sys.stdout.write(json.dumps({"length": len(body)} | facts) + "\n")
    else:
        sys.stdout.write(
            f"{facts['hj']}\n（{len(body)} 字节；Modbus {facts['modbus']}，倒序 {facts['modbus_swapped']}）\n"
        )
    return 0


ALL = (hj212,)
