"""Beijing civil time of a column of times, however it was written."""

from __future__ import annotations

import polars as pl

from qingyuan.science.errors import BadArgumentError
from qingyuan.science.moments import date_order, read_moment

BEIJING = "Asia/Shanghai"
_ZONED = "%+"
_MIDNIGHT = r"[ T]24:00(:00)?\s*$"
_FORMATS = (
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d",
)


def civil_time(times: pl.Series, order: str = "") -> pl.Series:
    """Times as naive Beijing civil time [µs].

    A zoned time is converted, one without zone is taken as Beijing time, a date as its midnight, 24:00 as the end of
    its day; all the ways of `read_moment` are read. `order` says which comes first in dates that end in their year
    ("dmy", "mdy"); where it is empty the column itself must tell (13/02/2020). Text that is no time, and null, become
    null.
    """
    kind = times.dtype
    if isinstance(kind, pl.Datetime):
        zoned = times if kind.time_zone is None else times.dt.convert_time_zone(BEIJING)
        return zoned.dt.replace_time_zone(None).cast(pl.Datetime("us"))
    if kind in (pl.Date, pl.Null):
        return times.cast(pl.Datetime("us"))
    if kind == pl.String:
        return _with_midnight(times, order) if times.str.contains(_MIDNIGHT).any() else _read(times, order)
    raise BadArgumentError("time", str(kind), "dates, times or their text")


def _read(times: pl.Series, order: str) -> pl.Series:
    """Text as civil time: each way of writing is tried on the cells that the ones before could not read."""
    text = pl.col(times.name).str.strip_chars()
    tidy = (
        text.str.replace(r"^([\d-]+) +", "${1}T")
        .str.replace(r"(T\d{2}:\d{2})([zZ+-])", "${1}:00${2}")
        .str.replace(r"(:.*[+-]\d{2})(\d{2})$", "${1}:${2}")
    )
    zoned = tidy.str.to_datetime(_ZONED, strict=False, time_unit="us", time_zone="UTC")
    ways = [text.str.to_datetime(form, strict=False, time_unit="us") for form in _FORMATS]
    ways.append(zoned.dt.convert_time_zone(BEIJING).dt.replace_time_zone(None))
    found = pl.Series(times.name, [None], dtype=pl.Datetime("us")).new_from_index(0, len(times))
    open_rows = times.is_not_null().arg_true()
    for way in ways:
        if not len(open_rows):
            break
        read = times.gather(open_rows).to_frame().select(pl.when(way.dt.year() >= 1000).then(way).alias("read"))["read"]
        found = found.scatter(open_rows, read) if len(open_rows) < len(times) else read.alias(times.name)
        open_rows = open_rows.filter(read.is_null())
    if not len(open_rows):
        return found
    odd = times.gather(open_rows)
    texts = odd.unique()
    order = order or date_order(texts)
    known = {text: read_moment(text, order) for text in texts}
    told = {text: moment for text, moment in known.items() if moment is not None}
    if not told:
        return found
    read = odd.replace_strict(list(told), list(told.values()), default=None, return_dtype=pl.Datetime("us"))
    return found.scatter(open_rows, read) if len(open_rows) < len(times) else read.alias(times.name)


def _with_midnight(times: pl.Series, order: str) -> pl.Series:
    """Text of times of which some say 24:00."""
    start = civil_time(times.str.replace(_MIDNIGHT, " 00:00"), order)
    late = times.str.contains(_MIDNIGHT)
    frame = pl.DataFrame([start.alias("start"), late.alias("late")])
    return frame.select(pl.when("late").then(pl.col("start").dt.offset_by("1d")).otherwise("start").alias(times.name))[
        times.name
    ]
