"""Guessing a mapping from a table, for a person to confirm on the mapping screen."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import polars as pl

from qingyuan.intake.files.cells import read_cells
from qingyuan.intake.files.errors import ProfileError
from qingyuan.intake.files.profile import MISSING, ColumnMap, FlagMap, Profile
from qingyuan.intake.files.stamps import read_stamps
from qingyuan.intake.files.synonyms import Header, item_of, read_header, roles_of
from qingyuan.rules import NoRuleError, RuleBook, rule_book

SAMPLE = 500
MOST_OUTSIDE = 0.5
_GRAINS = {timedelta(minutes=1): "minute", timedelta(hours=1): "hour", timedelta(days=1): "day"}
_KINDS = {"air": "air", "weather": "weather", "water": "water", "flue_gas": "outlet"}
_DEVICE_FLAGS = {"正常": "N", "停运": "F", "停站": "F", "维护": "M", "故障": "D", "校准": "C", "N": "N"}


def propose(frame: pl.DataFrame, name: str = "新方案", *, book: RuleBook | None = None) -> Profile:
    """A profile guessed from headers and the first rows.

    Headers are matched by Chinese and English synonyms, HJ 212 codes and units in brackets or suffixes. A
    unit that the header does not give is the item's own, unless the values are only plausible in another.
    The grain is the usual step between stamps of one point; hours of ambient air are taken to close (as the
    national network writes them), others to open; a person must confirm both.

    Raises ProfileError when no time column, or no column of a known item, is found.
    """
    book = rule_book() if book is None else book
    headers = [read_header(title) for title in frame.columns]
    times = _times(headers)
    points = _points(headers)
    head = frame.head(SAMPLE)
    item_column, value_column, unit_column = (_role(headers, role) for role in ("item", "value", "unit"))
    long = bool(item_column and value_column)
    if long:
        texts = head[item_column].cast(pl.String).drop_nulls().str.strip_chars().unique(maintain_order=True)
        columns = _long_columns(head, texts.to_list(), item_column, value_column, book)
    else:
        columns = tuple(
            ColumnMap(header.title, header.item, header.unit or _unit(head[header.title], header.item, book))
            for header in headers
            if header.item and _fits(header, book)
        )
    if not columns:
        raise ProfileError("数值列", "、".join(frame.columns[:20]), "至少一列认得出的监测项目，如 二氧化硫、氨氮")
    kind = _KINDS[Counter(book.item(column.item).medium for column in columns).most_common(1)[0][0]]
    status = _role(headers, "status")
    draft = Profile(
        name=name,
        kind=kind,
        time_columns=times,
        stamps="instant",
        grain="raw",
        columns=columns,
        point_columns=points,
        fixed_point="" if points else name,
        name_column=_role(headers, "name"),
        layout="long" if long else "wide",
        item_column=item_column if long else "",
        value_column=value_column if long else "",
        unit_column=unit_column if long else "",
        flag=FlagMap(status, _DEVICE_FLAGS) if status else None,
    )
    grain = _grain(draft, head)
    stamps = "instant" if grain == "raw" else "closes" if (kind, grain) == ("air", "hour") else "opens"
    statistic = "Rtd" if grain == "raw" else "Avg"
    settled = tuple(
        ColumnMap(column.column, column.item, column.unit, statistic, _status(column.item)) for column in columns
    )
    values = {**draft.__dict__, "columns": settled, "grain": grain, "stamps": stamps}
    return Profile(**values)


def unmapped_columns(profile: Profile, frame: pl.DataFrame) -> list[str]:
    """Columns of the table that the profile does not use, in order."""
    used = {*profile.used_columns(), profile.name_column, profile.unit_column, *profile.attributes}
    used |= {column.column for column in profile.columns} if profile.layout == "wide" else set()
    used |= {profile.flag.column} if profile.flag else set()
    return [name for name in frame.columns if name not in used]


def _role(headers: list[Header], role: str) -> str:
    return next((header.title for header in headers if role in roles_of(header.title)), "")


def _times(headers: list[Header]) -> tuple[str, ...]:
    time = _role(headers, "time")
    if time:
        return (time,)
    parts = tuple(title for title in (_role(headers, "date"), _role(headers, "hour")) if title)
    if not parts or not _role(headers, "date"):
        titles = "、".join(header.title for header in headers[:20])
        raise ProfileError("时间列", titles, "名为 时间、监测时间、日期 或 time 的列")
    return parts


def _points(headers: list[Header]) -> tuple[str, ...]:
    known = [header.title for header in headers if "point" in roles_of(header.title)]
    codes = [title for title in known if "name" not in roles_of(title)]
    chosen = (codes or known)[:1]
    province = _role(headers, "province")
    return (province, *chosen) if province and chosen and not codes else tuple(chosen)


def _fits(header: Header, book: RuleBook) -> bool:
    """Whether the header's unit, where it has one, measures the same as the item."""
    if not header.unit:
        return True
    try:
        book.conversion(header.unit, book.item(header.item).unit)
    except NoRuleError:
        return False
    return True


def _unit(column: pl.Series, item: str, book: RuleBook) -> str:
    """The item's own unit, or the one of its dimension in which the values are plausible."""
    known = book.item(item)
    cells = read_cells(column, MISSING, {}, None)
    values = cells.value.drop_nulls()
    if not len(values):
        return known.unit
    dimension = book.units[known.unit].dimension
    others = [unit.name for unit in book.units.values() if unit.dimension == dimension and unit.name != known.unit]
    low, high = float(known.plausible_low), float(known.plausible_high)
    for unit in (known.unit, *dict.fromkeys(others)):
        scale, shift = book.conversion(unit, known.unit)
        outside = 1 - float((values * scale + shift).is_between(low, high).mean() or 0.0)  # type: ignore[arg-type]
        if outside < MOST_OUTSIDE:
            return unit
    return known.unit


def _long_columns(
    head: pl.DataFrame, texts: list[str], item_column: str, value_column: str, book: RuleBook
) -> tuple[ColumnMap, ...]:
    found = []
    for text in texts:
        item = item_of(text)
        if item:
            rows = head.filter(pl.col(item_column).cast(pl.String).str.strip_chars() == text)
            found.append(ColumnMap(text, item, _unit(rows[value_column], item, book)))
    return tuple(found)


def _grain(draft: Profile, head: pl.DataFrame) -> str:
    stamps = read_stamps(draft, head)
    texts = [pl.col(name).cast(pl.String) for name in draft.point_columns] or [pl.lit("")]
    frame = head.with_columns(pl.concat_str(texts).alias("point"), stamps.start.alias("start")).select("point", "start")
    steps = frame.drop_nulls().unique().sort("point", "start").select(pl.col("start").diff().over("point"))["start"]
    usual = steps.drop_nulls().mode()
    return _GRAINS.get(usual.min(), "raw") if len(usual) else "raw"  # type: ignore[arg-type]


def _status(item: str) -> str:
    return "issued" if item in ("AQI", "water_class") else "realtime"
