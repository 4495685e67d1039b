"""Reading a file into one table, whatever it was written with."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from qingyuan.formulas import unguarded_frame
from qingyuan.intake.apart.bounds import MOST_CELLS, MOST_COLUMNS
from qingyuan.intake.apart.documents import kind_of
from qingyuan.intake.apart.opening import HEAD, OpenedSheet, opened
from qingyuan.intake.apart.packed import Refused
from qingyuan.intake.files.errors import DoubledColumnError, NotATableError
from qingyuan.intake.files.folding import folded
from qingyuan.intake.files.headers import HeaderRows, find_header, is_unnamed, named
from qingyuan.intake.files.texts import LARGEST, content_of, decoded, separator_of
from qingyuan.intake.files.workbook import cell_text, frame_of

PACKED = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x00\x00\x27\x0a")
"""First bytes of a zip (xlsx, a packed shapefile), of an old Excel file and of a bare .shp."""
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


@dataclass(frozen=True)
class Table:
    """A table with where it lay: row of its first data and of its header (counted from 1), sheet, the choices there were.

    form: text, parquet, workbook, json, geojson, kml or shapefile. above: what stood above the header. unused: columns
    of the file that are part of others (units, states) and stand in no column of the frame.
    """

    frame: pl.DataFrame
    first_row: int = 2
    header_row: int = 1
    form: str = "text"
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    header_rows: tuple[int, ...] = ()
    above: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


def read_table(
    path: Path, *, sheet: str | None = None, header_row: int | None = None, largest: int = LARGEST
) -> pl.DataFrame:
    """The frame of `open_table`."""
    return open_table(path, sheet=sheet, header_row=header_row, largest=largest).frame


def open_table(path: Path, *, sheet: str | None = None, header_row: int | None = None, largest: int = LARGEST) -> Table:
    """The table in a CSV (UTF-8 or GB 18030, also gzipped), Parquet, Excel, JSON, GeoJSON, KML or packed shapefile, by content.

    CSV columns come as text, so that nothing is lost before it is judged; Parquet keeps its types; an Excel
    column is numeric or a time only where all its cells are. Empty rows at the end are left out, column
    names are stripped. `sheet` names an Excel sheet, else the one whose header is known best; `header_row` (from 1) says
    which row is the header, else it is found below titles, with a second line and a line of units. `largest` bounds
    the size when unpacked [bytes]. What a workbook or a document would take is asked before it is opened, and it is
    opened in a process of its own.

    Raises NotATableError: no such file, empty, binary, too large, no header, two columns of one name, rows
    wider than the header.
    """
    name = path.name
    if is_parquet(path, largest):
        return Table(_checked(name, _parquet(path)), form="parquet")
    with path.open("rb") as file:
        start = file.read(512)
    if start[:4] in PACKED or kind_of(start):
        return _of_sheets(path, sheet, header_row)
    return _of_text(name, decoded(name, content_of(path, largest)), header_row)


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
        columns = len(pl.read_parquet_schema(path))
        rows = int(pl.scan_parquet(path).select(pl.len()).collect().item())
        if columns > MOST_COLUMNS or rows * columns > MOST_CELLS * 10:
            raise NotATableError(path.name, f"{rows} 行、{columns} 列", f"不超过 {MOST_CELLS * 10} 格的表格")
        return pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise NotATableError(path.name, f"损坏的 Parquet（{error}）", "完整的 Parquet 文件") from error


def _of_text(name: str, text: str, header_row: int | None) -> Table:
    separator = separator_of(text)
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    rows: list[list[str]] = []
    ends: list[int] = []
    try:
        for row in reader:
            rows.append([_untagged(cell.strip()) for cell in row])
            ends.append(reader.line_num)
            if len(rows) == HEAD:
                break
    except csv.Error as error:
        raise NotATableError(name, f"读不懂的文本（{error}）", "逗号、制表符或分号分隔的表格") from error
    header = _header(name, rows, header_row)
    titles = _titles(name, header.titles)
    rest = text if not (lines := ends[header.last - 1]) else _after_lines(text, lines)
    frame = _cells(name, rest, separator, titles, header.last)
    frame = _without_tags(frame, text)
    return _settled(name, frame, header, form="text")


def _after_lines(text: str, count: int) -> str:
    at = 0
    for _ in range(count):
        here = re.compile(r"\r\n|\n|\r").search(text, at)
        if here is None:
            return ""
        at = here.end()
    return text[at:]


def _cells(name: str, text: str, separator: str, titles: Sequence[str], above: int) -> pl.DataFrame:
    """The data below the header as columns of text. Rows may be shorter than the header, or longer by blank cells."""
    schema = dict.fromkeys(titles, pl.String())
    if not text.strip():
        return pl.DataFrame(schema=schema)
    try:
        return pl.read_csv(
            io.StringIO(text), separator=separator, has_header=False, schema=schema, raise_if_empty=False
        )
    except pl.exceptions.PolarsError:
        pass
    width, rows = len(titles), []
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=separator), start=above + 1):
            if any(cell.strip() for cell in row[width:]):
                raise NotATableError(
                    name, f"第 {number} 行有 {len(row)} 格，行与表头不符（表头 {width} 列）", "每行格数与表头相同的表格"
                )
            rows.append([cell or None for cell in row[:width]] + [None] * (width - len(row)))
    except csv.Error as error:
        raise NotATableError(name, f"读不懂的文本（{error}）", "逗号、制表符或分号分隔的表格") from error
    return pl.DataFrame(rows, schema=schema, orient="row")


def _untagged(cell: str) -> str:
    return _TAG.sub("", cell).strip() if "<" in cell else cell


def _without_tags(frame: pl.DataFrame, text: str) -> pl.DataFrame:
    """Cells copied from a web page without their tags."""
    if "</" not in text:
        return frame
    return frame.with_columns(
        pl.when(pl.col(name).str.contains("</", literal=True))
        .then(pl.col(name).str.replace_all(_TAG.pattern, "").str.strip_chars())
        .otherwise(pl.col(name))
        .alias(name)
        for name in frame.columns
    )


def _of_sheets(path: Path, sheet: str | None, header_row: int | None) -> Table:
    name = path.name
    try:
        with opened(path) as sheets:
            filled = [one for one in sheets if one.count]
            names = tuple(one.name for one in filled)
            if sheet is not None and sheet not in [one.name for one in sheets]:
                raise NotATableError(name, f"没有工作表“{sheet}”", "、".join(one.name for one in sheets))
            if not filled:
                raise NotATableError(name, "空工作簿", "带表头的工作表")
            chosen = _chosen(filled, sheet)
            rows = chosen.rows()
            header = _header(name, [_texts(row) for row in rows[:HEAD]], header_row)
            titles = _titles(name, _widened(header.titles, rows[header.last :]))
            frame = frame_of(titles, rows[header.last :])
            return _settled(name, frame, header, form=chosen.form, sheet=chosen.name, sheets=names)
    except Refused as refused:
        raise NotATableError(name, refused.got, refused.expected) from refused


def _chosen(sheets: Sequence[OpenedSheet], wanted: str | None) -> OpenedSheet:
    """The sheet that is asked for, else the one whose header names most, the first of equals."""
    if wanted is not None:
        return next((one for one in sheets if one.name == wanted), sheets[0])
    if len(sheets) == 1:
        return sheets[0]
    from qingyuan.intake.files.synonyms import read_header

    def known(sheet: OpenedSheet) -> int:
        header = find_header([_texts(row) for row in sheet.rows(HEAD)])
        titles = header.titles if header and sheet.count > header.last else ()
        return len({found.role or found.item for found in map(read_header, titles)} - {""})

    return max(sheets, key=known)


def _texts(row: Sequence[object]) -> list[str]:
    return [_day_text(cell) if isinstance(cell, date) else cell_text(cell) or "" for cell in row]


def _day_text(cell: date) -> str:
    return cell.isoformat(" ") if hasattr(cell, "hour") else cell.isoformat()  # type: ignore[call-arg]


def _header(name: str, rows: Sequence[Sequence[str]], chosen: int | None) -> HeaderRows:
    widest = max((len(row) for row in rows), default=0)
    if widest > MOST_COLUMNS:
        raise NotATableError(name, f"有 {widest} 列的表格", f"不超过 {MOST_COLUMNS} 列的表格")
    header = find_header(rows, chosen)
    if header is None:
        got = "没有表头" if chosen is None else f"第 {chosen} 行没有内容"
        raise NotATableError(name, got, "有一行是列名的表格")
    return header


def _widened(titles: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """The titles, and nothing for columns beyond them that hold something all the same."""
    own = max((place + 1 for place, title in enumerate(titles) if title), default=0)
    widest = max(
        (n + 1 for row in rows for n, cell in enumerate(row) if n >= own and cell not in ("", None)), default=own
    )
    return [*titles[:own], *[""] * (widest - own)]


def _titles(name: str, titles: Sequence[str]) -> list[str]:
    if not any(titles):
        raise NotATableError(name, "没有表头", "第一行是列名的表格")
    found = named(titles)
    twice = [title for title, times in Counter(found).items() if times > 1]
    if twice and not _may_fold(found):
        raise DoubledColumnError(name, twice[0])
    counted: Counter[str] = Counter()
    unique = []
    for title in found:
        counted[title] += 1
        unique.append(title if counted[title] == 1 else f"{title}\x00{counted[title]}")
    return unique


def _may_fold(titles: Sequence[str]) -> bool:
    """Whether only columns of units and states repeat: each belongs to the item on its left."""
    return {title.lower() for title, times in Counter(titles).items() if times > 1} <= {
        "status",
        "unit",
        "units",
        "单位",
        "状态",
    }


def _settled(
    name: str, frame: pl.DataFrame, header: HeaderRows, *, form: str, sheet: str = "", sheets: tuple[str, ...] = ()
) -> Table:
    frame, unused = folded(unguarded_frame(frame))
    frame = _checked(name, frame)
    blank = [title for title in frame.columns if is_unnamed(title) and frame[title].null_count() == len(frame)]
    return Table(
        frame.drop(blank),
        header.last + 1,
        header.last,
        form,
        sheet,
        sheets,
        header.guesses,
        header.above,
        tuple(unused),
    )


def _checked(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    stripped = [column.strip() for column in frame.columns]
    twice = [column for column, times in Counter(stripped).items() if times > 1]
    if twice:
        raise DoubledColumnError(name, twice[0])
    if not frame.width or all(not column for column in stripped):
        raise NotATableError(name, "没有表头", "第一行是列名的表格")
    frame.columns = stripped
    filled = frame.select(pl.any_horizontal(pl.all().is_not_null()).alias("filled"))["filled"]
    last = filled.arg_true()
    return frame.head(int(last[-1]) + 1 if len(last) else 0)
