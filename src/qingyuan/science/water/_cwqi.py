"""City water quality index (CWQI) for ranking."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl

from qingyuan.rules import RuleBook, rule_book
from qingyuan.science.errors import MissingColumnError
from qingyuan.science.figures import Bounds, doubled_rows, joined_reasons, sound_figures
from qingyuan.science.rounding import SCALE, round_values
from qingyuan.science.water._cells import numbers_of, read_cells, sampling_time
from qingyuan.science.water._classify import BODIES, ITEMS
from qingyuan.science.water._eras import by_era
from qingyuan.science.water._item import MAIN_CLASS
from qingyuan.science.water._means import PH, mean_values, read_values


def cwqi(frame: pl.DataFrame, *, book: RuleBook | None = None) -> pl.DataFrame:
    """The index of each row: the sum of its items' indices; lower is better.

    Parameters
    ----------
    frame
        `body` (river or lake, for TP) and any of the 21 items [mg/L; pH without unit], as period means;
        `time` (or `until`, `to`, `period`) picks the limits of the row's date. Other columns are kept.

    Returns
    -------
    The frame with cwqi_<item>, cwqi, cwqi_items (how many items), reason (items that are missing).

    Notes
    -----
    pH up to 7: (7 - C)/(7 - 6); above: (C - 7)/(9 - 7). DO: limit/C. Others: C/limit; limits of class III. A
    sum over fewer items is not comparable with one over more: compare only equal `cwqi_items`. A non-detect
    is half its limit; DO of 0 has no index. Text, negative
    and implausible values are missing, and named. Rounded half to even (four decimals).

    References
    ----------
    城市地表水环境质量排名技术规定（试行）, 2017, as encoded by two public packages.
    """
    book = rule_book() if book is None else book
    if "body" not in frame.columns:
        raise MissingColumnError(["body"], frame.columns)
    items = [item for item in ITEMS if item in frame.columns]
    clean, doubts = sound_figures(frame, _bounds(items, book), numbers_of)
    judged = by_era(clean, book, "水质指数规则", lambda part, day: _judged(part, day, book))
    keys = [name for name in ("section", "period", "time") if name in frame.columns]
    said = [doubts, judged["reason"]]
    if len(keys) > 1:
        said.append(doubled_rows(frame, keys, "同一断面同一时段有多行"))
    return judged.with_columns(*(frame[item] for item in items), joined_reasons(said, len(frame)))


def _bounds(items: list[str], book: RuleBook) -> dict[str, Bounds]:
    return {item: (0.0, float(book.item(item).plausible_high)) for item in items}


def _judged(frame: pl.DataFrame, on: date | None, book: RuleBook) -> pl.DataFrame:
    """Rows of one set of rules."""
    day = book.water_limit_rows.turning_days[-1] if on is None else on
    decimals = int(book.water_tables.on(on).number("cwqi.decimals"))
    total, count = np.zeros(len(frame)), np.zeros(len(frame), dtype=np.int64)
    lacking: list[list[str]] = [[] for _ in range(len(frame))]
    columns: list[pl.Series] = []
    bodies = frame["body"].cast(pl.String)
    for item in ITEMS:
        index = np.full(len(frame), np.nan)
        if item in frame.columns:
            values, usable, _ = read_cells(frame[item])
            usable &= values >= 0
            for body in BODIES:
                shared = book.water_limit_rows.get((item, "any"), day) is not None
                chosen = usable if shared else usable & (bodies == body).fill_null(False).to_numpy()
                index[chosen] = _index(item, values[chosen] / SCALE, body, day, book)
            columns.append(round_values(pl.Series(f"cwqi_{item}", index).fill_nan(None), decimals))
        there = np.isfinite(index)
        total += np.where(there, index, 0.0)
        count += there
        for place in np.flatnonzero(~there).tolist():
            lacking[place].append(item)
    summed = round_values(pl.Series("cwqi", np.where(count > 0, total, np.nan)).fill_nan(None), decimals)
    reason = [f"缺{'、'.join(names)}，共{len(ITEMS) - len(names)}项" if names else "" for names in lacking]
    return frame.with_columns(
        *columns, summed, pl.Series("cwqi_items", count), pl.Series("reason", reason, dtype=pl.String)
    )


def city_cwqi(frame: pl.DataFrame, *, book: RuleBook | None = None) -> pl.DataFrame:
    """The index of each city.

    Parameters
    ----------
    frame
        `city`, `section`, `body` and items, one row a section (period means); `period` where there are
        several.

    Returns
    -------
    city (and period), n_river, n_lake, cwqi_river, cwqi_lake, cwqi, cwqi_items, reason; sorted.

    Notes
    -----
    Concentrations are averaged over the sections of each kind first (pH by hydrogen ions), then indexed; the
    city is the mean of both kinds weighted by their numbers of sections (from memory, hence a setting).

    References
    ----------
    城市地表水环境质量排名技术规定（试行）, 2017.
    """
    book = rule_book() if book is None else book
    missing = [name for name in ("city", "section", "body") if name not in frame.columns]
    if missing:
        raise MissingColumnError(missing, frame.columns)
    names = ["city", *(["period"] if "period" in frame.columns else [])]
    rows: list[dict[str, Any]] = []
    items = [item for item in ITEMS if item in frame.columns]
    _, doubts = sound_figures(frame, _bounds(items, book), numbers_of)
    twice = doubled_rows(frame, [*names, "section"], "同一断面有多行，一起平均")
    frame = frame.with_columns(joined_reasons([doubts, twice], len(frame)).alias("_doubts"))
    for key, part in frame.group_by(names, maintain_order=True):
        row: dict[str, Any] = dict(zip(names, key, strict=True))
        weighted, sections = 0.0, 0
        reasons: list[str] = []
        fewest = len(ITEMS)
        for body in BODIES:
            own = part.filter(pl.col("body") == body)
            row |= {f"n_{body}": len(own), f"cwqi_{body}": None}
            if len(own):
                one = cwqi(_mean_row(own, body, book), book=book).row(0, named=True)
                row[f"cwqi_{body}"] = one["cwqi"]
                if one["cwqi"] is not None:
                    weighted += one["cwqi"] * len(own)
                    sections += len(own)
                    fewest = min(fewest, one["cwqi_items"])
                reasons += [one["reason"]] if one["reason"] else []
        other = len(part) - row["n_river"] - row["n_lake"]
        reasons += [f"{other}个断面水体类型不明，未计入"] if other else []
        told = part["_doubts"].str.split("；").explode().value_counts(sort=True)
        reasons += [f"{rows}行：{text}" for text, rows in told.iter_rows() if text]
        row |= {
            "cwqi": weighted / sections if sections else None,
            "cwqi_items": fewest if sections else 0,
            "reason": "；".join(dict.fromkeys(reasons)),
        }
        rows.append(row)
    result = pl.DataFrame(rows, infer_schema_length=None)
    decimals = int(book.water_tables.on(None).number("cwqi.decimals"))
    return result.with_columns(round_values(result["cwqi"].cast(pl.Float64), decimals)).sort(names) if rows else result


def _index(
    item: str, values: np.ndarray[Any, np.dtype[np.float64]], body: str, day: date, book: RuleBook
) -> np.ndarray[Any, np.dtype[np.float64]]:
    limit = book.water_limit(item, body, day)
    if item == PH:
        neutral = float(book.water_tables.on(day).number("cwqi.ph.neutral"))
        assert limit.low is not None
        assert limit.high is not None
        acid, alkaline = neutral - float(limit.low), float(limit.high) - neutral
        ph: np.ndarray[Any, np.dtype[np.float64]] = np.where(
            values <= neutral, (neutral - values) / acid, (values - neutral) / alkaline
        )
        return ph
    bound = limit.limit(MAIN_CLASS)
    assert bound is not None
    if limit.compare == "at_most":
        return values / float(bound)
    with np.errstate(divide="ignore"):
        reversed_index: np.ndarray[Any, np.dtype[np.float64]] = np.where(values > 0, float(bound) / values, np.nan)
    return reversed_index


def _day(frame: pl.DataFrame, book: RuleBook) -> date:
    if "time" in frame.columns:
        last = sampling_time(frame["time"]).dt.date().max()
        if isinstance(last, date):
            return last
    return book.water_limit_rows.turning_days[-1]


def _mean_row(part: pl.DataFrame, body: str, book: RuleBook) -> pl.DataFrame:
    items = [item for item in ITEMS if item in part.columns]
    values, _ = read_values(part, items, book)
    means = mean_values(np.zeros(len(part), dtype=np.int64), 1, values)
    cells = {item: [scaled[0] / SCALE if some[0] else None] for item, (scaled, some) in means.items()}
    one = pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.Float64)).with_columns(pl.lit(body).alias("body"))
    return one.with_columns(pl.lit(_day(part, book)).alias("time"))
