"""Shares of classes that close to 100, and the rating of basins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl

from qingyuan.rules import RuleBook, rule_book
from qingyuan.science.errors import BadArgumentError
from qingyuan.science.water._change import basin_change
from qingyuan.science.water._classify import ITEMS, classify
from qingyuan.science.water._item import MAIN_CLASS
from qingyuan.science.water._means import columns_of, items_of, mean_values, read_values
from qingyuan.science.water._periods import earlier, year_before

GROUPS = ("I_III", "IV", "V", "inferiorV")
GOOD = ("I", "II", "III")
MOST = 3
BODY_WORDS = {"river": "河流", "lake": "湖库"}


def closing_percentages(
    counts: Sequence[int], decimals: int | None = None, *, on: date | None = None, book: RuleBook | None = None
) -> list[float]:
    """Shares of counts [%] that sum to exactly 100 at `decimals` (setting: one), by largest remainders.

    No counts at all give zeros. A section that was not sampled does not belong into the counts.

    References
    ----------
    National weekly report 2007-W02: 9 of 83 is printed 10.9, so that the row sums to 100.0.

    >>> closing_percentages([49, 9, 6, 19])
    [59.0, 10.9, 7.2, 22.9]
    """
    if any(count < 0 for count in counts):
        raise BadArgumentError("counts", list(counts), "no negative count")
    if decimals is None:
        decimals = int((rule_book() if book is None else book).water_tables.on(on).number("percent.decimals"))
    units = _apportion(counts, 100 * 10**decimals)
    return [unit / 10**decimals for unit in units]


def _apportion(counts: Sequence[int], units: int) -> list[int]:
    total = sum(counts)
    if not total:
        return [0] * len(counts)
    whole = [count * units // total for count in counts]
    rest = [count * units % total for count in counts]
    order = sorted(range(len(counts)), key=lambda place: (-rest[place], place))
    for place in order[: units - sum(whole)]:
        whole[place] += 1
    return whole


def basin_rating(
    good: float | Decimal, bad: float | Decimal, *, on: date | None = None, book: RuleBook | None = None
) -> str:
    """The rating of a basin of five sections or more by shares [%] of classes I to III and beyond V.

    References
    ----------
    环办〔2011〕22号, basin quality.

    >>> basin_rating(72.6, 8.1), basin_rating(78.9, 5.3)
    ('轻度污染', '良好')
    """
    good, bad = Decimal(str(good)), Decimal(str(bad))
    for rating in (rule_book() if book is None else book).water_tables.on(on).basin_ratings:
        if (rating.good_from is None or good >= rating.good_from) and (
            rating.bad_below is None or bad < rating.bad_below
        ):
            return rating.name_zh
    raise BadArgumentError("shares", (good, bad), "shares that a row of water_basin_ratings.csv covers")


def basins(judged: pl.DataFrame, *, book: RuleBook | None = None) -> pl.DataFrame:
    """Basins over periods from their sections.

    Parameters
    ----------
    judged
        Sections as `evaluate` gives them, with `basin`.

    Returns
    -------
    basin, period, sections (with a class), not_sampled (rows without), n_I to n_V, n_inferiorV, n_I_III,
    pct_* [%] of each (I to III, IV, V, beyond V close to 100; I, II, III close to their sum), class (fewer
    than five sections only), rating, main_pollutants, standard, change and change_last_year, reason.

    Notes
    -----
    From five sections (setting) by shares, never an average class; below, each item is averaged over the
    sections and classed. Shares are compared exactly, not as printed. Main pollutants: the three items with
    most sections beyond class III; below five sections the section rule, section by section. Rivers and
    lakes in one small basin take the phosphorus limits of the first, and the reason says so. A section
    without a class leaves the denominator.

    References
    ----------
    环办〔2011〕22号, basin quality and main pollution indicators of basins.
    """
    book = rule_book() if book is None else book
    marked = judged.with_columns(_beyond(judged, book))
    rows = [
        _basin(str(key[0]), None if key[1] is None else str(key[1]), part, book)
        for key, part in marked.group_by("basin", "period", maintain_order=True)
    ]
    ends: dict[tuple[str | None, str | None], date | None] = {
        (basin, period): day
        for basin, period, day in marked.group_by("basin", "period").agg(pl.col("_until").max()).iter_rows()
    }
    return _changes(pl.DataFrame(rows, schema=_schema()).sort("basin", "period"), ends, book)


def _schema() -> Mapping[str, type[pl.DataType]]:
    counts = ("sections", "not_sampled", *(f"n_{name}" for name in (*GOOD, *GROUPS)))
    shares = (f"pct_{name}" for name in (*GOOD, *GROUPS))
    words = ("class", "rating", "main_pollutants", "standard", "reason")
    return (
        dict.fromkeys(("basin", "period"), pl.String)
        | dict.fromkeys(counts, pl.Int64)
        | dict.fromkeys(shares, pl.Float64)
        | dict.fromkeys(words, pl.String)
    )


def _basin(basin: str, period: str | None, part: pl.DataFrame, book: RuleBook) -> dict[str, object]:
    counts = Counter(part["class"].drop_nulls())
    total = counts.total()
    names = [known.name for known in book.water_classes]
    grouped = [sum(counts[name] for name in GOOD), *(counts[name] for name in names[3:])]
    day = part["_until"].max()
    if isinstance(day, date):  # before the first rules no section has a class, and nothing is rated
        day = max(day, book.water_tables.turning_days[0])
    assert day is None or isinstance(day, date)
    tables = book.water_tables.on(day)
    decimals = int(tables.number("percent.decimals"))
    closed = _apportion(grouped, 100 * 10**decimals)
    inner = _apportion([counts[name] for name in GOOD], closed[0])
    row: dict[str, object] = {"basin": basin, "period": period, "sections": total, "not_sampled": len(part) - total}
    row |= {f"n_{name}": counts[name] for name in GOOD} | dict(zip([f"n_{g}" for g in GROUPS], grouped, strict=True))
    row |= {f"pct_{name}": unit / 10**decimals for name, unit in zip(GOOD, inner, strict=True)}
    row |= {f"pct_{name}": unit / 10**decimals for name, unit in zip(GROUPS, closed, strict=True)}
    row |= {"class": None, "rating": None, "main_pollutants": "", "standard": part["standard"].drop_nulls().first()}
    row["reason"] = f"{len(part) - total}个断面没有类别，不计入" if total < len(part) else ""
    if not total:
        row["reason"] = "没有可评价的断面"
    elif total >= tables.number("basin.share_method.sections"):
        good, bad = (Decimal(100 * count) / total for count in (grouped[0], grouped[-1]))
        row |= {"rating": basin_rating(good, bad, on=day, book=book), "main_pollutants": _by_share(part, total, book)}
    else:
        grade = _mean_class(part, book)
        row |= {"class": grade, "rating": None if grade is None else book.water_class(grade).quality_zh}
        if part["body"].n_unique() > 1:
            body = BODY_WORDS.get(str(part["body"].drop_nulls().first()), "首个断面")
            row["reason"] = "；".join(filter(None, [str(row["reason"]), f"河流与湖库混在一起，总磷按{body}限值"]))
        listed = part.filter(pl.col("main_pollutants") != "").select("section", "main_pollutants")
        row["main_pollutants"] = ";".join(f"{section}:{found}" for section, found in listed.iter_rows())
    return row


def _mean_class(part: pl.DataFrame, book: RuleBook) -> str | None:
    sampled = part.filter(pl.col("class").is_not_null())
    items = items_of(sampled)
    values, _ = read_values(sampled, items, book)
    means = mean_values(np.zeros(len(sampled), dtype=np.int64), 1, values)
    one = pl.DataFrame({"time": [sampled["_until"].max()], "body": [sampled["body"].drop_nulls().first()]})
    grade: str | None = classify(one.with_columns(*columns_of(means, book)), "evaluation", book=book)["class"][0]
    return grade


def _beyond(judged: pl.DataFrame, book: RuleBook) -> list[pl.Series]:
    """For each item whether a section is beyond class III in it, as _beyond_<item>."""
    bad = [known.name for known in book.water_classes if known.rank > book.water_class(MAIN_CLASS).rank]
    base = judged.select("body", pl.col("_until").alias("time"))
    return [
        classify(base.with_columns(judged[item]), "evaluation", partial=True, book=book)["class"]
        .is_in(bad)
        .fill_null(False)
        .alias(f"_beyond_{item}")
        for item in ITEMS
        if item in judged.columns
    ]


def _by_share(part: pl.DataFrame, total: int, book: RuleBook) -> str:
    """The three items with the largest share of sections beyond class III, with that share."""
    sums = part.select(pl.col("^_beyond_.*$").sum()).row(0, named=True)
    beyond = {name.removeprefix("_beyond_"): int(count) for name, count in sums.items() if count}
    worst = sorted(beyond, key=lambda item: -beyond[item])[:MOST]
    names = {item: limit.name_zh for (item, _), held in book.water_limit_rows.entries.items() for _, limit in held}
    return ",".join(f"{names[item]}({100 * beyond[item] / total:.1f}%)" for item in worst)


def _changes(
    result: pl.DataFrame, ends: Mapping[tuple[str | None, str | None], date | None], book: RuleBook
) -> pl.DataFrame:
    known = {
        (basin, period): (good, bad)
        for basin, period, n, good, bad in result.select(
            "basin", "period", "sections", "pct_I_III", "pct_inferiorV"
        ).iter_rows()
        if n
    }
    columns: dict[str, list[str | None]] = {"change": [], "change_last_year": []}
    for basin, period in result.select("basin", "period").iter_rows():
        now = known.get((basin, period))
        for column, other in (("change", earlier(period)), ("change_last_year", year_before(period))):
            former = known.get((basin, other))
            day = ends.get((basin, period))
            columns[column].append(basin_change(*former, *now, on=day, book=book) if former and now else None)
    return result.with_columns(pl.Series(name, found, dtype=pl.String) for name, found in columns.items())
