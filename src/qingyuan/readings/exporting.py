"""Readings as a file other tools read: one row a reading, natural keys, Beijing times. Written part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from qingyuan.formulas import guarded, guarded_frame
from qingyuan.readings.model import Rank, Reading, Series, Status

if TYPE_CHECKING:
    import polars as pl

_BEIJING = 8 * 3600
_NUMBERS = ("series", "start", "end", "decimals", "status", "rank", "origin", "received_at", "revisions")
COLUMNS = (
    "series",
    "point",
    "item",
    "statistic",
    "grain",
    "unit",
    "start",
    "end",
    "value",
    "decimals",
    "flag",
    "qualifier",
    "status",
    "rank",
    "capture",
    "revisions",
    "origin",
    "received_at",
)
SHEET_ROWS = 1_048_575  # what a sheet of Excel holds under its head


def frame(names: dict[int, Series], readings: Sequence[Reading]) -> pl.DataFrame:
    """The readings as a frame with the columns of `COLUMNS`; times are ISO 8601 with +08:00."""
    import polars as pl

    types = dict.fromkeys(_NUMBERS, pl.Int64) | dict.fromkeys(("value", "capture"), pl.Float64)
    columns = list(zip(*readings, strict=True)) or [()] * len(Reading._fields)
    given = pl.DataFrame(
        {n: pl.Series(n, c, types.get(n, pl.String)) for n, c in zip(Reading._fields, columns, strict=True)}
    )
    words = pl.DataFrame(
        [(n, str(s.key), *s.key, s.unit) for n, s in names.items()],
        schema={"number": pl.Int64} | dict.fromkeys(COLUMNS[:6], pl.String),
        orient="row",
    )

    def text(column: str) -> pl.Expr:
        beijing = pl.from_epoch(pl.col(column) + _BEIJING, time_unit="s")
        return beijing.dt.strftime("%Y-%m-%dT%H:%M:%S+08:00").alias(column)

    def named(column: str, kinds: type[Rank] | type[Status]) -> pl.Expr:
        return pl.col(column).replace_strict({int(k): k.name.lower() for k in kinds}, return_dtype=pl.String)

    return (
        given.rename({"series": "number"})
        .join(words, on="number", how="left", maintain_order="left")
        .select(
            *COLUMNS[:6],
            text("start"),
            text("end"),
            "value",
            pl.col("decimals").cast(pl.Int16),
            "flag",
            "qualifier",
            named("status", Status),
            named("rank", Rank),
            "capture",
            pl.col("revisions").cast(pl.Int32),
            "origin",
            text("received_at"),
        )
    )


class _Writer(Protocol):
    def add(self, part: pl.DataFrame) -> None: ...
    def close(self) -> None: ...


class _Csv:
    def __init__(self, out: Path) -> None:
        self._file: IO[bytes] = out.open("wb")
        self._fresh = True

    def add(self, part: pl.DataFrame) -> None:
        guarded_frame(part).write_csv(self._file, include_header=self._fresh)
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
                    self._sheet.write_string(self._row, column, guarded(value))
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
