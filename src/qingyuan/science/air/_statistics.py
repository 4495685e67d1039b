"""Figures of periods from daily values: means, percentiles, compliance, rates, good days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from qingyuan.rules import NoRuleError, RuleBook
from qingyuan.rules.air_evaluation import AirEvaluation, AirStatistic
from qingyuan.science.air._enough import Enough
from qingyuan.science.air._limits import NO_LIMIT, Limits, exceedance_multiple
from qingyuan.science.air._period import PeriodName, Periods, cut
from qingyuan.science.rounding import (
    SCALE_DECIMALS,
    Integers,
    Mask,
    divide_half_even,
    scaled_column,
    unscaled,
)

JUDGED = ("SO2", "NO2", "CO", "O3_8h", "PM10", "PM2_5")
_SPARSE = 4
GOOD = ("I", "II")
HEAVY = ("V", "VI")


@dataclass(frozen=True)
class Rules:
    """The rules a period is judged by, and whether values with too few days are kept (and named)."""

    book: RuleBook
    evaluation: AirEvaluation
    limits: Limits
    keep_invalid: bool = False


def period_statistics(days: pl.DataFrame, key: str, period: PeriodName, rules: Rules) -> pl.DataFrame:
    """A row for each object and period.

    `days`: `key`, time (date), items of JUDGED, AQI, level, standard; sorted by key and time; optional
    `excused_<item>` (true: a day that was deducted and still counts as valid day).
    """
    periods = cut(days[key], days["time"], period)
    columns: list[pl.Series] = []
    verdicts: dict[str, list[pl.Series]] = {item: [] for item in JUDGED}
    short: dict[str, Mask] = {}
    tail: list[pl.Series] = []
    sufficient = Enough(days["time"], periods, rules.book)
    for item in JUDGED:
        values, valid = scaled_column(days[item])
        excused = f"excused_{item}"
        present = valid | days[excused].to_numpy() if excused in days.columns else valid
        enough = sufficient.periods(present)
        short[item] = ~enough
        count = _sums(valid.astype(np.int64), periods)
        shown = (count > 0) & (enough | rules.keep_invalid)
        for statistic in _of_item(item, periods, rules):
            figure = _figure(statistic, values, valid, periods, count, rules)
            limit = rules.limits.values(item, statistic.limit_averaging, periods.until)
            above = shown & (limit != NO_LIMIT) & (figure > limit)
            multiple = exceedance_multiple(figure, limit, above, _decimals(rules, "multiple", item))
            columns += [unscaled(statistic.column, figure, shown), multiple.alias(f"{statistic.column}_multiple")]
            judged = pl.Series(enough & (count > 0) & (limit != NO_LIMIT))
            verdicts[item].append(pl.Series(~above).set(~judged, None))
        tail += _item_days(item, days, values, valid, periods, count, rules)
    tail += [_all_true([*found], f"{item}_compliant", len(periods)) for item, found in verdicts.items()]
    overall = _all_true([one for found in verdicts.values() for one in found], "compliant", len(periods))
    reason = _reasons(days, short, periods, rules)
    return pl.DataFrame(
        [
            days[key].gather(periods.first),
            periods.label,
            periods.since,
            periods.until,
            *columns,
            *tail,
            overall,
            *_index_days(days, periods, rules),
            reason,
        ]
    )


def _of_item(item: str, periods: Periods, rules: Rules) -> tuple[AirStatistic, ...]:
    known = [day for day in periods.until if day is not None]
    for day in (max(known, default=date.max), date.max):
        try:
            return tuple(one for one in rules.evaluation.statistics(day) if one.item == item)
        except NoRuleError:
            continue
    return ()


def _figure(
    statistic: AirStatistic, values: Integers, valid: Mask, periods: Periods, count: Integers, rules: Rules
) -> Integers:
    step = 10 ** (SCALE_DECIMALS - _decimals(rules, "air_final", statistic.item))
    if statistic.percent is None:
        total = _sums(np.where(valid, values, 0), periods)
        mean: Integers = divide_half_even(total, np.maximum(count, 1) * step) * step
        return mean
    return percentile(values, valid, periods.group, count, statistic.percent, step)


def percentile(values: Integers, valid: Mask, group: Integers, count: Integers, percent: int, step: int) -> Integers:
    """Percentile of the valid values of each group, exact, rounded half to even to a multiple of `step`.

    Notes
    -----
    k = 1 + (n-1) p / 100, linear between the neighbours in rank. 0 for a group without valid value. `group`
    numbers the groups 0, 1, … and `count` has the valid values of each.

    References
    ----------
    HJ 663-2013, annex A.
    """
    ordered = _sorted_within(values[valid], group[valid])
    start = np.cumsum(count) - count
    place, rest = np.divmod(np.maximum(count - 1, 0) * percent, 100)
    if not len(ordered):
        return np.zeros(len(count), dtype=np.int64)
    last = len(ordered) - 1
    low = ordered[np.minimum(start + place, last)]
    high = ordered[np.minimum(start + place + (rest > 0), last)]
    figure = divide_half_even(low * 100 + (high - low) * rest, 100 * step) * step
    found: Integers = np.where(count > 0, figure, 0)
    return found


def _sorted_within(values: Integers, group: Integers) -> Integers:
    """Values in rising order within their groups, which are in rising order."""
    counts = np.bincount(group)
    width = int(counts.max(initial=0))
    if width * len(counts) > _SPARSE * len(values):
        return values[np.lexsort((values, group))]
    table = np.full((len(counts), width), np.iinfo(np.int64).max)
    filled = np.arange(width) < counts[:, None]
    table[filled] = values
    table.sort(axis=1)
    found: Integers = table[filled]
    return found


def _item_days(
    item: str,
    days: pl.DataFrame,
    values: Integers,
    valid: Mask,
    periods: Periods,
    count: Integers,
    rules: Rules,
) -> list[pl.Series]:
    """Valid days, days above the daily limit and the rate of days within it [%]."""
    limit = rules.limits.values(item, "day", days["time"])
    over = _sums((valid & (limit != NO_LIMIT) & (values > limit)).astype(np.int64), periods)
    return [
        pl.Series(f"n_{item}", count),
        pl.Series(f"{item}_over_days", over),
        _share(count - over, count, rules, f"{item}_rate"),
    ]


def _index_days(days: pl.DataFrame, periods: Periods, rules: Rules) -> list[pl.Series]:
    known = days["AQI"].is_not_null().to_numpy()
    good, heavy = (days["level"].is_in(levels).fill_null(False).to_numpy() for levels in (GOOD, HEAVY))
    total, fine, bad = (_sums(part.astype(np.int64), periods) for part in (known, good, heavy))
    named = pl.DataFrame({"group": periods.group, "standard": days["standard"]}).drop_nulls().unique()
    standards = dict(named.sort("standard").group_by("group").agg(pl.col("standard").str.join(",")).iter_rows())
    limits = [None if day is None else rules.limits.standard(day) for day in periods.until]
    return [
        pl.Series("aqi_days", total),
        pl.Series("good_days", fine),
        pl.Series("heavy_days", bad),
        _share(fine, total, rules, "good_day_ratio"),
        pl.Series("standard", [standards.get(place) for place in range(len(periods))], dtype=pl.String),
        pl.Series("limits", limits, dtype=pl.String),
    ]


def _share(part: Integers, whole: Integers, rules: Rules, name: str) -> pl.Series:
    """part / whole [%], half to even; null where whole is 0."""
    power = 10 ** _decimals(rules, "rate", "*")
    rounded = divide_half_even(part * 100 * power, np.maximum(whole, 1)) / power
    return pl.Series(name, np.where(whole > 0, rounded, np.nan)).fill_nan(None)


def _sums(values: Integers, periods: Periods) -> Integers:
    if not len(periods):
        return np.zeros(0, dtype=np.int64)
    found: Integers = np.add.reduceat(values, periods.first)
    return found


def _decimals(rules: Rules, context: str, item: str) -> int:
    return rules.book.decimals(context, item, rules.book.decimal_rows.turning_days[-1])


def _all_true(verdicts: list[pl.Series], name: str, rows: int) -> pl.Series:
    """False where any is, true where all are, null where it cannot be told."""
    if not verdicts:
        return pl.Series(name, [None] * rows, dtype=pl.Boolean)
    frame = pl.DataFrame([one.alias(str(place)) for place, one in enumerate(verdicts)])
    return frame.select(pl.all_horizontal(pl.all()).alias(name))[name]


def _reasons(days: pl.DataFrame, short: dict[str, Mask], periods: Periods, rules: Rules) -> pl.Series:
    undated = periods.until.is_null().to_numpy()
    since = [None if day is None else rules.limits.standard(day) for day in periods.since]
    until = [None if day is None else rules.limits.standard(day) for day in periods.until]
    words = []
    for row, (before, after) in enumerate(zip(since, until, strict=True)):
        if undated[row]:
            words.append("时间缺失或无法识别")
            continue
        lacking = [item for item, flags in short.items() if flags[row]]
        parts = [f"{'、'.join(lacking)}有效天数不足"] if lacking else []
        if after is None:
            parts.append("早于任何空气质量标准")
        elif before != after:
            parts.append(f"时段跨标准更替：统计值按{after}评价，日值各按当日标准")
        words.append("；".join(parts))
    return pl.Series("reason", words, dtype=pl.String)
