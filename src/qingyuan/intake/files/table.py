"""Reading a file into one table, whatever it was written with."""

from __future__ import annotations

import gzip
import io
import zlib
from collections import Counter
from pathlib import Path

import polars as pl

from qingyuan.intake.files.errors import DoubledColumnError, NotATableError
from qingyuan.intake.files.workbook import read_workbook

LARGEST = 1024**3
_ENCODINGS = ("utf-8-sig", "gb18030")
SEPARATORS = (",", "\t", ";", "|")
EXCEL = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_SAMPLE = 65_536


def read_table(path: Path, *, sheet: str | None = None, largest: int = LARGEST) -> pl.DataFrame:
    """The table in a CSV (UTF-8 or GB 18030, also gzipped), Parquet or Excel file, told by content.

    CSV columns come as text, so that nothing is lost before it is judged; Parquet keeps its types; an Excel
    column is numeric or a time only where all its cells are. Empty rows at the end are left out, column
    names are stripped. `sheet` names an Excel sheet, else the first that holds a table. `largest` bounds the
    size when unpacked [bytes].

    Raises NotATableError: no such file, empty, binary, too large, no header, two columns of one name, rows
    wider than the header.
    """
    name = path.name
    if is_parquet(path, largest):
        return _checked(name, _parquet(path))
    content = unpacked(name, path.read_bytes(), largest)
    if content[:4] in EXCEL:
        return _checked(name, read_workbook(name, content, sheet))
    return _checked(name, _text(name, content))


def is_parquet(path: Path, largest: int) -> bool:
    """Whether a file is Parquet, by its first bytes. Raises NotATableError: no such file, larger than `largest` bytes."""
    if not path.is_file():
        raise NotATableError(path.name, "没有这个文件", "一个存在的文件")
    if path.stat().st_size > largest:
        raise NotATableError(path.name, f"{path.stat().st_size} 字节", f"不超过 {largest} 字节的文件")
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def _parquet(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise NotATableError(path.name, f"损坏的 Parquet（{error}）", "完整的 Parquet 文件") from error


def unpacked(name: str, content: bytes, largest: int) -> bytes:
    """The content of a gzipped file, any other as it is."""
    if content[:2] != b"\x1f\x8b":
        return content
    try:
        with gzip.open(io.BytesIO(content)) as packed:
            found = packed.read(largest + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise NotATableError(name, "损坏的压缩文件", "完整的 gzip 文件") from error
    if len(found) > largest:
        raise NotATableError(name, f"解压后超过 {largest} 字节", "较小的文件，或分成几个文件")
    return found


def _text(name: str, content: bytes) -> pl.DataFrame:
    if not content.strip():
        raise NotATableError(name, "空文件", "带表头的表格")
    text = decoded(name, content)
    header = text.lstrip("\r\n").split("\n", 1)[0]
    separator = max(SEPARATORS, key=header.count)
    if not header.count(separator) and len(header) > _SAMPLE:
        raise NotATableError(name, "没有分隔符的长文本", "逗号、制表符或分号分隔的表格")
    try:
        return pl.read_csv(
            io.StringIO(text.lstrip("\r\n")),
            separator=separator,
            infer_schema=False,
            raise_if_empty=False,
        )
    except pl.exceptions.PolarsError as error:
        reason = str(error).splitlines()[0]
        raise NotATableError(name, f"行与表头不符（{reason}）", "每行格数与表头相同的表格") from error


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


def _checked(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    stripped = [column.strip() for column in frame.columns]
    twice = [column for column, times in Counter(stripped).items() if times > 1]
    marked = [column for column in stripped if "_duplicated_" in column]
    if twice or marked:
        raise DoubledColumnError(name, (twice or marked)[0].split("_duplicated_")[0])
    if not frame.width or all(not column for column in stripped):
        raise NotATableError(name, "没有表头", "第一行是列名的表格")
    frame.columns = stripped
    filled = frame.select(pl.any_horizontal(pl.all().is_not_null()).alias("filled"))["filled"]
    last = filled.arg_true()
    return frame.head(int(last[-1]) + 1 if len(last) else 0)
