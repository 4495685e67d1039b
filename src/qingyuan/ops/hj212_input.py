"""What the hj212 commands are given: bytes of files or of standard input, keys, texts of the command line."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from qingyuan.hj212 import BadKeyError, key_of
from qingyuan.ops.errors import WrongUse

STANDARD_INPUT = "-"
_CHUNK = 1 << 16
_MOST_SHOWN = 120
_REASONS = {
    FileNotFoundError: "没有这个文件或目录",
    IsADirectoryError: "这是目录，应为文件",
    NotADirectoryError: "路径中有一段不是目录",
    PermissionError: "没有权限",
}


def unusable(name: str, error: OSError, what: str = "读不了") -> WrongUse:
    """A file that cannot be read or written, in words."""
    reason = (
        "文件名太长" if error.errno == errno.ENAMETOOLONG else _REASONS.get(type(error), error.strerror or str(error))
    )
    remedy = "要解析文字，请从标准输入送来（文件写 -）" if name.startswith("##") else "请核对路径和权限"
    short = name if len(name) <= _MOST_SHOWN else name[:_MOST_SHOWN] + "…"
    return WrongUse(f"{what}文件 {shown(short)}：{reason}；{remedy}")


def require_files(names: Sequence[str]) -> None:
    """Refuse a list with a file that cannot be opened before anything is said about the others."""
    if names.count(STANDARD_INPUT) > 1:
        raise WrongUse("标准输入（-）给了不止一次；只能读一遍")
    for name in names:
        if name != STANDARD_INPUT:
            try:
                Path(name).open("rb").close()
            except OSError as error:
                raise unusable(name, error) from error


def chunks(name: str) -> Iterator[bytes]:
    """The bytes of a file, or of standard input for `-`, piece by piece."""
    if name == STANDARD_INPUT:
        yield from _in_chunks(sys.stdin.buffer)
        return
    try:
        with Path(name).open("rb") as file:
            yield from _in_chunks(file)
    except OSError as error:
        raise unusable(name, error) from error


def _in_chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def keys_of(texts: Sequence[str]) -> list[bytes]:
    """SM4 keys in their order; a wrong one is named by its place, never repeated."""
    keys = []
    for place, text in enumerate(texts, start=1):
        try:
            keys.append(key_of(text))
        except BadKeyError as error:
            raise WrongUse(f"第 {place} 个 --sm4-key 不对：{error}") from error
    return keys


def bytes_of(text: str) -> bytes:
    """A word of the command line as the bytes that were typed."""
    return text.encode("utf-8", "surrogateescape")


def shown(text: str) -> str:
    """A text that a terminal prints as it is: whatever would steer it is written out."""
    readable = bytes_of(text).decode("utf-8", "backslashreplace")
    return "".join(one if one.isprintable() else f"\\x{ord(one):02x}" for one in readable)
