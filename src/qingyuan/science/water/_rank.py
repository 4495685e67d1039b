"""Ranking by an index, and by its change."""

from __future__ import annotations

from datetime import date

import polars as pl

from qingyuan.rules import RuleBook, rule_book
from qingyuan.science.errors import MissingColumnError
from qingyuan.science.figures import doubled_rows, joined_reasons, sound_figures
from qingyuan.science.rounding import round_values
from qingyuan.science.water._cells import numbers_of
from qingyuan.science.water._eras import dates_of

YES = ("yes", "true", "1", "是")


def rank(
    frame: pl.DataFrame, by: str = "cwqi", base: str | None = None, *, book: RuleBook | None = None
) -> pl.DataFrame:
    """Ranks of rows by an index, the smallest first.

    Parameters
    ----------
    frame
        Column `by`; `base` (the index of the period compared with) for the change ranking. `excluded` (yes)
        with `excluded_reason` leaves a row out of both rankings, as provincial rules do for areas that are
        good and on target.

    Returns
    -------
    The frame with rank, with a base also delta_pct [%] and rank_change, and reason; in the frame's order.

    Notes
    -----
    Ties share a rank and the next is skipped. Rows without an index are not ranked; text and negative
    values are named, so are two rows of one object. The change is (now -
    base)/base, two decimals half to even; the most negative improved most and comes first.

    References
    ----------
    城市地表水环境质量排名技术规定（试行）, 2017; 苏环办〔2019〕367号 (exclusions).
    """
    book = rule_book() if book is None else book
    missing = [name for name in (by, *([base] if base else [])) if name not in frame.columns]
    if missing:
        raise MissingColumnError(missing, frame.columns)
    out = pl.Series("out", [False] * len(frame))
    if "excluded" in frame.columns:
        out = frame["excluded"].cast(pl.String).str.strip_chars().str.to_lowercase().is_in(YES).fill_null(False)
    why = frame["excluded_reason"].cast(pl.String) if "excluded_reason" in frame.columns else None
    named = [by, *([base] if base else [])]
    clean, doubts = sound_figures(frame, dict.fromkeys(named, (0.0, None)), numbers_of)
    index = clean[by]
    columns = [_ranks("rank", index, out)]
    said = [
        pl.when(out).then(pl.concat_str([pl.lit("不参加排名"), _brackets(why, len(frame))])),
        pl.when(index.is_null()).then(pl.lit(f"没有{by}，不排名")),
    ]
    if base:
        before = clean[base]
        ratio = frame.select(
            pl.when(before != 0).then((index - before) / before * 100).alias("delta_pct").cast(pl.Float64)
        )["delta_pct"]
        delta = round_values(ratio, int(book.water_tables.on(_latest(frame)).number("cwqi.change.decimals")))
        columns += [delta, _ranks("rank_change", delta, out)]
        said.append(pl.when(before.is_null() | (before == 0)).then(pl.lit(f"没有{base}，不排变化")))
    places = [name for name in ("section", "city", "county", "area") if name in frame.columns][:1]
    keys = [*places, *(name for name in ("period", "time") if name in frame.columns)]
    twice = [doubled_rows(frame, keys, "同一对象有多行")] if places else []
    told = frame.select(pl.concat_str(said, separator="；", ignore_nulls=True).alias("said"))["said"]
    past = [frame["reason"]] if "reason" in frame.columns else []
    return frame.with_columns(*columns, joined_reasons([*past, doubts, told, *twice], len(frame)))


def _latest(frame: pl.DataFrame) -> date | None:
    days = dates_of(frame)
    last = None if days is None else days.max()
    return last if isinstance(last, date) else None


def _ranks(name: str, index: pl.Series, out: pl.Series) -> pl.Series:
    frame = pl.DataFrame([index.alias("index"), out.alias("out")])
    kept = pl.when(~pl.col("out")).then(pl.col("index"))
    return frame.select(kept.rank("min").cast(pl.Int64).alias(name))[name]


def _brackets(why: pl.Series | None, rows: int) -> pl.Series:
    if why is None:
        return pl.Series("why", [""] * rows)
    return (
        why.to_frame("why")
        .select(
            pl.when(pl.col("why").fill_null("") != "").then(pl.format("（{}）", pl.col("why"))).otherwise(pl.lit(""))
        )["why"]
        .alias("why")
    )
