"""Guessing a mapping from a table, for a person to confirm on the mapping screen."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import polars as pl

from qingyuan.intake.files.cells import read_cells
from qingyuan.intake.files.class_words import CLASS_WORDS
from qingyuan.intake.files.errors import ProfileError
from qingyuan.intake.files.melting import station_columns
from qingyuan.intake.files.profile import MISSING, ColumnMap, FlagMap, Profile
from qingyuan.intake.files.stamps import read_stamps
from qingyuan.intake.files.stamps import settled as settled_order
from qingyuan.intake.files.synonyms import Header, item_of, read_header, roles_of
from qingyuan.rules import NoRuleError, RuleBook, rule_book
from qingyuan.science.civil import BEIJING

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
    national network writes them), others to open; a person must confirm both. A table without a column of points gets
    none: somebody has to say it.

    Raises ProfileError when no time column, or no column of a known item, is found.
    """
    book = rule_book() if book is None else book
    headers = [read_header(title) for title in frame.columns]
    head = frame.head(SAMPLE)
    times = _times(headers, head)
    item_column, value_column = _item_column(headers, head), _role(headers, "value")
    unit_column = _role(headers, "unit")
    long = bool(item_column and value_column)
    points = _points(headers)
    if long:
        texts = head[item_column].cast(pl.String).drop_nulls().str.strip_chars().unique(maintain_order=True)
        columns = _long_columns(head, texts.to_list(), item_column, value_column, book)
    else:
        columns = _wide_columns(headers, head, book)
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
        name_column=_role(headers, "name"),
        layout="long" if long else "wide",
        item_column=item_column if long else "",
        value_column=value_column if long else "",
        unit_column=unit_column if long else "",
        flag=FlagMap(status, _DEVICE_FLAGS) if status else None,
        attributes=_attributes(headers),
    )
    grain = _grain(draft, head)
    stamps = "instant" if grain == "raw" else "closes" if (kind, grain) == ("air", "hour") else "opens"
    statistic = "Rtd" if grain == "raw" else "Avg"
    settled = tuple(
        ColumnMap(column.column, column.item, column.unit, statistic, _status(column.item), words=_words(column.item))
        for column in columns
    )
    values = {**draft.__dict__, "columns": settled, "grain": grain, "stamps": stamps}
    return Profile(**values)


def unmapped_columns(profile: Profile, frame: pl.DataFrame) -> list[str]:
    """Columns of the table that the profile does not use, in order."""
    used = {*profile.used_columns(), profile.name_column, profile.unit_column, *profile.attributes}
    used |= {column.column for column in profile.columns} if profile.layout == "wide" else set()
    if profile.layout == "stations":
        used |= set(station_columns(profile, frame))
    used |= {profile.flag.column} if profile.flag else set()
    return [name for name in frame.columns if name not in used]


def _role(headers: list[Header], role: str) -> str:
    return next((header.title for header in headers if role in roles_of(header.title)), "")


def _times(headers: list[Header], head: pl.DataFrame) -> tuple[str, ...]:
    """The columns that together give the most stamps that can be read; the finer ones where several do."""
    times = [header.title for header in headers if "time" in roles_of(header.title)]
    dates = [header.title for header in headers if "date" in roles_of(header.title)]
    hours = [header.title for header in headers if "hour" in roles_of(header.title)]
    choices: list[tuple[str, ...]] = [(time,) for time in times]
    choices += [(day, clock) for day in dates for clock in (*hours, *times)]
    choices += [(day,) for day in dates]
    if not choices:
        titles = "、".join(header.title for header in headers[:20])
        raise ProfileError("时间列", titles, "名为 时间、监测时间、日期 或 time 的列")

    def share(columns: tuple[str, ...]) -> float:
        draft = Profile("", "air", columns, "instant", "raw", ())
        got = read_stamps(settled_order(draft, head), head)
        return len(head) - got.start.null_count()

    return max(choices, key=share) if len(choices) > 1 else choices[0]


def _points(headers: list[Header]) -> tuple[str, ...]:
    """The column of codes, else of names, else of cities; with the province where only names are there."""
    known = [header.title for header in headers if "point" in roles_of(header.title)]
    codes = [title for title in known if "name" not in roles_of(title)]
    names = [title for title in known if "name" in roles_of(title)] or [_role(headers, "name")]
    chosen = [title for title in (*codes[:1], *names) if title][:1] or [_role(headers, "city")]
    province = _role(headers, "province")
    found = [title for title in chosen if title]
    return (province, *found) if province and found and not codes else tuple(found)


def _attributes(headers: list[Header]) -> tuple[str, ...]:
    """Columns that say something of the point itself."""
    return tuple(title for role in ("city", "body", "longitude", "latitude") if (title := _role(headers, role)))


def _item_column(headers: list[Header], head: pl.DataFrame) -> str:
    """The column whose texts are items; one that is only called so where none is."""
    named = [header.title for header in headers if "item" in roles_of(header.title)]
    for title in named:
        texts = head[title].cast(pl.String).drop_nulls().str.strip_chars().unique()
        if any(item_of(text) for text in texts):
            return title
    return ""


def _wide_columns(headers: list[Header], head: pl.DataFrame, book: RuleBook) -> tuple[ColumnMap, ...]:
    """A column per item. In a table of ambient air a gas of stacks is given in the unit of ambient air."""
    known = [header for header in headers if header.item and not header.role and _fits(header, book)]
    media = Counter(book.item(header.item).medium for header in known)
    ambient = media["air"] > 0 and media["air"] >= media["flue_gas"]
    found = []
    for header in known:
        item = book.item(header.item)
        unit = header.unit
        if not unit and ambient and item.medium == "flue_gas" and item.unit == "mg/m3":
            unit = "ug/m3"
        found.append(ColumnMap(header.title, header.item, unit or _unit(head[header.title], header.item, book)))
    return tuple(found)


def _words(item: str) -> dict[str, float]:
    return CLASS_WORDS if item == "water_class" else {}


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
    stamps = read_stamps(settled_order(draft, head), head)
    texts = [pl.col(name).cast(pl.String) for name in draft.point_columns] or [pl.lit("")]
    frame = head.with_columns(pl.concat_str(texts).alias("point"), stamps.start.alias("start")).select("point", "start")
    steps = frame.drop_nulls().unique().sort("point", "start").select(pl.col("start").diff().over("point"))["start"]
    usual = steps.drop_nulls().mode()
    known = _GRAINS.get(usual.min(), "") if len(usual) else ""  # type: ignore[arg-type]
    if known or draft.kind != "air":
        return known or "raw"
    starts = frame["start"].drop_nulls().dt.convert_time_zone(BEIJING)
    whole = len(starts) > 0 and bool((starts.dt.truncate("1h") == starts).all())
    return "hour" if whole and not _are_days(draft, starts) else "day" if whole else "raw"


def _are_days(draft: Profile, starts: pl.Series) -> bool:
    """Whether stamps are days: a column of dates alone, all at midnight."""
    alone = len(draft.time_columns) == 1 and "date" in roles_of(draft.time_columns[0])
    return alone and bool((starts.dt.truncate("1d") == starts).all())


def _status(item: str) -> str:
    return "issued" if item in ("AQI", "water_class") else "realtime"
