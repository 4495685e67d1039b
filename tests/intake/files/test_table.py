"""Files of every kind become one table, or one clear error."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from qingyuan.intake.files import NotATableError, read_table

TEXT = "时间,站点,二氧化硫\n2026-03-01 08:00,城东,12\n2026-03-01 09:00,城东,\n"
EXPECTED = [("2026-03-01 08:00", "城东", "12"), ("2026-03-01 09:00", "城东", None)]


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("gb18030"),
        TEXT.encode("utf-16"),
        gzip.compress(TEXT.encode("gb18030")),
        TEXT.replace(",", "\t").encode(),
        TEXT.replace(",", ";").encode(),
        TEXT.replace("\n", "\r\n").encode(),
        (TEXT + ",,\n,,\n").encode(),
    ],
    ids=[
        "utf-8",
        "with BOM",
        "gb18030",
        "utf-16",
        "gzipped",
        "tabs",
        "semicolons",
        "Windows lines",
        "empty tail",
    ],
)
def test_text_tables(tmp_path: Path, content: bytes) -> None:
    table = read_table(written(tmp_path / "表.dat", content))
    assert table.columns == ["时间", "站点", "二氧化硫"]
    assert table.rows() == EXPECTED


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [1.5, None], "t": ["x", "y"]})
    frame.write_parquet(tmp_path / "a.bin")
    assert read_table(tmp_path / "a.bin").equals(frame)


def test_excel_columns_are_numeric_or_times_only_where_all_cells_are(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("空")
    sheet = book.add_worksheet("数据")
    for row, cells in enumerate([["编码", "氨氮", "总磷"], ["A1", 0.5, "<0.01"], ["A2", 1, 0.02]]):
        sheet.write_row(row, 0, cells)
    book.close()
    table = read_table(path)
    assert table.rows() == [("A1", 0.5, "<0.01"), ("A2", 1.0, "0.02")]
    assert table.schema["氨氮"] == pl.Float64
    assert read_table(path, sheet="数据").equals(table)
    with pytest.raises(NotATableError, match="没有工作表"):
        read_table(path, sheet="没有")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空文件"),
        (b"  \n \n", "空文件"),
        (b"\x00\x01\x02\xff\xfe\x80" * 50, "既不是"),
        (b"PAR1 broken", "损坏的 Parquet"),
        (b"\x1f\x8b broken", "损坏的压缩文件"),
        (b"PK\x03\x04 broken", "打不开的 Excel"),
        (b"a,b\n1,2,3\n", "行与表头不符"),
        (b"a,a\n1,2\n", "重复的列名 a"),
        (b"a, a\n1,2\n", "重复的列名 a"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_table_is_one_clear_error(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(NotATableError, match=words):
        read_table(written(tmp_path / "x.csv", content))


def test_a_missing_or_too_large_file(tmp_path: Path) -> None:
    with pytest.raises(NotATableError, match="没有这个文件"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(NotATableError, match="不超过"):
        read_table(written(tmp_path / "big.csv", TEXT.encode() * 10), largest=100)
    packed = written(tmp_path / "bomb.gz", gzip.compress(b"a,b\n" + b"1,2\n" * 10_000))
    with pytest.raises(NotATableError, match="解压后超过"):
        read_table(packed, largest=1000)


def test_a_header_alone_is_an_empty_table(tmp_path: Path) -> None:
    table = read_table(written(tmp_path / "x.csv", b"a,b\n"))
    assert (table.columns, len(table)) == (["a", "b"], 0)
