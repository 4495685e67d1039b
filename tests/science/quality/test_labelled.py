"""The shipped settings on readings that people labelled (precision and recall by rule: benchmarks/quality_anomalies.py)."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from qingyuan.rules import rule_book
from qingyuan.science.quality import judge, rules_for, track
from science.shared_vectors import data_file

DAY = date(2019, 1, 1)


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    path = data_file("water_lro_raw_vs_qc/MainStreet2019.parquet")
    return pl.read_parquet(path).sort("datetime").unique("datetime", keep="first", maintain_order=True)


@pytest.mark.parametrize(
    ("column", "item", "precision", "recall"),
    [
        ("temp", "water_temperature", 0.97, 0.66),
        ("cond", "conductivity", 0.92, 0.56),
        ("ph", "pH", 0.89, 0.29),
        ("do", "DO", 0.99, 0.159),
        ("turb", "turbidity", 0.45, 0.23),
    ],
)
def test_what_the_rules_find_of_what_a_technician_labelled(
    table: pl.DataFrame, column: str, item: str, precision: float, recall: float
) -> None:
    wrong = table[f"{column}_qual"].is_not_null().to_numpy()
    values = table[column].cast(pl.Float64).round(4).to_numpy()
    quality = judge(
        track(table["datetime"].dt.epoch("s").to_numpy(), values), rules_for(rule_book(), item, "minute", "water", DAY)
    )
    hit = np.array([outcome not in ("good", "noted") for outcome in quality.outcome()])
    assert (hit & wrong).sum() / hit.sum() >= precision
    assert (hit & wrong).sum() / wrong.sum() >= recall
    kept = quality.counted()
    assert np.array_equal(quality.values, values), "nothing that was read is changed"
    certain = np.array([outcome in ("bad", "missing") for outcome in quality.outcome()])
    assert np.isnan(kept[certain]).all()
    assert (certain & ~wrong).sum() <= 0.01 * certain.sum(), "what is thrown out, people threw out too"
