"""The text of a file: unpacked, decoded, its lines and separator looked at before it is parsed."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path

import numpy as np

from qingyuan.intake.apart.bounds import LONGEST_LINE, MOST_COLUMNS, MOST_TIMES, MOST_UNPACKED, PLENTY
from qingyuan.intake.apart.documents import kind_of
from qingyuan.intake.files.errors import NotATableError

LARGEST = MOST_UNPACKED
SEPARATORS = (",", "\t", ";", "|")
_ENCODINGS = ("utf-8-sig", "gb18030")
_SAMPLE = 65_536
_CHUNK = 1024**2
_LOOKED_AT = 60


def content_of(path: Path, largest: int) -> bytes:
    """The bytes of a text file, unpacked. Raises NotATableError: empty, too large, one endless line."""
    content = unpacked(path.name, path.read_bytes(), largest)
    if not content.strip():
        raise NotATableError(path.name, "空文件", "带表头的表格")
    if kind_of(content[:512]):
        raise NotATableError(path.name, "压缩的 JSON 或 XML", "解压后的文件")
    ends = np.flatnonzero(np.frombuffer(content, dtype=np.uint8) == ord("\n"))
    longest = int(np.diff(np.concatenate(([-1], ends, [len(content)]))).max())
    if longest > LONGEST_LINE:
        raise NotATableError(
            path.name,
            f"长 {longest} 字节的一行（没有换行）",
            f"一行不超过 {LONGEST_LINE} 字节、不超过 {MOST_COLUMNS} 列的表格",
        )
    return content


def unpacked(name: str, content: bytes, largest: int) -> bytes:
    """The content of a gzipped file, any other as it is."""
    if content[:2] != b"\x1f\x8b":
        return content
    found = bytearray()
    try:
        with gzip.open(io.BytesIO(content)) as packed:
            while chunk := packed.read(_CHUNK):
                found += chunk
                most = largest if len(found) < len(content) * MOST_TIMES else min(largest, PLENTY)
                if len(found) > most:
                    raise NotATableError(name, f"解压后超过 {most} 字节", "较小的文件，或分成几个文件")
    except (OSError, EOFError, zlib.error) as error:
        raise NotATableError(name, "损坏的压缩文件", "完整的 gzip 文件") from error
    return bytes(found)


def separator_of(text: str) -> str:
    """What parts the cells: the sign that stands most often in a line of the first ones."""
    lines = [line for line in text[:_SAMPLE].splitlines()[:_LOOKED_AT] if line.strip()]
    return max(SEPARATORS, key=lambda sign: max((line.count(sign) for line in lines), default=0))


def decoded(name: str, content: bytes) -> str:
    """The text of a file in UTF-8, GB 18030 or UTF-16."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = _ENCODINGS
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text[:_SAMPLE]:
            return text
    raise NotATableError(name, "既不是 UTF-8 也不是 GB 18030 的内容", "CSV、Parquet 或 Excel 文件")
