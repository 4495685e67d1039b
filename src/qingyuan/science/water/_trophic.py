"""Trophic state of lakes: TLI."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl

from qingyuan.rules import RuleBook, rule_book
from qingyuan.science.errors import BadArgumentError, MissingColumnError
from qingyuan.science.figures import Bounds, doubled_rows, joined_reasons, sound_figures
from qingyuan.science.rounding import round_values, scaled_column
from qingyuan.science.water._cells import numbers_of
from qingyuan.science.water._eras import by_era

TLI_COLUMNS = {
    "chla": "chla_mg_m3",
    "tp": "tp_mg_L",
    "tn": "tn_mg_L",
    "sd": "sd_m",
    "codmn": "codmn_mg_L",
}
"""Item to the column of its concentration; the unit stands in the name."""


_ITEMS = {"tp": "TP", "tn": "TN", "codmn": "CODMn"}


def tli_weights(items: Iterable[str], *, on: date | None = None, book: RuleBook | None = None) -> dict[str, float]:
    """The weights of some items of TLI, r²/Σr² over just these, so that they sum to one; `on`: the rules of a day.

    References
    ----------
    中国环境监测总站 总站生字〔2001〕090号.

    >>> {name: round(weight, 4) for name, weight in tli_weights(["chla", "tp", "tn"]).items()}
    {'chla': 0.4205, 'tp': 0.2967, 'tn': 0.2828}
    """
    known = {row.item: row.r**2 for row in (rule_book() if book is None else book).water_tables.on(on).tli_items}
    chosen = list(items)
    for name in chosen:
        if name not in known:
            raise BadArgumentError("item", name, ", ".join(known))
    total = sum((known[name] for name in chosen), Decimal(0))
    return {name: float(known[name] / total) for name in chosen}


def tli_state(tli: float, *, on: date | None = None, book: RuleBook | None = None) -> str:
    """The trophic state of an index: 贫营养 below 30, 中营养 to 50, 轻度 to 60, 中度 to 70, 重度富营养 above.

    >>> tli_state(54.0), tli_state(50.0), tli_state(29.9)
    ('轻度富营养', '中营养', '贫营养')
    """
    states = (rule_book() if book is None else book).water_tables.on(on).tli_states
    value = Decimal(str(tli))
    for state in states:
        if state.upper is None or value < state.upper or (state.upper_included and value == state.upper):
            return state.name_zh
    raise BadArgumentError("tli", tli, "an index that a row of water_tli_states.csv covers")


def tli(frame: pl.DataFrame, *, book: RuleBook | None = None) -> pl.DataFrame:
    """TLI of each row.

    Parameters
    ----------
    frame
        Any of chla_mg_m3 [mg/m³], tp_mg_L, tn_mg_L, codmn_mg_L [mg/L], sd_m [m]; instead of a concentration
        its sub-index may be given as tli_chla, tli_tp, tli_tn, tli_sd, tli_codmn. Other columns are kept;
        `time` (or `until`, `to`, `period`) picks the rules of the row's date.

    Returns
    -------
    The frame with tli_<item> (of all five), tli_sum, state, reason.

    Notes
    -----
    TLI = Σ W tli_<item>, W = r²/Σr² over the items that are there: weights are renormalised where one is
    missing, and the reason names it. Values of 0 have no logarithm and are missing, so are text,
    negative and implausible ones, all named; a non-detect is
    half its limit. Rounded once, half to even (decimals: setting); the state goes by what is printed.

    References
    ----------
    中国环境监测总站 总站生字〔2001〕090号.
    """
    book = rule_book() if book is None else book
    wanted = [*TLI_COLUMNS.values(), *(f"tli_{item}" for item in TLI_COLUMNS)]
    if not set(wanted) & set(frame.columns):
        raise MissingColumnError(wanted[:1], frame.columns)
    clean, doubts = sound_figures(frame, _bounds(book), numbers_of)
    judged = by_era(clean, book, "营养状态规则", lambda part, day: _judged(part, day, book))
    raw = [frame[name] for name in TLI_COLUMNS.values() if name in frame.columns]
    keys = [name for name in ("lake", "section", "period", "time") if name in frame.columns]
    twice = {"period", "time"} & set(keys) and {"lake", "section"} & set(keys)
    said = [doubts, judged["reason"], *([doubled_rows(frame, keys, "同一湖库同一时间有多行")] if twice else [])]
    return judged.with_columns(*raw, joined_reasons(said, len(frame)))


def _bounds(book: RuleBook) -> dict[str, Bounds]:
    """What the concentrations may be, in the units of their columns."""
    most = {TLI_COLUMNS[name]: float(book.item(item).plausible_high) for name, item in _ITEMS.items()}
    chlorophyll = book.item("chl_a")
    most[TLI_COLUMNS["chla"]] = book.convert(float(chlorophyll.plausible_high), chlorophyll.unit, "ug/L")  # = mg/m3
    most[TLI_COLUMNS["sd"]] = float(book.water_tables.on(None).number("plausible.transparency"))
    return {name: (0.0, most[name]) for name in TLI_COLUMNS.values()}


def _judged(frame: pl.DataFrame, day: date | None, book: RuleBook) -> pl.DataFrame:
    """Rows of one set of rules."""
    tables = book.water_tables.on(day)
    rows = len(frame)
    total, weight = np.zeros(rows), np.zeros(rows)
    said = [""] * rows
    columns: list[pl.Series] = []
    decimals = int(tables.number("tli.decimals"))
    for row in tables.tli_items:
        index, refused = _sub_index(frame, row.item, float(row.constant), float(row.slope))
        there = np.isfinite(index)
        r2 = float(row.r) ** 2
        total += np.where(there, r2 * index, 0.0)
        weight += np.where(there, r2, 0.0)
        columns.append(round_values(pl.Series(f"tli_{row.item}", index).fill_nan(None), decimals))
        for place in np.flatnonzero(~there).tolist():
            word = f"{row.name_zh}不是正数，按缺测" if refused[place] else f"缺{row.name_zh}"
            said[place] += ("；" if said[place] else "") + word
    with np.errstate(invalid="ignore", divide="ignore"):
        summed = round_values(pl.Series("tli_sum", total / weight).fill_nan(None), decimals)
    states = [None if value is None else tli_state(value, on=day, book=book) for value in summed]
    return frame.with_columns(
        *columns, summed, pl.Series("state", states, dtype=pl.String), pl.Series("reason", said, dtype=pl.String)
    )


def _sub_index(
    frame: pl.DataFrame, item: str, constant: float, slope: float
) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], list[bool]]:
    """Sub-indices, NaN where there is none, and the rows whose concentration has no logarithm."""
    index = np.full(len(frame), np.nan)
    refused = [False] * len(frame)
    if f"tli_{item}" in frame.columns:
        index = numbers_of(frame[f"tli_{item}"]).cast(pl.Float64).fill_null(float("nan")).to_numpy().copy()
    if TLI_COLUMNS[item] in frame.columns:
        column = frame[TLI_COLUMNS[item]]
        values = numbers_of(column).cast(pl.Float64).fill_null(float("nan")).to_numpy()
        _, usable = scaled_column(numbers_of(column))
        good = usable & (values > 0)
        index[good] = 10 * (constant + slope * np.log(values[good]))
        filled = column.cast(pl.String).str.strip_chars().fill_null("").to_numpy() != ""
        refused = (filled & ~good & ~np.isfinite(index)).tolist()
    return index, refused
