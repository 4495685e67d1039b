"""A year of 10,000 sections × 12 months × 21 items: class of every month and of the year.

A is ours: exact integers, both with the words that go with a class (deciding items, main pollutants with
multiples, reasons). B is the plain way in Polars: float limits, when/then, the class only. Printed are ratios of
CPU and wall in one run, the peak memory of the process, and in how many section-months the plain way gives
another class than the evaluation profile.
Run: python benchmarks/evaluate_water.py
"""

from __future__ import annotations

import resource
import sys
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parent))

from harness import compare, show
from qingyuan.rules import WaterLimit, rule_book
from qingyuan.science.water import ITEMS, classify, evaluate

SECTIONS, MONTHS = 10_000, 12
DAY = date(2025, 1, 1)
LAKE_SHARE = 0.15
ROUNDS = 3


def sample() -> pl.DataFrame:
    """Made-up months: concentrations about class II to III, with the decimals laboratories print."""
    random = np.random.default_rng(20250101)
    book, rows = rule_book(), SECTIONS * MONTHS
    lakes = random.random(SECTIONS) < LAKE_SHARE
    columns: dict[str, object] = {
        "section": np.repeat(np.arange(SECTIONS), MONTHS).astype(str),
        "body": np.repeat(np.where(lakes, "lake", "river"), MONTHS),
    }
    for item in ITEMS:
        decimals = book.decimals("water_evaluation", item, DAY)
        if item == "pH":
            columns[item] = np.round(random.normal(7.8, 0.5, rows), 2)
        else:
            bound = book.water_limit(item, "river", DAY).limit("III")
            assert bound is not None
            level = 1.6 if item == "DO" else 0.45
            columns[item] = np.round(random.gamma(4.0, float(bound) * level / 4.0, rows), decimals + 1)
    months = pl.Series("time", [date(2025, month, 5) for month in range(1, MONTHS + 1)] * SECTIONS)
    return pl.DataFrame(columns).with_columns(months)


def _rank(limit: WaterLimit) -> pl.Expr:
    value = pl.col(limit.item)
    if limit.low is not None and limit.high is not None:
        return pl.when(value.is_between(float(limit.low), float(limit.high))).then(1).otherwise(6)
    answer = pl.lit(6)
    for place in range(len(limit.limits), 0, -1):
        bound = float(limit.limits[place - 1])
        holds = value >= bound if limit.compare == "at_least" else value <= bound
        answer = pl.when(holds).then(place).otherwise(answer)
    return answer


def in_floats(frame: pl.DataFrame) -> pl.DataFrame:
    """The class by floats, without rounding, words or reasons."""
    book = rule_book()
    ranks = []
    for item in ITEMS:
        river, lake = (_rank(book.water_limit(item, body, DAY)) for body in ("river", "lake"))
        ranks.append(pl.when(pl.col("body") == "lake").then(lake).otherwise(river).alias(f"rank_{item}"))
    return frame.with_columns(pl.max_horizontal(ranks).alias("rank"))


def year_in_floats(frame: pl.DataFrame) -> pl.DataFrame:
    """Plain means over the year, then the class by floats."""
    return in_floats(frame.group_by("section", "body").agg(pl.col(ITEMS).mean()))


def main() -> None:
    """Measure, and say where the plain way differs."""
    frame = sample()
    show(
        compare(
            f"class of {len(frame)} section-months × {len(ITEMS)} items",
            ("A classify, evaluation profile", lambda: classify(frame, "evaluation")),
            ("B Polars floats, class only", lambda: in_floats(frame)),
            ROUNDS,
        ),
        compare(
            f"year of {SECTIONS} sections",
            ("A evaluate, year", lambda: evaluate(frame, "year")),
            ("B Polars float means and class only", lambda: year_in_floats(frame)),
            ROUNDS,
        ),
    )
    ours = classify(frame, "evaluation")["class"].replace_strict(
        {known.name: known.rank for known in rule_book().water_classes}, return_dtype=pl.Int64
    )
    differs = int((ours != in_floats(frame)["rank"]).sum())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(
        f"plain floats give another class in {differs} of {len(frame)} rows; peak memory {memory:.0f} MB\n"
    )


if __name__ == "__main__":
    main()
