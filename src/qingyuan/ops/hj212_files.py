"""The HJ 212 codec on files: what `qingyuan hj212 decode`, `encode` and `crc` do."""

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


def _read_keys(texts: list[str]) -> list[bytes]:
    try:
        return [key_of(text) for text in texts]
    except BadKeyError as error:
        raise WrongUse(str(error)) from error


def decode_files(a: argparse.Namespace) -> int:
    """Every piece of the files, as lines; 1 if strict and one is not usable."""
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


def encode_rows(a: argparse.Namespace) -> int:
    """Frames from options or from JSON lines, to a file or to standard output."""
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


def compute_crc(a: argparse.Namespace) -> int:
    """The check of a data segment, in three ways."""
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
