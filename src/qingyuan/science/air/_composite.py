"""The composite index of a period and the ranking by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from qingyuan.rules import NoRuleError, RuleBook, rule_book
from qingyuan.rules.air_evaluation import AirEvaluation, IndexScheme
from qingyuan.science.air._change import change_rate
from qingyuan.science.air._columns import require
from qingyuan.science.air._figures import sound
from qingyuan.science.civil import civil_time
from qingyuan.science.errors import BadArgumentError
from qingyuan.science.figures import doubled_rows, joined_reasons
from qingyuan.science.rounding import SCALE, SCALE_DECIMALS, Integers, Mask, divide_half_even, scaled, scaled_column

LARGEST_FIGURE = 10**7
PLACES = ("city", "site", "county", "district", "town", "area")
_YEAR_AND_MONTH = r"^(\d{4})(?:[-Q年](\d{1,2}))?"


def composite(
    frame: pl.DataFrame,
    scheme: str = "auto",
    *,
    round_single: bool = True,
    book: RuleBook | None = None,
) -> pl.DataFrame:
    """Single indices, composite index and the item with the largest single index of each row.

    Parameters
    ----------
    frame
        SO2_mean, NO2_mean, PM10_mean, PM2_5_mean, O3_8h_P90 [ug/m3], CO_P95 [mg/m3]; others are kept.
    scheme
        A scheme of the rule book, or "auto": the default scheme on the row's date, read from `to` or the
        year and month that `period` starts with.
    round_single
        False adds unrounded single indices, as some bulletins do.

    Returns
    -------
    The frame with index_<item>, composite, index_primary (ties joined by ","), scheme, reason.

    Notes
    -----
    I = C / S to two decimals, half to even, before they are added with their weights. S are annual limits for
    months and quarters too. A missing figure leaves the composite null; so does one that is no number, negative or
    implausible, which is named. A row without a readable date takes the oldest scheme, and says so; one before any
    scheme has no index, and says so. Two rows of one city and period are both worked out and named.

    References
    ----------
    环办〔2014〕64号; 环办监测〔2018〕19号 (rounding found on published indices).
    """
    book = rule_book() if book is None else book
    rules = book.air_evaluation
    names, undated, early = _schemes_of(frame, scheme, rules)
    newest = book.decimal_rows.turning_days[-1]
    decimals = book.decimals("air_single_index", "*", newest) if round_single else SCALE_DECIMALS
    final = book.decimals("air_composite", "*", newest)
    columns = list(dict.fromkeys(term.column for known in rules.schemes.values() for term in known.terms))
    clean, doubts = sound(frame, columns, book)
    figures = {name: scaled_column(clean[name]) for name in columns if name in frame.columns}
    if not figures:
        require(frame, *columns)
    rows = len(frame)
    single = {name: np.zeros(rows, dtype=np.int64) for name in columns}
    weighted = np.zeros(rows, dtype=np.int64)
    lacking: list[list[str]] = [[] for _ in range(rows)]
    for chosen in rules.schemes.values():
        mine = np.array([name == chosen.name for name in names], dtype=np.bool_) & ~early
        for term in chosen.terms if mine.any() else ():
            values, usable = figures.get(term.column, (np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=np.bool_)))
            usable = usable & (values >= 0) & (values < LARGEST_FIGURE * SCALE)
            step = 10 ** (SCALE_DECIMALS - decimals)
            index = _ratio(np.where(usable, values, 0), scaled(term.denominator), decimals) * step
            single[term.column] = np.where(mine & usable, index, single[term.column])
            weighted += np.where(mine & usable, index * int(term.weight * 100), 0)
            for row in np.flatnonzero(mine & ~usable).tolist():
                lacking[row].append(term.column)
    step = 10 ** (SCALE_DECIMALS - final)
    total = divide_half_even(weighted, 100 * step) * step
    complete = np.array([not missing for missing in lacking], dtype=np.bool_) & ~early
    reasons = [
        "；".join(
            [f"缺{'、'.join(missing)}"] * bool(missing)
            + [f"时段没有可识别的日期，按{name}"] * no_date
            + ["早于任何综合指数方案"] * old
        )
        for missing, name, no_date, old in zip(lacking, names, undated, early.tolist(), strict=True)
    ]
    present = {
        name: np.array([name not in missing for missing in lacking], dtype=np.bool_) & ~early for name in columns
    }
    keys: list[str] = [name for name in PLACES if name in frame.columns][:1]
    keys += [name for name in ("period", "to") if name in frame.columns][:1]
    twice = [doubled_rows(frame, keys, "同一对象同一时段有多行")] if len(keys) > 1 else []
    return frame.with_columns(
        *(_shown(f"index_{_item(name)}", values, present[name]) for name, values in single.items()),
        _shown("composite", total, complete),
        _largest(single, present),
        pl.Series("scheme", names, dtype=pl.String),
        _joined(frame, reasons, [doubts, *twice]),
    )


def rank(
    frame: pl.DataFrame,
    by: str = "composite",
    within: str | None = None,
    name: str = "rank",
    *,
    book: RuleBook | None = None,
) -> pl.DataFrame:
    """The frame with `rank`: 1 is best; ties share a rank and the next is skipped.

    `by`: columns joined by ",", each with ":desc" where large is good, the later ones deciding ties of the
    earlier ("good_day_ratio:desc,PM2_5_mean"). `within`: a column whose every value is ranked for itself. A
    row without a value in the first column is not ranked, and says so; text and implausible values are named. Two rows of
    one city (and group) are both ranked and named.

    References
    ----------
    环办〔2014〕64号; published rankings (1, 2, 2, 4).
    """
    keys = [(part.removesuffix(":desc").removesuffix(":asc"), part.endswith(":desc")) for part in by.split(",")]
    require(frame, *(column for column, _ in keys), *([within] if within else []))
    frame_, doubts = sound(frame, [column for column, _ in keys], rule_book() if book is None else book)
    signed = []
    for place, (column, falling) in enumerate(keys):
        values, usable = scaled_column(frame_[column])
        worst = np.iinfo(np.int64).max
        signed.append(pl.Series(str(place), np.where(usable, -values if falling else values, worst)))
    usable = scaled_column(frame_[keys[0][0]])[1]
    order = pl.DataFrame(signed).select(pl.struct(pl.all()).rank("min").alias("r"))["r"]
    sorted_ = pl.DataFrame({"order": order, "ok": pl.Series(usable)})
    group = (
        frame[within].fill_null("")
        if within and frame[within].dtype == pl.String
        else (frame[within] if within else pl.repeat(0, len(frame), eager=True))
    )
    ranked = sorted_.with_columns(group.alias("group")).select(
        pl.when("ok").then(pl.col("order").rank("min").over("group")).alias(name)
    )[name]
    reasons = ["" if ok else f"缺{keys[0][0]}，不参加排名" for ok in usable]
    places = [name for name in PLACES if name in frame.columns][:1]
    twice = [doubled_rows(frame, [*places, *([within] if within else [])], "同一对象有多行")] if places else []
    return frame.with_columns(ranked.cast(pl.Int64), _joined(frame, reasons, [doubts, *twice]))


def rank_change(
    now: pl.DataFrame, before: pl.DataFrame, key: str, value: str = "composite", *, book: RuleBook | None = None
) -> pl.DataFrame:
    """`now` with <value>_before, change_rate [%], improvement_rank and worsening_rank.

    Improvement: 1 is the largest fall. Worsening: 1 is the largest rise, only among those that rose; one that
    meets grade II on all six items (column `compliant` true, where there is one) is left out. Ties share a
    rank and the next is skipped. A key twice in the earlier period has no change, and says so.

    References
    ----------
    城市环境空气质量变化程度排名方案 (2017-02-12).
    """
    require(now, key, value)
    require(before, key, value)
    book = rule_book() if book is None else book
    (clean, doubts), (past, _) = sound(now, [value], book), sound(before, [value], book)
    twice = past.select(pl.col(key).cast(pl.String), pl.col(key).is_duplicated().alias("twice")).unique(key)
    single = past.filter(~pl.col(key).is_duplicated()).select(
        pl.col(key).cast(pl.String), pl.col(value).alias(f"{value}_before")
    )
    keyed = clean.with_columns(pl.col(key).cast(pl.String))
    joined = keyed.join(single, on=key, how="left", maintain_order="left").join(
        twice, on=key, how="left", maintain_order="left"
    )
    joined = joined.with_columns(change_rate(joined[value], joined[f"{value}_before"], book=book).alias("change_rate"))
    meets = (
        pl.col("compliant").cast(pl.String).str.to_lowercase().eq("true").fill_null(False)
        if "compliant" in now.columns
        else pl.lit(False)
    )
    reasons = [
        "" if rate is not None else "上期有多行，无变化率" if again else "缺上期或本期，无变化率"
        for rate, again in joined.select("change_rate", "twice").iter_rows()
    ]
    joined = joined.drop("twice").with_columns(now[key], now[value])
    worse = pl.when((pl.col("change_rate") > 0) & ~meets).then(pl.col("change_rate"))
    return joined.with_columns(
        pl.col("change_rate").rank("min").cast(pl.Int64).alias("improvement_rank"),
        worse.rank("min", descending=True).cast(pl.Int64).alias("worsening_rank"),
        _joined(joined, reasons, [] if "reason" in now.columns and "rank" in now.columns else [doubts]),
    )


def _schemes_of(frame: pl.DataFrame, scheme: str, rules: AirEvaluation) -> tuple[list[str | None], list[bool], Mask]:
    """The scheme of each row, whether its date could not be read, and whether it lies before any scheme."""
    nothing = np.zeros(len(frame), dtype=np.bool_)
    if scheme != "auto":
        try:
            return [rules.scheme(scheme).name] * len(frame), [False] * len(frame), nothing
        except NoRuleError:
            raise BadArgumentError("scheme", scheme, f"auto, {', '.join(rules.schemes)}") from None
    oldest = min((one for one in rules.schemes.values() if one.default), key=_starts)
    names: list[str | None] = []
    undated, early = [], []
    for day in _dates(frame):
        try:
            names.append(oldest.name if day is None else rules.scheme_on(day).name)
        except NoRuleError:
            names.append(None)
        undated.append(day is None)
        early.append(names[-1] is None)
    return names, undated, np.array(early, dtype=np.bool_)


def _starts(scheme: IndexScheme) -> date:
    return scheme.terms[0].origin.period.since


def _dates(frame: pl.DataFrame) -> list[date | None]:
    if "to" in frame.columns:
        return civil_time(frame["to"]).dt.date().to_list()
    if "period" not in frame.columns:
        return [None] * len(frame)
    part = pl.col("period").cast(pl.String).str.extract_groups(_YEAR_AND_MONTH)
    year, month = part.struct[0].cast(pl.Int32), part.struct[1].cast(pl.Int8).fill_null(12).clip(1, 12)
    quarter = pl.col("period").cast(pl.String).str.contains(r"^\d{4}Q")
    return frame.select(pl.date(year, pl.when(quarter).then(month * 3).otherwise(month).clip(1, 12), 1))[
        "date"
    ].to_list()


def _ratio(values: Integers, denominator: int, decimals: int) -> Integers:
    """values / denominator, half to even, as a count of 10**-decimals (decimals above 0)."""
    whole, rest = np.divmod(values, denominator)
    power = 10**decimals
    found: Integers = whole * power + divide_half_even(rest * power, denominator)
    return found


def _item(column: str) -> str:
    return column.rsplit("_", 1)[0]


def _shown(name: str, values: Integers, usable: Mask) -> pl.Series:
    return pl.Series(name, np.where(usable, values / SCALE, np.nan)).fill_nan(None)


def _largest(single: dict[str, Integers], present: dict[str, Mask]) -> pl.Series:
    top = np.max([np.where(present[name], values, -1) for name, values in single.items()], axis=0)
    words = [
        pl.when(pl.Series(present[name] & (values == top))).then(pl.lit(_item(name))) for name, values in single.items()
    ]
    return pl.select(pl.concat_str(words, separator=",", ignore_nulls=True).alias("index_primary"))["index_primary"]


def _joined(frame: pl.DataFrame, reasons: list[str], doubts: Sequence[pl.Series] = ()) -> pl.Series:
    """What was said before and what is said now."""
    before = [frame["reason"]] if "reason" in frame.columns else []
    return joined_reasons([*before, *doubts, pl.Series(reasons, dtype=pl.String)], len(frame))
