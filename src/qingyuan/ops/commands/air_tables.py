"""Tables that the air commands read: hours, roster, days to take out, exempt items, issued figures."""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl

from qingyuan.intake.files import Wanted, recognise_columns
from qingyuan.ops import tables
from qingyuan.ops.commands.air_ranking import tidy
from qingyuan.ops.errors import WrongUse
from qingyuan.rules import rule_book

ITEM_WORDS = (
    "SO2、NO2、CO、O3、O3_8h、PM10、PM2_5（CO 用 mg/m³，其他用 µg/m³，列名括号里写明的其他单位会换算；可缺列；"
    "也认 PM2.5、细颗粒物）"
)
_ITEMS = {
    name: (name, "mg/m3" if name == "CO" else "ug/m3") for name in ("SO2", "NO2", "CO", "O3", "O3_8h", "PM10", "PM2_5")
}
AIR = Wanted(_ITEMS, "site", ("city", "AQI"))
FIGURES = Wanted(
    {"AQI": ("AQI", "1")},
    "",
    ("site", "city", "period", "document", "issuer", "primary", "category", "composite"),
    figures=("SO2_mean", "NO2_mean", "PM10_mean", "PM2_5_mean", "CO_P95", "O3_8h_P90", "CO_mean", "O3_8h_mean"),
)
SIDE = Wanted({}, "site", ("city", "since", "until", "date", "items", "item", "kind"), has_time=False)


def issued_figures(frame: pl.DataFrame) -> pl.DataFrame:
    """Issued figures with names and primary pollutants as ours are written."""
    frame = tidy(named(named(frame), FIGURES))
    if "primary" not in frame.columns:
        return frame
    words = pl.col("primary").cast(pl.String).str.replace_all("PM2.5", "PM2_5", literal=True)
    return frame.with_columns(words.str.replace_all(r"\s*[、，;；]\s*", ","))


def hours_of(path: Path, a: argparse.Namespace) -> pl.DataFrame:
    """The hourly rows in a file; WrongUse where a column that `a` asks for is not there."""
    from qingyuan.science.air import ITEMS
    from qingyuan.science.figures import plain_cells

    frame = tables.need(
        named(tables.read_in(a) if path == a.file else tables.read(path), dates=a.dates), path, "site", "time"
    )
    tables.readable_time(frame, path)
    if not set(ITEMS) & set(frame.columns):
        raise WrongUse(f"{path.name} 没有任何项目列；应有 {ITEM_WORDS}")
    if a.by == "city" and a.roster is None:
        tables.need(frame, path, "city")
    return plain_cells(frame, ITEMS)


def roster_of(a: argparse.Namespace) -> pl.DataFrame | None:
    """The dated roster that was given, None where none was."""
    from qingyuan.science.civil import civil_time

    if a.roster is None:
        return None
    frame = tables.need(side_named(tables.read(a.roster)), a.roster, "site", "city", "since")
    given = frame if "until" in frame.columns else frame.with_columns(until=pl.lit(None, dtype=pl.String))
    read = given.with_columns(civil_time(given[name]).dt.date() for name in ("since", "until"))
    wrong = (
        read["since"].is_null() | (read["until"].is_null() & _filled(given["until"])) | (read["until"] < read["since"])
    )
    for place in wrong.fill_null(False).arg_true().to_list()[:1]:
        cells = given.row(place, named=True)
        raise WrongUse(
            f"名册 {a.roster.name} 第 {place + 2} 行：since 为 {cells['since']!r}，until 为 {cells['until']!r}；"
            "应为日期（until 可空），且先后不颠倒"
        )
    ordered = read.sort("site", "since").with_columns(
        pl.col("until").shift(1).over("site").alias("before"), pl.col("since").shift(1).over("site").alias("first")
    )
    twice = ordered.filter(
        pl.col("first").is_not_null() & (pl.col("before").is_null() | (pl.col("since") <= pl.col("before")))
    )
    if len(twice):
        raise WrongUse(f"名册 {a.roster.name}：站点 {twice['site'][0]} 在 {twice['since'][0]} 起重复；同一天只能算一次")
    return read


def _filled(column: pl.Series) -> pl.Series:
    return column.cast(pl.String).str.strip_chars().fill_null("") != ""


def named(frame: pl.DataFrame, wanted: Wanted = AIR, *, dates: str = "") -> pl.DataFrame:
    """Column names and units of exports as this system writes them, unless both are there."""
    return with_left_out(frame, wanted, dates=dates)[0]


def with_left_out(frame: pl.DataFrame, wanted: Wanted = AIR, *, dates: str = "") -> tuple[pl.DataFrame, list[str]]:
    """The same, and the columns of known items that could not be used."""
    found = recognise_columns(frame, wanted, rule_book(""), dates=dates)
    return tables.plain_names(found.frame, "site", "city"), list(found.left_out)


def side_named(frame: pl.DataFrame) -> pl.DataFrame:
    """A roster, days to take out or exempt items under the names of this system."""
    return tables.plain_names(recognise_columns(frame, SIDE, rule_book("")).frame, "site", "city")


def deducted_of(a: argparse.Namespace) -> pl.DataFrame | None:
    """The days to take out that were given; WrongUse for a day or an item that cannot be read."""
    if a.deduct is None:
        return None
    from qingyuan.science.civil import civil_time

    table = tables.need(side_named(tables.read(a.deduct)), a.deduct, a.by, "date")
    tables.readable_time(table, a.deduct, "date")
    read = table.with_columns(civil_time(table["date"]).dt.date().alias("date"))
    _refuse(a.deduct, table, read["date"].is_null(), "date", "日期")
    return _with_items(read, a.deduct, "items")


def exempt_of(a: argparse.Namespace, key: str) -> pl.DataFrame | None:
    """The items that need not be monitored; WrongUse for an item or a date that cannot be read."""
    if a.exempt is None:
        return None
    from qingyuan.science.civil import civil_time

    table = tables.need(side_named(tables.read(a.exempt)), a.exempt, key, "item")
    for name in ("since", "until"):
        if name in table.columns:
            tables.readable_time(table, a.exempt, name)
            read = civil_time(table[name])
            _refuse(a.exempt, table, read.is_null() & _filled(table[name]), name, "日期，或空")
    table = table.filter(_filled(table["item"]))  # what `air exempt` says about objects without enough years
    return _with_items(table, a.exempt, "item")


def not_found(
    table: pl.DataFrame | None, hours: pl.DataFrame, a: argparse.Namespace, roster: pl.DataFrame | None
) -> int:
    """Rows of a side table whose site or city is nowhere among the hours."""
    if table is None:
        return 0
    known = hours[a.by] if a.by == "site" or roster is None else roster["city"]
    return int((~table[a.by].cast(pl.String).is_in(known.cast(pl.String).unique().to_list())).fill_null(True).sum())


def _with_items(table: pl.DataFrame, path: Path, column: str) -> pl.DataFrame:
    """The table with its items as they are written here; WrongUse for one that is none."""
    from qingyuan.science.air import ITEMS

    if column not in table.columns:
        return table
    text = table[column].cast(pl.String).str.replace_all("PM2.5", "PM2_5", literal=True)
    plain = text.str.replace_all(r"\s*[、，;；,]\s*", ",").str.strip_chars()
    for place, cell in enumerate(plain.to_list()):
        if wrong := [item for item in (cell or "").split(",") if item and item not in ITEMS]:
            raise WrongUse(f"{path.name} 第 {place + 2} 行：不认识的项目 {wrong[0]}；应为 {'、'.join(ITEMS)}")
    return table.with_columns(plain.alias(column))


def _refuse(path: Path, table: pl.DataFrame, wrong: pl.Series, column: str, expected: str) -> None:
    for place in wrong.arg_true().to_list()[:1]:
        got = table[column][place]
        raise WrongUse(f"{path.name} 第 {place + 2} 行：{column} 为 {got!r}；应为{expected}")
