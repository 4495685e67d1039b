"""A window of readings as a file other tools read: one row a reading, natural keys, Beijing and UTC times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from qingyuan.readings.model import Rank, Reading, Series, Status

if TYPE_CHECKING:
    import polars as pl

_BEIJING = timezone(timedelta(hours=8))
COLUMNS = (
    "series", "point", "item", "statistic", "grain", "unit", "start", "end", "value", "decimals", "flag",
    "qualifier", "status", "rank", "capture", "revisions", "origin", "received_at",
)  # fmt: skip


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


def _csv(data: pl.DataFrame, out: Path) -> None:
    data.write_csv(out)


def _parquet(data: pl.DataFrame, out: Path) -> None:
    data.write_parquet(out)


def _excel(data: pl.DataFrame, out: Path) -> None:
    data.write_excel(out)


WRITERS: dict[str, Callable[[pl.DataFrame, Path], None]] = {".csv": _csv, ".parquet": _parquet, ".xlsx": _excel}


def write(names: dict[int, Series], readings: Sequence[Reading], out: Path) -> int:
    """Write by the suffix of `out`; returns the number of rows."""
    data = frame(names, readings)
    out.parent.mkdir(parents=True, exist_ok=True)
    WRITERS[out.suffix.lower()](data, out)
    return data.height
