"""Sewage collection rate and pollutant balance: a calculator by settings, with every input on the page."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from qingyuan.rules import NoRuleError, RuleBook, rule_book
from qingyuan.science.errors import MissingColumnError
from qingyuan.science.figures import NOTHING, Bounds, sound_figures
from qingyuan.science.water._cells import numbers_of
from qingyuan.science.water._eras import dates_of

PERCENT = 100
DIGITS = 6
FORMULA = (
    "Σ(进水COD×生活水量)÷({:g}×生活污水产生量)；Σ(进水BOD5×水量)÷({:g}×天数)÷服务人口（公式和参考值均为设定，未核实）"
)
BALANCE_COLUMNS = (
    "volume_m3",
    "industrial_share",
    "cod_in_mg_L",
    "bod_in_mg_L",
    "domestic_sewage_m3",
    "population",
    "days",
)


_NUMBERS = (
    "domestic_volume_m3",
    "cod_load_t",
    "bod_load_t",
    "domestic_sewage_m3",
    "population",
    "days",
    "cod_reference_mg_L",
    "bod_g_person_day",
    "expected_cod_t",
    "rate_cod_pct",
    "people_connected",
    "rate_bod_pct",
    "uncollected_cod_t",
)
_SCHEMA: dict[str, type[pl.DataType]] = {
    "plants": pl.Int64,
    **dict.fromkeys(_NUMBERS, pl.Float64),
    "people_connected": pl.Int64,
    "formula": pl.String,
    "reason": pl.String,
}


def balance(frame: pl.DataFrame, *, book: RuleBook | None = None) -> pl.DataFrame:
    """Collection rates of areas from their sewage works.

    Parameters
    ----------
    frame
        A row a plant (and period, where there is a column `period`): `area`, `volume_m3` (inflow of the period),
        `industrial_share` [0 to 1, empty 0],
        `cod_in_mg_L` and `bod_in_mg_L` (inflow means); and, the same in all rows of an area or in one of
        them, `domestic_sewage_m3` (produced), `population` (served), `days` of the period.

    Returns
    -------
    A row an area (and period): area, plants, domestic_volume_m3, cod_load_t, bod_load_t, domestic_sewage_m3, population,
    days, cod_reference_mg_L, bod_g_person_day, expected_cod_t, rate_cod_pct, people_connected, rate_bod_pct,
    uncollected_cod_t, formula, reason.

    Notes
    -----
    rate_cod = Σ(COD in · domestic volume) / (reference COD · domestic sewage produced). rate_bod = Σ(BOD5 in
    · volume) / (BOD5 a person and day · days) / population. Both forms and both reference values are
    settings: no public text of a provincial method was found; those in force on the last day of `period` (or
    `time`) are taken. A plant without a value leaves its load out and is named, so is one with text, a negative or
    an implausible value; of different facts of one area the first is taken, and said; a rate without its inputs is
    missing, never 0.
    """
    book = rule_book() if book is None else book
    missing = [name for name in ("area", "volume_m3") if name not in frame.columns]
    if missing:
        raise MissingColumnError(missing, frame.columns)
    days = dates_of(frame)
    clean, doubts = sound_figures(frame, _bounds(book), numbers_of)
    cells = clean.with_columns(
        *(pl.lit(None, dtype=pl.Float64).alias(name) for name in BALANCE_COLUMNS if name not in frame.columns),
        doubts.alias("_doubts"),
        _given(frame).alias("_share_given"),
        pl.Series("_day", [None] * len(frame), dtype=pl.Date) if days is None else days.alias("_day"),
    )
    keys = ["area", *(["period"] if "period" in frame.columns else [])]
    rows = []
    for key, part in cells.group_by(keys, maintain_order=True):
        day = part["_day"].max()
        assert day is None or isinstance(day, date)
        names = {name: None if one is None else str(one) for name, one in zip(keys, key, strict=True)}
        try:
            rules = book.water_tables.on(day)
            reference, person = (float(rules.number(f"balance.{name}")) for name in ("cod.reference", "bod.per_person"))
        except NoRuleError:
            rows.append(names | {"plants": len(part), "reason": "早于任何平衡核算规则"})
        else:
            rows.append(_area(names, part, reference, person))
    return pl.DataFrame(rows, schema={**dict.fromkeys(keys, pl.String), **_SCHEMA})


def _given(frame: pl.DataFrame) -> pl.Series:
    """Rows whose industrial share is written; an odd one is unknown then, not 0."""
    if "industrial_share" not in frame.columns:
        return pl.Series([False] * len(frame))
    return frame["industrial_share"].cast(pl.String).str.strip_chars().fill_null("").is_in(NOTHING).not_()


def _bounds(book: RuleBook) -> dict[str, Bounds]:
    cod, bod = (float(book.item(item).plausible_high) for item in ("COD", "BOD5"))
    most = {"industrial_share": 1.0, "cod_in_mg_L": cod, "bod_in_mg_L": bod}
    return {name: (0.0, most.get(name)) for name in BALANCE_COLUMNS}


def _area(names: dict[str, str | None], part: pl.DataFrame, reference: float, person: float) -> dict[str, Any]:
    share = pl.when(pl.col("_share_given")).then("industrial_share").otherwise(0.0)
    domestic = pl.col("volume_m3") * (1 - share)
    sums = part.select(
        pl.when(domestic.is_not_null().any()).then(domestic.sum()).alias("domestic"),
        (pl.col("cod_in_mg_L") * domestic).sum().alias("cod"),
        (pl.col("bod_in_mg_L") * pl.col("volume_m3")).sum().alias("bod"),
        pl.col("domestic_sewage_m3").drop_nulls().first().alias("sewage"),
        pl.col("population").drop_nulls().first().alias("people"),
        pl.col("days").drop_nulls().first().alias("days"),
    ).row(0, named=True)
    without = part.select(
        pl.col("volume_m3").is_null().sum().alias("volume_m3"),
        pl.col("cod_in_mg_L").is_null().sum().alias("cod_in_mg_L"),
        pl.col("bod_in_mg_L").is_null().sum().alias("bod_in_mg_L"),
        (pl.col("cod_in_mg_L") * domestic).is_not_null().any().alias("has_cod"),
        (pl.col("bod_in_mg_L") * pl.col("volume_m3")).is_not_null().any().alias("has_bod"),
    ).row(0, named=True)
    has_cod, has_bod = without.pop("has_cod"), without.pop("has_bod")
    cod, bod = sums["cod"] / 1e6 if has_cod else None, sums["bod"] / 1e6 if has_bod else None
    expected = reference * sums["sewage"] / 1e6 if sums["sewage"] else None
    connected = bod * 1e6 / (person * sums["days"]) if bod is not None and sums["days"] else None
    said = [] if names["area"] else ["缺area"]
    said += [f"{times}座厂：{text}" for text, times in part["_doubts"].value_counts(sort=True).iter_rows() if text]
    said += [
        f"{name}在同一区有不同的值，取第一个"
        for name in ("domestic_sewage_m3", "population", "days")
        if part[name].drop_nulls().n_unique() > 1
    ]
    said += [f"{count}座厂缺{name}" for name, count in without.items() if count]
    said += [
        f"缺{name}"
        for name, key in (("domestic_sewage_m3", "sewage"), ("population", "people"), ("days", "days"))
        if not sums[key]
    ]
    found = {
        **names,
        "plants": len(part),
        "domestic_volume_m3": sums["domestic"],
        "cod_load_t": cod,
        "bod_load_t": bod,
        "domestic_sewage_m3": sums["sewage"],
        "population": sums["people"],
        "days": sums["days"],
        "cod_reference_mg_L": reference,
        "bod_g_person_day": person,
        "expected_cod_t": expected,
        "rate_cod_pct": _share(cod, expected),
        "people_connected": None if connected is None else round(connected),
        "rate_bod_pct": _share(connected, sums["people"]),
        "uncollected_cod_t": None if cod is None or expected is None else expected - cod,
        "formula": FORMULA.format(reference, person),
        "reason": "；".join(said),
    }
    return {name: round(value, DIGITS) if isinstance(value, float) else value for name, value in found.items()}


def _share(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole else round(PERCENT * part / whole, 2)
