"""What `qingyuan hj212 encode` does: frames from options or from JSON lines."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

from qingyuan import clock
from qingyuan.hj212 import STANDARD_SEGMENT, CipherForm, HJ212Error, encode
from qingyuan.ops.errors import WrongUse
from qingyuan.ops.hj212_input import chunks, keys_of, shown, unusable

_FIELDS = ("qn", "st", "cn", "pw", "mn", "flag", "pnum", "pno", "cp")
_NUMBERS = frozenset({"flag", "pnum", "pno"})
_AROUND = 12  # "##0646" and "1C80\r\n"
_DEFAULT_FLAG, _DEFAULT_PASSWORD = 5, "123456"


def encode_rows(a: argparse.Namespace) -> int:
    """Frames from options or from JSON lines, to a file or to standard output."""
    keys = keys_of(a.sm4_key)
    if len(keys) > 1:
        raise WrongUse(f"收到 {len(keys)} 个密钥；编码时只能用一个 --sm4-key")
    form = CipherForm(a.cipher_form)
    if a.source:
        frames = [_encoded(row, keys, form, place) for place, row in _rows(a.source)]
    else:
        given = {name: getattr(a, name) for name in _FIELDS}
        frames = [_encoded({key: value for key, value in given.items() if value is not None}, keys, form, "")]
    long = [len(raw) - _AROUND for raw in frames if len(raw) - _AROUND > STANDARD_SEGMENT]
    if long:
        sys.stderr.write(
            f"注意：{len(long)} 包的数据段超过标准的 {STANDARD_SEGMENT} 字节（最长 {max(long)}），应当拆包\n"
        )
    _put(a, frames)
    return 0


def _put(a: argparse.Namespace, frames: list[bytes]) -> None:
    if a.json:
        for raw in frames:
            facts = {"length": int(raw[2:6]), "crc": raw[-6:-2].decode(), "hex": raw.hex()}
            sys.stdout.write(json.dumps(facts) + "\n")
    elif a.out:
        try:
            a.out.write_bytes(b"".join(frames))
        except OSError as error:
            raise unusable(str(a.out), error, "写不了") from error
        sys.stdout.write(f"{len(frames)} 包 → {shown(str(a.out))}\n")
    else:
        sys.stdout.buffer.write(b"".join(frames))
        sys.stdout.buffer.flush()


def _rows(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The JSON objects of a file, each with its place in words."""
    for number, raw in enumerate(b"".join(chunks(name)).removeprefix(b"\xef\xbb\xbf").splitlines(), start=1):
        place = f"{shown(name)} 第 {number} 行："
        if not raw.strip():
            continue
        try:
            row = json.loads(raw)
        except (ValueError, RecursionError) as error:
            got = shown(raw[:40].decode("utf-8", "backslashreplace"))
            raise WrongUse(f"{place}得到“{got}”，应为一个 JSON 对象（UTF-8）") from error
        wrong = [key for key in _FIELDS if not _is_fit(key, row.get(key))] if isinstance(row, dict) else ["整行"]
        if wrong:
            raise WrongUse(f"{place}{'、'.join(wrong)} 的类型不对；应为文字，flag、pnum、pno 应为整数")
        yield place, row


def _is_fit(key: str, value: object) -> bool:
    if key in _NUMBERS:
        return value is None or (isinstance(value, int) and not isinstance(value, bool))
    return value is None or isinstance(value, str)


def _encoded(row: dict[str, Any], keys: list[bytes], form: CipherForm, place: str) -> bytes:
    """One frame. A key with null stands for a field that the frame has not, as `decode --json` prints it."""
    missing = [name.upper() for name in ("st", "cn") if not row.get(name)] + ["MN"] * (row.get("mn") is None)
    if missing:
        remedy = "这一行不是数据包" if place else "用 --st --cn --mn 给出"
        raise WrongUse(f"{place}缺少 {'、'.join(missing)}；{remedy}")
    now = clock.now().astimezone(clock.BEIJING).strftime("%Y%m%d%H%M%S%f")[:17]
    try:
        return encode(
            qn=row.get("qn", now),
            st=row["st"],
            cn=row["cn"],
            pw=row.get("pw") or _DEFAULT_PASSWORD,
            mn=row["mn"],
            flag=row.get("flag", _DEFAULT_FLAG),
            cp=row.get("cp") or "",
            pnum=row.get("pnum"),
            pno=row.get("pno"),
            sm4_key=keys[0] if keys else None,
            cipher_form=form,
        )
    except HJ212Error as error:
        raise WrongUse(f"{place}{error}") from error
