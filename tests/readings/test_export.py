"""A window as a file that other tools read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from qingyuan.readings import ReadingsError, Store
from readings.samples import HOUR, KEY, T0, reading


def rows_of(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".xlsx":
        head, *body = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
        return [dict(zip(head, [None if v == "" else v for v in row], strict=True)) for row in body]
    return (pl.read_csv if path.suffix == ".csv" else pl.read_parquet)(path).to_dicts()


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".xlsx"])
def test_file_holds_values_units_times_and_origin(store: Store, tmp_path: Path, suffix: str) -> None:
    store.append([reading(0, 41.5, origin=7), reading(1, None, flag="D", origin=8)])
    store.append([reading(0, 42.5, origin=9)])
    number = store.series_of([KEY])[KEY].id
    out = tmp_path / f"out{suffix}"
    assert store.export([number], T0, T0 + 2 * HOUR, out) == 2
    rows = rows_of(out)
    assert [r["value"] for r in rows] == [42.5, None]
    assert [r["series"] for r in rows] == ["D01/NOx/Avg/hour"] * 2
    assert rows[0]["start"] == "2023-11-15T08:00:00+08:00"
    assert (rows[0]["unit"], rows[0]["rank"], rows[0]["revisions"], rows[0]["origin"]) == ("mg/m3", "reported", 2, 9)
    assert rows[1]["flag"] == "D"


def test_export_as_of_a_date(store: Store, tmp_path: Path) -> None:
    store.append([reading(0, 1.0, received_at=T0 + 1, origin=1)])
    store.append([reading(0, 2.0, received_at=T0 + 2, origin=2)])
    number = store.series_of([KEY])[KEY].id
    store.export([number], T0, T0 + HOUR, tmp_path / "o.csv", as_of=T0 + 1)
    assert pl.read_csv(tmp_path / "o.csv")["value"].to_list() == [1.0]


def test_unknown_suffix_is_refused_before_anything_is_written(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ReadingsError, match=r"got suffix '\.pdf', expected one of"):
        store.export([], T0, T0 + 1, tmp_path / "o.pdf")
    assert not (tmp_path / "o.pdf").exists()
