"""Periods by columns say what the row-by-row functions say, on whatever parts."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.science.errors import BadArgumentError
from qingyuan.science.sources import Part, period_flag, period_value, recompute_periods

DAY = date(2026, 11, 1)
NAN = float("nan")
ITEMS = [("flue_gas", "SO2"), ("waste_water", "COD"), ("waste_water", "pH")]
VALUES = st.one_of(st.just(NAN), st.floats(-1, 13).map(lambda v: round(v, 3)))
PARTS = st.lists(
    st.tuples(VALUES, st.sampled_from(["", "N", "D", "F", "M", "T"]), st.sampled_from([NAN, 0.0, 1.5, 4.0])), max_size=8
)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(st.sampled_from(ITEMS), st.sampled_from(["hour", "day"]), st.lists(PARTS, min_size=1, max_size=4))
def test_as_row_by_row(what: tuple[str, str], level: str, periods: list[list[tuple[float, str, float]]]) -> None:
    medium, item = what
    parts = [(number, *part) for number, period in enumerate(periods) for part in period]
    columns = [list(column) for column in zip(*parts, strict=True)] or [[], [], [], []]
    found = recompute_periods(
        columns[0],
        len(periods),
        columns[1],
        columns[2],
        8,
        level,
        medium,
        item,
        DAY,
        flows=columns[3],  # type: ignore[arg-type]
    )
    for number, period in enumerate(periods):
        rows = [Part(v, flag, None if np.isnan(flow) else flow) for v, flag, flow in period]
        one = period_value(rows, 8, level, medium, item, DAY)  # type: ignore[arg-type]
        counts = tuple(int(c[number]) for c in (found.n_valid, found.n_invalid, found.n_missing, found.n_stopped))
        assert counts == (one.n_valid, one.n_invalid, one.n_missing, one.n_stopped)
        assert bool(found.is_valid[number]) == one.is_valid
        assert found.value[number] == pytest.approx(NAN if one.value is None else one.value, nan_ok=True, abs=1e-9)
        flag = period_flag([f for _, f, _ in period], medium, DAY) if period else ""  # type: ignore[arg-type]
        assert found.flag[number] == flag


def test_more_parts_than_expected() -> None:
    with pytest.raises(BadArgumentError):
        recompute_periods([0, 0], 1, [1.0, 2.0], ["", ""], 1, "hour", "flue_gas", "SO2", DAY)
