"""The single-factor class of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from itertools import pairwise
from typing import Literal

import numpy as np
import polars as pl

from qingyuan.rules import NoRuleError, RuleBook, WaterLimit, rule_book
from qingyuan.science.errors import BadArgumentError, MissingColumnError
from qingyuan.science.rounding import Mask, round_scaled_keep_digit, scaled
from qingyuan.science.water._cells import read_cells, sampling_time, unlimited
from qingyuan.science.water._item import NONE, ItemResult, Ranks, class_three, rank_values
from qingyuan.science.water._main import main_pollutants

Profile = Literal["realtime", "evaluation"]

ITEMS = (
    "pH",
    "DO",
    "CODMn",
    "COD",
    "BOD5",
    "NH3N",
    "TP",
    "Cu",
    "Zn",
    "F",
    "Se",
    "As",
    "Hg",
    "Cd",
    "Cr6",
    "Pb",
    "CN",
    "volatile_phenol",
    "petroleum",
    "LAS",
    "sulfide",
)
"""The 21 items of the class, in the order of GB 3838-2002 table 1."""

BODIES = ("river", "lake")
DOUBTFUL = "plausible.multiple_of_v"


def classify(
    frame: pl.DataFrame, profile: Profile = "realtime", *, partial: bool = False, book: RuleBook | None = None
) -> pl.DataFrame:
    """The water class of each row, by its worst single item.

    Parameters
    ----------
    frame
        Columns `section`, `time`, `body` ("river" or "lake") and any of ITEMS [mg/L; pH without unit];
        others are kept (TN, temperature and coliforms never enter the class). `time` picks the standard by
        date.
    profile
        "realtime" compares values as they are; "evaluation" rounds them first (half to even, one digit kept).
    partial
        Give a class also where pH is the only item that could be judged, or where an item has a value and no limit
        because the body is not known.

    Returns
    -------
    The frame, rows in the same order, with class (I to V, >V; null where nothing was judged), deciding
    (items of the worst class joined by ","), main_pollutants (up to three, with multiples
    of the class III limit), standard, reason (empty when nothing is to be said).

    Notes
    -----
    Equal limits give the best class whose limit holds; a value equal to a limit holds it. pH is I or >V. DO
    class I is 7.5 mg/L, not the saturation. Missing, NaN and negative values are missing: the class comes
    from the rest and the reason names them. pH alone makes no class: it is I or >V and says nothing of the rest. A
    non-detect (text `<0.01` or `0.01L`) is half its limit; one that does not say its limit (未检出, ND) is 0, and named. Values
    beyond the plausible range are missing too, and named; those above 50 times the class V limit (a setting; most
    often a wrong unit) are judged and named. An item without a column is not installed and not named. Without
    a body TP is not judged, and a row that has TP gets no class.

    References
    ----------
    GB 3838-2002, table 1, clause 5; 环办〔2011〕22号.
    """
    book = rule_book() if book is None else book
    if profile not in ("realtime", "evaluation"):
        raise BadArgumentError("profile", profile, "realtime or evaluation")
    missing = [name for name in ("time", "body") if name not in frame.columns]
    if missing:
        raise MissingColumnError(missing, frame.columns)
    masks = {name: (frame["body"].cast(pl.String) == name).fill_null(False).to_numpy() for name in BODIES}
    eras = list(_eras(frame, book))
    results = [_judge(frame[name], name, masks, eras, profile, book=book) for name in ITEMS if name in frame.columns]
    worst = np.zeros(len(frame), dtype=np.int8)
    for result in results:
        worst = np.maximum(worst, result.rank)
    alone = np.zeros(len(frame), dtype=np.bool_)
    if not partial:
        alone = (worst > 0) & np.logical_and.reduce([r.rank == 0 for r in results if r.item != "pH"] or [worst > 0])
        unplaced = _any_unplaced(results, len(frame))
        worst[alone | unplaced] = NONE
        alone &= ~unplaced
    classes = pl.Series([None, *(known.name for known in book.water_classes)], dtype=pl.String)
    return frame.with_columns(
        classes.gather(worst).alias("class"),
        _deciding(results, worst),
        main_pollutants(results, worst, _multiple_decimals(eras, book)),
        _standard(len(frame), eras, book),
        _reason(results, worst, eras, alone, partial=partial),
    )


def item_classes(frame: pl.DataFrame, item: str, *, book: RuleBook | None = None) -> pl.Series:
    """The class of one item that is reported beside the class of the water: TN of lakes, coliforms.

    Parameters
    ----------
    frame
        `time`, `body` and the item [mg/L; coliforms count/L], as means; rounded as in evaluation.

    Returns
    -------
    class_<item>: I to V, >V; null where the standard has no limit for that body, or nothing was measured.

    References
    ----------
    GB 3838-2002, table 1 (TN: lakes and reservoirs only).
    """
    book = rule_book() if book is None else book
    values, usable, _ = read_cells(frame[item])
    usable &= values >= 0
    bodies = frame["body"].cast(pl.String)
    rank = np.zeros(len(frame), dtype=np.int8)
    for since, era in _eras(frame, book):
        compared = round_scaled_keep_digit(values, book.decimals("water_evaluation", item, since))
        for body in ("any", *BODIES):
            limit = book.water_limit_rows.get((item, body), since)
            if limit is not None:
                here = era & usable
                if body != "any":
                    here = here & (bodies == body).fill_null(False).to_numpy()
                rank[here] = rank_values(limit, compared[here])
    classes = pl.Series([None, *(known.name for known in book.water_classes)], dtype=pl.String)
    return classes.gather(rank).alias(f"class_{item}")


Era = tuple[date, Mask]


def _eras(frame: pl.DataFrame, book: RuleBook) -> Iterable[Era]:
    """First day and rows of each period in which no limit and no setting of the class changes."""
    days = sampling_time(frame["time"]).dt.date()
    first = book.water_limit_rows.turning_days[0]
    settings = {period.since for period, _ in book.water_tables.settings.entries.get(DOUBTFUL, ())}
    turns = sorted({*book.water_limit_rows.turning_days, *settings})
    for since, until in pairwise([*(day for day in turns if day >= first), None]):
        assert since is not None
        inside = days >= since
        if until is not None:
            inside = inside & (days < until)
        yield since, inside.fill_null(False).to_numpy()


def _judge(
    column: pl.Series,
    item: str,
    bodies: dict[str, Mask],
    eras: list[Era],
    profile: Profile,
    *,
    book: RuleBook,
) -> ItemResult:
    values, usable, unreadable = read_cells(column)
    rows = len(values)
    negative: Mask = usable & (values < 0)
    absurd: Mask = usable & (values > scaled(book.item(item).plausible_high))
    sound: Mask = usable & ~negative & ~absurd
    dated, doubtful = (np.zeros(rows, dtype=np.bool_) for _ in range(2))
    rank = np.zeros(rows, dtype=np.int8)
    judged, base = values, np.broadcast_to(np.int64(0), rows)
    bases = {0}
    for since, era in eras:
        if not era.any():
            continue
        dated |= era
        compared = values
        if profile == "evaluation":
            compared = round_scaled_keep_digit(values, book.decimals("water_evaluation", item, since))
        for limit, body in _limits(book, item, since, bodies):
            chosen = era & sound & body
            three, most = class_three(limit), int(book.water_tables.on(since).number(DOUBTFUL))
            bases.add(three)
            if chosen.all():  # rows need not be picked
                rank, judged, base = rank_values(limit, compared), compared, np.broadcast_to(np.int64(three), rows)
            else:
                rank[chosen] = rank_values(limit, compared[chosen])
                judged, base = np.where(chosen, compared, judged), np.where(chosen, three, base)
            if limit.compare == "at_most":
                doubtful |= chosen & (values > scaled(limit.limits[-1]) * most)
    known = book.water_limit(item, BODIES[0], book.water_limit_rows.turning_days[-1])
    missing = ~usable & ~unreadable
    unplaced: Mask = dated & sound & (rank == 0)
    return ItemResult(
        item,
        known.name_zh,
        known.listed_first,
        rank,
        judged,
        base,
        tuple(bases),
        missing,
        negative,
        unreadable,
        absurd,
        unplaced,
        doubtful,
        unlimited(column) & sound,
    )


def _limits(book: RuleBook, item: str, day: date, bodies: dict[str, Mask]) -> Iterable[tuple[WaterLimit, Mask]]:
    shared = book.water_limit_rows.get((item, "any"), day)
    if shared is not None:
        yield shared, np.ones_like(bodies[BODIES[0]])
        return
    for name, rows in bodies.items():
        yield book.water_limit(item, name, day), rows


def _multiple_decimals(eras: list[Era], book: RuleBook) -> int:
    return book.decimals("water_multiple", "*", eras[-1][0])


def _standard(rows: int, eras: list[Era], book: RuleBook) -> pl.Series:
    place = np.zeros(rows, dtype=np.int64)
    names: list[str | None] = [None]
    for since, era in eras:
        names.append(next(iter(book.water_limits(since).values())).origin.standard)
        place[era] = len(names) - 1
    return pl.Series(names, dtype=pl.String).gather(place).alias("standard")


def _words(name: str, flags: Iterable[Mask], rows: int, word: Callable[[int], str]) -> pl.Series | None:
    """The word for the flags of each row, the first flag in the lowest bit; None where no row has any."""
    codes = np.zeros(rows, dtype=np.int32)
    seen = 0
    for place, flag in enumerate(flags):
        if flag.any():
            codes |= flag * np.int32(1 << place)
            seen = place + 1
    if not seen:
        return None
    there = np.zeros(1 << seen, dtype=np.bool_)
    there[codes] = True
    distinct = np.flatnonzero(there)
    at = np.zeros(1 << seen, dtype=np.int32)
    at[distinct] = np.arange(len(distinct))
    return pl.Series(name, [word(int(code)) for code in distinct], dtype=pl.String).gather(at[codes])


def _deciding(results: list[ItemResult], worst: Ranks) -> pl.Series:
    judged = worst > 0
    flags = ((result.rank == worst) & judged for result in results)
    found = _words("deciding", flags, len(worst), lambda code: ",".join(_listed(code, results)))
    return pl.Series("deciding", [""] * len(worst), dtype=pl.String) if found is None else found


def _listed(code: int, results: list[ItemResult]) -> list[str]:
    return [result.item for place, result in enumerate(results) if code >> place & 1]


def _reason(results: list[ItemResult], worst: Ranks, eras: list[Era], alone: Mask, *, partial: bool) -> pl.Series:
    rows = len(worst)
    dated = np.zeros(rows, dtype=np.bool_)
    for _, era in eras:
        dated |= era
    told: list[tuple[Iterable[Mask], Callable[[int], str]]] = [
        ([~dated], lambda code: "时间缺失或早于任何水质标准；" if code else ""),
        ((r.missing for r in results), lambda c: _named("缺{}；", c, results)),
        ((r.negative for r in results), lambda c: _named("{}为负值，按缺测；", c, results)),
        ((r.unreadable for r in results), lambda c: _named("{}不是数值，按缺测；", c, results)),
        ((r.absurd for r in results), lambda c: _named("{}超出合理范围，按缺测，请核对单位；", c, results)),
        (
            (r.unplaced for r in results),
            lambda c: _named("水体类型不明，{}未评价" + ("；" if partial else "，不定类；"), c, results),
        ),
        ((r.doubtful for r in results), lambda c: _named("{}远超Ⅴ类限值，疑为单位错误，请核对；", c, results)),
        ((r.unlimited for r in results), lambda c: _named("{}未检出而未给检出限，按0参加；", c, results)),
        (
            [dated & (worst == 0) & ~alone & ~_any_unplaced(results, rows)],
            lambda code: "无可评价项目；" if code else "",
        ),
        ([alone], lambda code: "只有pH可评，不定类；" if code else ""),
    ]
    found = (_words(str(place), flags, rows, word) for place, (flags, word) in enumerate(told))
    parts = [part for part in found if part is not None]
    if not parts:
        return pl.Series("reason", [""] * rows, dtype=pl.String)
    return pl.DataFrame(parts).select(pl.concat_str(pl.all()).str.strip_suffix("；").alias("reason"))["reason"]


def _any_unplaced(results: list[ItemResult], rows: int) -> Mask:
    found: Mask = np.logical_or.reduce([r.unplaced for r in results] or [np.zeros(rows, dtype=np.bool_)])
    return found


def _named(pattern: str, code: int, results: list[ItemResult]) -> str:
    names = _listed(code, results)
    return pattern.format("、".join(names)) if names else ""


def worse_than(actual: str | None, target: str, *, book: RuleBook | None = None) -> bool | None:
    """Whether a class is worse than a target class; None (cannot tell) when there is no class.

    >>> worse_than(">V", "V"), worse_than("III", "III"), worse_than(None, "III")
    (True, False, None)
    """
    book = rule_book() if book is None else book
    try:
        goal = book.water_class(target).rank
        return None if actual is None else book.water_class(actual).rank > goal
    except NoRuleError as error:
        raise BadArgumentError("class", (actual, target), "I, II, III, IV, V or >V") from error
