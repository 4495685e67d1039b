"""What every file becomes: canonical rows, errors by cell, points."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

SCHEMA: dict[str, pl.DataType] = {
    "point": pl.String(),
    "item": pl.String(),
    "statistic": pl.String(),
    "grain": pl.String(),
    "unit": pl.String(),
    "start": pl.Datetime("us", "UTC"),
    "end": pl.Datetime("us", "UTC"),
    "value": pl.Float64(),
    "decimals": pl.Int16(),
    "qualifier": pl.String(),
    "flag": pl.String(),
    "status": pl.String(),
    "row": pl.Int64(),
}
"""Canonical rows: one value of one point, item and interval [start, end) in UTC.

unit is the system's unit of the item; decimals are those printed in the source (-1 not known); qualifier is
`<`, `>` or empty, in a row without a value the sentinel that came (-99999; a profile's own missing markers give no row);
flag a letter of HJ 212 or empty; status realtime, audited or issued; row the row of the source, where the header is
row 1.
"""


@dataclass(frozen=True)
class RowError:
    """A cell that was not taken: source row (header is row 1), column, what was got and expected."""

    row: int
    column: str
    got: str
    expected: str

    def text(self) -> str:
        """One line for the page."""
        return f"第{self.row}行“{self.column}”：得到{self.got}，需要{self.expected}"


@dataclass(frozen=True)
class PointInfo:
    """A point that the file names: kind air, weather, water or outlet; lon and lat [deg] where given.

    names: every name that the file gives it beside its code; has_code: `code` is a code, not the name itself.
    """

    code: str
    name: str
    kind: str
    lon: float | None = None
    lat: float | None = None
    attrs: dict[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    has_code: bool = True


@dataclass(frozen=True)
class ParsedFile:
    """The good rows, the bad cells and the points. `source_rows` counts the rows of the file.

    `empty` counts cells that hold nothing or a missing marker: they are neither rows nor errors.
    """

    rows: pl.DataFrame
    errors: list[RowError]
    points: list[PointInfo]
    source_rows: int
    empty: int
