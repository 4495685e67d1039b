"""How well the quality rules find what people labelled: precision and recall by rule and by kind of anomaly.

Data, read in place from the shared folder (QINGYUAN_SHARED): Logan River, 15 min, labelled by a technician
(water_lro_raw_vs_qc), and Sandy Creek, 90 min, labelled with kinds (water_oddwater_labelled). Two settings each:
`shipped` as in quality_rules.csv, counted on the whole series, and `site`: spike and rate with twice the 0.999 quantile
of what the first half of the series shows outside its labels, counted on the second half. A hit that is only "noted"
is none here.

Precision: share of the readings hit that are labelled. Recall: share of the labelled readings that are hit.

Run: python benchmarks/quality_anomalies.py
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qingyuan.rules import rule_book
from qingyuan.science.quality import Rate, Rule, Spike, Track, judge, rules_for, track

ROOT = Path(__file__).resolve().parents[1]
ITEMS = {"temp": "water_temperature", "cond": "conductivity", "ph": "pH", "do": "DO", "turb": "turbidity"}
KINDS = {
    "A": "sudden large spike",
    "B": "low variability",
    "C": "constant offset",
    "D": "sudden shift",
    "E": "high variability",
    "F": "impossible",
    "G": "out of range",
    "H": "drift",
    "I": "cluster of spikes",
    "J": "small spike",
    "K": "missing",
    "L": "other",
}
DAY = date(2019, 1, 1)


@dataclass(frozen=True)
class Labelled:
    """A series with its labels; `kind` of each label, where the data say it."""

    name: str
    item: str
    rows: Track
    wrong: NDArray[np.bool_]
    kind: list[str]


def shared() -> Path:
    """The shared folder's data."""
    return (ROOT / os.environ.get("QINGYUAN_SHARED", "../shared")).resolve() / "data"


def logan(folder: Path) -> Iterator[Labelled]:
    """Five items at two stations; no kinds."""
    for site in ("MainStreet", "TonyGrove"):
        table = pl.read_parquet(folder / "water_lro_raw_vs_qc" / f"{site}2019.parquet").sort("datetime")
        table = table.unique("datetime", keep="first", maintain_order=True)
        seconds = table["datetime"].dt.epoch("s").to_numpy()
        for column, item in ITEMS.items():
            values = table[column].cast(pl.Float64).round(4).to_numpy()
            wrong = table[f"{column}_qual"].is_not_null().to_numpy()
            yield Labelled(f"{site} {column}", item, track(seconds, values), wrong, [""] * len(values))


def sandy(folder: Path) -> Iterator[Labelled]:
    """Turbidity and conductivity with kinds."""
    table = pl.read_csv(
        folder / "water_oddwater_labelled" / "sandy_labelled.csv.gz", null_values=["NA"], infer_schema_length=None
    )
    table = table.with_columns(pl.col("Timestamp").str.to_datetime()).sort("Timestamp")
    table = table.unique("Timestamp", keep="first", maintain_order=True)
    seconds = table["Timestamp"].dt.epoch("s").to_numpy()
    for column, item in (("Tur", "turbidity"), ("Cond", "conductivity")):
        rows = track(seconds, table[column].to_numpy())
        yield Labelled(
            f"Sandy {column}", item, rows, table[f"label_{column}"].to_numpy() == 1, table[f"type_{column}"].to_list()
        )


def for_site(rules: tuple[Rule, ...], case: Labelled) -> tuple[Rule, ...]:
    """Spike and rate with tolerances from the first half of the series."""
    half = len(case.rows) // 2
    values = np.where(case.wrong, np.nan, case.rows.values)[:half]
    change = np.abs(np.diff(values))
    hours = np.diff(case.rows.start[:half]) / 3600
    out = np.minimum(change[1:], change[:-1])
    spike, rate = (2 * float(np.nanquantile(found, 0.999)) for found in (out, change / hours))
    found: list[Rule] = [rule for rule in rules if not isinstance(rule, Spike | Rate)]
    found.append(Spike(tolerance=spike, minutes=360))
    found.append(Rate(tolerance=rate, minutes=360))
    return tuple(found)


def counts(case: Labelled, rules: tuple[Rule, ...]) -> dict[str, NDArray[np.bool_]]:
    """What each rule hits, and all together."""
    quality = judge(case.rows, rules)
    found: dict[str, NDArray[np.bool_]] = {}
    for rule, hit in zip(quality.rules, quality.hits, strict=True):
        if rule.outcome != "noted":
            found[rule.kind] = found.get(rule.kind, np.zeros(len(hit), dtype=np.bool_)) | hit
    found["any rule"] = np.logical_or.reduce(list(found.values()))
    return found


def main() -> None:
    """Print the tables."""
    folder = shared()
    if not folder.is_dir():
        sys.exit(f"{folder} is absent; set QINGYUAN_SHARED to the shared folder")
    book = rule_book()
    kinds: dict[tuple[str, str], list[int]] = {}
    print(f"{'series':<16}{'settings':<9}{'rule':<13}{'hit':>6}{'labelled':>9}{'precision':>10}{'recall':>8}")
    for case in (*logan(folder), *sandy(folder)):
        half = len(case.rows) // 2
        shipped = rules_for(book, case.item, "minute", "water", DAY)
        for settings, rules, since in (("shipped", shipped, 0), ("site", for_site(shipped, case), half)):
            found = {name: hit[since:] for name, hit in counts(case, rules).items()}
            wrong = case.wrong[since:]
            for name, hit in found.items():
                if hit.any() or name == "any rule":
                    right = int((hit & wrong).sum())
                    precision = f"{right / hit.sum():.2f}" if hit.any() else "-"
                    recall = f"{right / wrong.sum():.3f}" if wrong.any() else "-"
                    ends = f"{hit.sum():>6}{wrong.sum():>9}{precision:>10}{recall:>8}"
                    print(f"{case.name:<16}{settings:<9}{name:<13}{ends}")
            for letter, meaning in KINDS.items():
                labelled = wrong & (np.array(case.kind[since:]) == letter)
                if labelled.any():
                    tally = kinds.setdefault((meaning, settings), [0, 0])
                    tally[0] += int((labelled & found["any rule"]).sum())
                    tally[1] += int(labelled.sum())
    print(f"\n{'kind of anomaly (Sandy)':<26}{'settings':<9}{'found':>6}{'of':>6}{'recall':>8}")
    for (meaning, settings), (right, all_of) in kinds.items():
        print(f"{meaning:<26}{settings:<9}{right:>6}{all_of:>6}{right / all_of:>8.3f}")


if __name__ == "__main__":
    main()
