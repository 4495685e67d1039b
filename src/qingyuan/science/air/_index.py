"""The air quality index of rows, under the edition in force on each row's date or under a named one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
import polars as pl

from qingyuan.rules import AqiEdition, AqiItem, NoRuleError, RuleBook, rule_book
from qingyuan.science.air._columns import Averaging, Stamps, opening_time, require
from qingyuan.science.air._iaqi import ABSENT, sub_index
from qingyuan.science.air._result import BEYOND, DOUBTFUL, MISSING, NEGATIVE, ODD, UNREADABLE, Result
from qingyuan.science.civil import civil_time
from qingyuan.science.errors import BadArgumentError
from qingyuan.science.rounding import Integers, Mask, round_scaled, scaled, scaled_column, unreadable_cells

Standard = Literal["auto", "HJ633-2012", "HJ633-2026"]


def aqi(
    frame: pl.DataFrame,
    averaging: Averaging = "hour",
    standard: Standard = "auto",
    *,
    stamps: Stamps = "opens",
    book: RuleBook | None = None,
) -> pl.DataFrame:
    """Sub-indices, index, primary pollutants and category of each row.

    Parameters
    ----------
    frame
        Columns `site`, `time` and any of SO2, NO2, O3, O3_8h, PM10, PM2_5 [ug/m3] and CO [mg/m3]; others are
        kept. `time` may be a date, a Beijing civil time without zone, a time with zone, or text of one; it is
        only read to pick the edition (and need not exist where `standard` is named).
    averaging
        "hour": hourly means (PM with the 24 h column). "day": daily values, ozone by O3_8h.
    standard
        "auto" picks the edition by the row's date; a name recomputes all rows under that edition.
    stamps
        Whether an hourly `time` opens or closes its hour: decides the date of the hour before midnight.

    Returns
    -------
    The frame, rows in the same order, with IAQI_<item>, AQI [1], primary (items joined by ","), category,
    level (I to VI), standard, reason (empty when nothing is to be said).

    Notes
    -----
    Missing, NaN, negative and implausibly large values (most often a wrong unit: CO of 800 "mg/m3"), and text
    that is no number, are missing, with a reason; the frame keeps what was given. Doubled rows are computed and
    named. HJ633-2012: the index is
    the largest of the sub-indices that exist. HJ633-2026: without all six items an index of 100 or less is
    not given (5.3.1); values are rounded half to even before (4.2.2). Sub-indices are rounded up. Primary:
    index above 50, ties all listed.

    References
    ----------
    HJ 633-2012, 4.2-4.4, table 1; HJ 633-2026, 4.2-4.3, 5.3.1, table 3.
    """
    book = rule_book() if book is None else book
    rows = len(frame)
    if averaging not in ("hour", "day"):
        raise BadArgumentError("averaging", averaging, "hour or day")
    names = _item_names(book, averaging)
    state = Result(rows, names)
    state.doubled = _doubled(frame)
    for edition, chosen in _editions(frame, averaging, standard, stamps, book):
        _evaluate(frame, averaging, edition, chosen, state, book=book)
    return frame.with_columns(*state.columns(book))


def _item_names(book: RuleBook, averaging: Averaging) -> tuple[str, ...]:
    editions = [edition for _, edition in book.aqi_editions.entries["AQI"]]
    return tuple(dict.fromkeys(item.item for edition in editions for item in edition.items(averaging)))


def _editions(
    frame: pl.DataFrame, averaging: Averaging, standard: Standard, stamps: Stamps, book: RuleBook
) -> Iterable[tuple[AqiEdition, Mask]]:
    everything = np.ones(len(frame), dtype=np.bool_)
    if standard != "auto":
        try:
            yield book.aqi_edition(standard), everything
        except NoRuleError:
            raise BadArgumentError("standard", standard, "auto, HJ633-2012 or HJ633-2026") from None
        return
    require(frame, "time")
    days = opening_time(frame["time"], averaging, stamps).dt.date()
    for period, edition in book.aqi_editions.entries["AQI"]:
        inside = days >= period.since
        if period.until is not None:
            inside = inside & (days <= period.until)
        chosen: Mask = inside.fill_null(False).to_numpy()
        if chosen.any():
            yield edition, chosen


def _evaluate(
    frame: pl.DataFrame,
    averaging: Averaging,
    edition: AqiEdition,
    chosen: Mask,
    state: Result,
    *,
    book: RuleBook,
) -> None:
    part = frame if chosen.all() else frame.filter(pl.Series(chosen))
    rows = np.flatnonzero(chosen)
    day = edition.origin.period.since
    count = len(state.names)
    reason = np.zeros(len(rows), dtype=np.int64)
    best = np.full(len(rows), ABSENT, dtype=np.int64)
    complete = np.ones(len(rows), dtype=np.bool_)
    for item in edition.items(averaging):
        values, usable, odd = _read(part, item.item, book)
        if edition.round_before:
            values = round_scaled(values, book.decimals("aqi_input", item.item, day))
        index, beyond = sub_index(item, values, usable)
        if item.replaced_by is not None and beyond.any():
            index = _replaced(part, edition, item.replaced_by, index, beyond, book=book)
        place = state.names.index(item.item)
        missing = ~(usable | odd[NEGATIVE] | odd[UNREADABLE] | odd[DOUBTFUL])
        lost = (index == ABSENT) & usable
        for kind, flags in ((MISSING, missing), (BEYOND, lost), *odd.items()):
            reason |= flags.astype(np.int64) << (kind * count + place)
        complete &= usable
        state.iaqi[item.item][rows] = index
        best = np.maximum(best, index)
    primary = np.zeros(len(rows), dtype=np.int64)
    for place, name in enumerate(state.names):
        primary |= ((state.iaqi[name][rows] == best) & (best > edition.primary_above)).astype(np.int64) << place
    withheld = np.zeros(len(rows), dtype=np.bool_)
    if edition.publish_above is not None:
        withheld = ~complete & (best <= edition.publish_above) & (best >= 0)
    state.withheld[rows] = withheld
    state.aqi[rows] = np.where(withheld, ABSENT, best)
    state.primary[rows] = np.where(withheld, 0, primary)
    state.reason[rows] = reason
    state.standard[rows] = len(state.standards)
    state.standards.append(edition.standard)


def _read(frame: pl.DataFrame, name: str, book: RuleBook) -> tuple[Integers, Mask, dict[int, Mask]]:
    """Scaled values, which of them count, and what is odd about the others."""
    nothing = np.zeros(len(frame), dtype=np.bool_)
    if name not in frame.columns:
        return np.zeros(len(frame), dtype=np.int64), nothing, dict.fromkeys(ODD, nothing)
    values, usable = scaled_column(frame[name])
    sound: Mask = usable & (values >= 0) & (values <= scaled(book.item(name).plausible_high))
    odd = {
        NEGATIVE: usable & (values < 0),
        UNREADABLE: unreadable_cells(frame[name], usable),
        DOUBTFUL: usable & ~sound & (values > 0),
    }
    return np.where(sound, values, 0), sound, odd


def _replaced(
    frame: pl.DataFrame, edition: AqiEdition, name: str, index: Integers, beyond: Mask, *, book: RuleBook
) -> Integers:
    """Sub-indices with those beyond the last node taken from the hourly column of item `name`."""
    column = edition.columns[name, "hour"]
    item = AqiItem(name, column, "cap", column.iaqi[-1], None)
    values, usable, _ = _read(frame, name, book)
    other, _ = sub_index(item, values, usable)
    return np.where(beyond, other, index)


def _doubled(frame: pl.DataFrame) -> Mask:
    """Rows that share site and instant with another, however it is written."""
    if not {"site", "time"} <= set(frame.columns):
        return np.zeros(len(frame), dtype=np.bool_)
    kind = frame["time"].dtype
    times = civil_time(frame["time"]) if kind == pl.String or kind.is_temporal() else frame["time"]
    keyed = pl.DataFrame([frame["site"], times])
    doubled: Mask = (keyed.is_duplicated() & times.is_not_null()).to_numpy()
    return doubled
