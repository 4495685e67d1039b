"""Readings as a file other tools read: one row a reading, natural keys, Beijing times. Written part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from qingyuan.readings.model import Rank, Reading, Series, Status

if TYPE_CHECKING:
    import polars as pl

_BEIJING = timezone(timedelta(hours=8))
COLUMNS = (
    "series", "point", "item", "statistic", "grain", "unit", "start", "end", "value", "decimals", "flag",
    "qualifier", "status", "rank", "capture", "revisions", "origin", "received_at",
)  # fmt: skip
SHEET_ROWS = 1_048_575  # what a sheet of Excel holds under its head


def _text(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).astimezone(_BEIJING).isoformat()


def frame(names: dict[int, Series], readings: Sequence[Reading]) -> pl.DataFrame:
    """The readings as a frame with the columns of `COLUMNS`; times are ISO 8601 with +08:00."""
    import polars as pl

    rows = [
        (
            str(names[r.series].key), *names[r.series].key, names[r.series].unit, _text(r.start), _text(r.end), r.value,
            r.decimals, r.flag, r.qualifier, Status(r.status).name.lower(), Rank(r.rank).name.lower(), r.capture,
            r.revisions, r.origin, _text(r.received_at),
        )
        for r in readings
    ]  # fmt: skip
    types = {
        "value": pl.Float64, "decimals": pl.Int16, "capture": pl.Float64, "revisions": pl.Int32, "origin": pl.Int64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema={c: types.get(c, pl.String) for c in COLUMNS}, orient="row")


class _Writer(Protocol):
    def add(self, part: pl.DataFrame) -> None: ...
    def close(self) -> None: ...


class _Csv:
    def __init__(self, out: Path) -> None:
        self._file: IO[bytes] = out.open("wb")
        self._fresh = True

    def add(self, part: pl.DataFrame) -> None:
        part.write_csv(self._file, include_header=self._fresh)
        self._fresh = False

    def close(self) -> None:
        self._file.close()


class _Parquet:
    def __init__(self, out: Path) -> None:
        self._out = out
        self._writer: Any = None

    def add(self, part: pl.DataFrame) -> None:
        import pyarrow.parquet as pq

        table = part.to_arrow()
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._out, table.schema, compression="zstd")
        self._writer.write_table(table)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


class _Excel:
    """Sheet after sheet when one is full."""

    def __init__(self, out: Path) -> None:
        import xlsxwriter

        self._book = xlsxwriter.Workbook(out, {"constant_memory": True})
        self._sheet: Any = None
        self._row = SHEET_ROWS

    def add(self, part: pl.DataFrame) -> None:
        if self._sheet is None:
            self._begin()
        for values in part.iter_rows():
            if self._row >= SHEET_ROWS:
                self._begin()
            self._row += 1
            for column, value in enumerate(values):
                if isinstance(value, str):
                    self._sheet.write_string(self._row, column, value)
                elif value is not None:
                    self._sheet.write_number(self._row, column, value)

    def _begin(self) -> None:
        self._sheet, self._row = self._book.add_worksheet(), 0
        self._sheet.write_row(0, 0, COLUMNS)

    def close(self) -> None:
        self._book.close()


WRITERS: dict[str, Callable[[Path], _Writer]] = {".csv": _Csv, ".parquet": _Parquet, ".xlsx": _Excel}


def write(names: dict[int, Series], parts: Iterable[Sequence[Reading]], out: Path) -> int:
    """Write by the suffix of `out`, which has its name only when it is whole; returns the number of rows."""
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_name(f".{out.name}.part{out.suffix}")
    writer = WRITERS[out.suffix.lower()](unfinished)
    rows = 0
    try:
        writer.add(frame(names, []))  # the head, also of nothing
        for part in parts:
            writer.add(frame(names, part))
            rows += len(part)
        writer.close()
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
    return rows
