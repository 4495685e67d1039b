"""Items that need not be monitored for an index to be given (HJ 633-2026, 5.3.2)."""

from __future__ import annotations

from datetime import date

import polars as pl

from qingyuan.rules import AqiEdition, NoRuleError, RuleBook, rule_book
from qingyuan.science.air._columns import Averaging, Stamps, opening_time, require
from qingyuan.science.air._result import WITHHELD
from qingyuan.science.civil import civil_time
from qingyuan.science.errors import BadArgumentError

GRANTED = "{}未监测，按HJ 633-2026 5.3.2免测，AQI按其余项目"
POLLUTED = "III"
COLUMNS = ("item", "since", "until")
LOST = "历史中有{}行时间或AQI无法识别，未计入"


def with_exemptions(
    judged: pl.DataFrame,
    exempt: pl.DataFrame,
    key: str = "site",
    averaging: Averaging = "day",
    *,
    stamps: Stamps = "closes",
    book: RuleBook | None = None,
) -> pl.DataFrame:
    """The rows of `aqi` with an index where only exempt items were missing.

    Parameters
    ----------
    judged
        As `aqi` gives it, with `key` and `time`.
    exempt
        `key`, `item`, `since`, `until` (dates, both included; no `until`: still exempt). Whether an item qualifies is
        told by `exempt_items`; that it is not monitored by the programme is for the bureau to say.

    Notes
    -----
    Only rows that an edition withholds for missing items change. Every missing item must be exempt on the row's date
    and not measured at all: a value that is there and cannot be used (negative, too few hours) is no item without
    monitoring. The reason names the items.

    References
    ----------
    HJ 633-2026, 5.3.2, as transcribed; the text itself was not seen.
    """
    book = rule_book() if book is None else book
    require(judged, key, "time", "AQI", "standard", "reason")
    require(exempt, key, "item")
    rows = judged.with_row_index("_row").with_columns(
        opening_time(judged["time"], averaging, stamps).dt.date().alias("_day")
    )
    held = rows.filter(pl.col("reason").str.contains(WITHHELD, literal=True))
    if held.is_empty():
        return judged
    free = _days_exempt(held, exempt, key)
    changed: list[pl.DataFrame] = []
    for (standard,), part in held.group_by("standard"):
        changed.append(_granted(part, free, book.aqi_edition(str(standard)), averaging, book))
    new = pl.concat(changed)
    return rows.update(new, on="_row", include_nulls=False).select(judged.columns)


def _days_exempt(held: pl.DataFrame, exempt: pl.DataFrame, key: str) -> pl.DataFrame:
    """_row and item of every exemption that covers a row's date."""
    filled = exempt.with_columns(pl.lit(None).alias(name) for name in COLUMNS if name not in exempt.columns)
    dates = [civil_time(filled[name]).dt.date().alias(name) for name in ("since", "until")]
    item = pl.col("item").cast(pl.String).str.strip_chars().replace({"PM2.5": "PM2_5"})
    known = filled.select(pl.col(key).cast(held[key].dtype, strict=False), item).with_columns(dates)
    joined = held.select("_row", key, "_day").join(known, on=key, how="inner")
    since, until, day = pl.col("since"), pl.col("until"), pl.col("_day")
    covered = (since.is_null() | (since <= day)) & (until.is_null() | (day <= until))
    return joined.filter(covered).select("_row", "item").unique()


def _granted(
    part: pl.DataFrame, free: pl.DataFrame, edition: AqiEdition, averaging: Averaging, book: RuleBook
) -> pl.DataFrame:
    """_row, AQI, primary, category, level and reason of the rows whose missing items are all exempt."""
    items = [one.item for one in edition.items(averaging)]
    allowed = part.select("_row")
    for item in items:
        has = free.filter(pl.col("item") == item).select("_row", pl.lit(True).alias(item))
        allowed = allowed.join(has, on="_row", how="left", maintain_order="left")
    absent = {item: pl.col(f"IAQI_{item}").is_null() for item in items}
    marked = part.with_columns(allowed[item].fill_null(False).alias(f"_free_{item}") for item in items)
    untouched = {item: _not_measured(marked, item) for item in items}
    fine = pl.all_horizontal(~absent[item] | (pl.col(f"_free_{item}") & untouched[item]) for item in items)
    best = pl.max_horizontal(f"IAQI_{item}" for item in items)
    found = marked.filter(fine & best.is_not_null())
    bands = book.aqi_categories
    names = [pl.when(pl.col(f"IAQI_{item}") == best).then(pl.lit(item)) for item in items]
    words = [pl.when(absent[item]).then(pl.lit(item)) for item in items]
    level = pl.lit(None, dtype=pl.String)
    category = pl.lit(None, dtype=pl.String)
    for band in bands:
        inside = best.is_between(band.aqi_from, band.aqi_to)
        level = pl.when(inside).then(pl.lit(band.level)).otherwise(level)
        category = pl.when(inside).then(pl.lit(band.category_zh)).otherwise(category)
    told = pl.concat_str(words, separator="、", ignore_nulls=True)
    head, _, tail = GRANTED.partition("{}")
    return found.select(
        "_row",
        best.alias("AQI"),
        pl.when(best > edition.primary_above)
        .then(pl.concat_str(names, separator=",", ignore_nulls=True))
        .otherwise(pl.lit(""))
        .alias("primary"),
        category.alias("category"),
        level.alias("level"),
        pl.col("reason")
        .str.replace(WITHHELD, pl.concat_str([pl.lit(head), told, pl.lit(tail)]), literal=True)
        .alias("reason"),
    )


def _not_measured(frame: pl.DataFrame, item: str) -> pl.Expr:
    """Rows in which nothing was measured for the item: no cell, and no hour behind a daily value."""
    nothing = pl.lit(True)
    if item in frame.columns:
        text = pl.col(item).cast(pl.String).str.strip_chars()
        nothing = text.is_null() | text.is_in(["", "-", "--", "—", "/", "NaN"])
    if f"n_{item}" in frame.columns:
        nothing = nothing & (pl.col(f"n_{item}") == 0)
    return nothing


def exempt_items(days: pl.DataFrame, key: str = "site", *, book: RuleBook | None = None) -> pl.DataFrame:
    """Items that qualify for the exemption, a row for each object, item and calendar year.

    Parameters
    ----------
    days
        Daily results with `key`, `time`, `AQI`, `primary` (items joined by ","), as `evaluate` gives them.

    Returns
    -------
    key, item, since, until (the calendar year after three years of history), reason. An item qualifies when in three
    consecutive years (a rule of data) it never was primary on a day of light pollution or worse. A year without any
    index breaks the row of years. Objects without three such years have one row without item, which says so.

    References
    ----------
    HJ 633-2026, 5.3.2, as transcribed; that calendar years are meant is a setting.
    """
    book = rule_book() if book is None else book
    require(days, key, "time", "AQI", "primary")
    newest = book.validity_rows.turning_days[-1]
    try:
        years = int(book.validity("air.exemption.years", newest))
    except NoRuleError as error:
        raise BadArgumentError("book", "no air.exemption.years", "a rule book with that count") from error
    edition = book.aqi_editions.entries["AQI"][-1][1]
    items = [one.item for one in edition.items("day")]
    bound = min(band.aqi_from for band in book.aqi_categories if band.level == POLLUTED)
    told = days.select(
        key,
        civil_time(days["time"]).dt.year().alias("year"),
        pl.col("AQI").cast(pl.Float64, strict=False).alias("AQI"),
        pl.col("primary")
        .cast(pl.String)
        .fill_null("")
        .str.replace_all("PM2.5", "PM2_5", literal=True)
        .str.split(",")
        .alias("primary"),
    )
    known = told.filter(pl.col("year").is_not_null() & pl.col("AQI").is_not_null())
    lost = len(told) - len(known)
    held = known.group_by(key, "year", maintain_order=True).agg(
        pl.col("primary").filter(pl.col("AQI") >= bound).explode().drop_nulls().unique().alias("bad")
    )
    rows: list[dict[str, object]] = []
    for (name,), part in held.sort("year").group_by(key, maintain_order=True):
        found = {int(year): set(bad) for year, bad in part.select("year", "bad").iter_rows()}
        ripe = [year for year in found if all(year - back in found for back in range(years))]
        for last in ripe:
            bad = set().union(*(found[last - back] for back in range(years)))
            span = {"since": date(last + 1, 1, 1), "until": date(last + 1, 12, 31)}
            rows += [{key: name, "item": item, **span, "reason": ""} for item in items if item not in bad]
        if not ripe:
            rows.append({key: name, "item": None, "since": None, "until": None, "reason": f"没有连续{years}年的AQI"})
    schema = {key: days[key].dtype, "item": pl.String(), "since": pl.Date(), "until": pl.Date(), "reason": pl.String()}
    table = pl.DataFrame(rows, schema=schema)
    if lost:
        table = pl.concat([table, pl.DataFrame([{"reason": LOST.format(lost)}])], how="diagonal_relaxed")
    return table
