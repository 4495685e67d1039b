"""What `qingyuan hj212 decode` and `crc` do: the codec on bytes of files."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from qingyuan import clock
from qingyuan.hj212 import (
    CrcDialect,
    Description,
    Frame,
    Framer,
    Rejected,
    crc16,
    crc16_modbus,
    decode,
    describe,
    unknown_codes,
)
from qingyuan.ops.errors import WrongUse
from qingyuan.ops.hj212_input import bytes_of, chunks, keys_of, require_files, shown

_LONGEST = 9999
_LONGEST_NAME = 255  # of most file systems


def decode_files(a: argparse.Namespace) -> int:
    """Every piece of the files, as lines; 1 if strict and one is not usable."""
    keys = keys_of(a.sm4_key)
    if "" in a.password:
        raise WrongUse("--password 是空的；应为设备的访问密码（6 位）")
    require_files(a.files)
    passwords = frozenset(a.password)
    dialects = frozenset(CrcDialect(name) for name in a.accept_crc)
    now = clock.now()
    counts: Counter[str] = Counter()
    deviations: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    for name in a.files:
        framer = Framer(_LONGEST, dialects, keys)
        readable = bytes_of(name).decode("utf-8", "backslashreplace")
        for number, piece in enumerate(_pieces(name, framer), start=1):
            found = describe(piece, now, is_strict=a.strict, passwords=passwords)
            counts["ok" if found.ok else "not_ok"] += 1
            deviations.update(str(one) for one in found.deviations)
            if a.json:
                sys.stdout.write(json.dumps({"file": readable} | found.as_json(), ensure_ascii=False) + "\n")
            else:
                if isinstance(piece, Frame):
                    unknown.update(unknown_codes(decode(piece)))
                sys.stdout.write(_in_words(f"{shown(name)}#{number}", found, len(piece.raw)) + "\n")
    if not a.json:
        total = "，".join(f"{name} {count}" for name, count in deviations.most_common()) or "无"
        sys.stdout.write(f"共 {counts.total()}：可用 {counts['ok']}，不可用 {counts['not_ok']}；偏差：{total}\n")
        if unknown:
            sys.stdout.write("表中没有的因子编码（按原样保留）：" + "，".join(map(shown, sorted(unknown))) + "\n")
    return 1 if a.strict and counts["not_ok"] else 0


def _pieces(name: str, framer: Framer) -> Iterator[Frame | Rejected]:
    for chunk in chunks(name):
        yield from framer.feed(chunk)
    yield from framer.close()


def _in_words(place: str, found: Description, size: int) -> str:
    head = f"{found.version} 版 MN={found.mn} CN={found.cn} QN={found.qn}" if found.version else f"{size} 字节"
    named = "；".join(f"{one} {one.text_zh}" for one in found.deviations)
    said = [f"{shown(code)}＝{to}" for code, to in found.codes.items()]
    said += [f"{shown(code)} 采样 {at:%Y-%m-%d %H:%M:%S}" for code, at in found.sample_times.items()]
    more = f"\t{'，'.join(said)}" if said else ""
    return f"{place}\t{'可用' if found.ok else '不可用'}\t{shown(head)}\t{named or '无偏差'}{more}"


def compute_crc(a: argparse.Namespace) -> int:
    """The check of a data segment, in three ways."""
    if (a.text is None) == (a.file is None):
        raise WrongUse("请给出数据段的文字，或用 --file 指定文件，二者取一")
    body = bytes_of(a.text) if a.text is not None else b"".join(chunks(a.file))
    modbus = crc16_modbus(body)
    values = {"hj": crc16(body), "modbus": modbus, "modbus_swapped": (modbus & 0xFF) << 8 | modbus >> 8}
    facts = {name: f"{value:04X}" for name, value in values.items()}
    if a.text is not None and len(a.text) <= _LONGEST_NAME and Path(a.text).is_file():
        sys.stderr.write("注意：这是一个文件的名字；要算文件的内容，请用 --file\n")
    if body.startswith(b"##") or body.endswith((b"\r", b"\n")):
        sys.stderr.write("注意：数据段不含包头“##”、4 位长度、校验码和换行；这里按收到的全部字节计算\n")
    if a.json:
        sys.stdout.write(json.dumps({"length": len(body)} | facts) + "\n")
    else:
        sys.stdout.write(
            f"{facts['hj']}\n（{len(body)} 字节；Modbus {facts['modbus']}，倒序 {facts['modbus_swapped']}）\n"
        )
    return 0
