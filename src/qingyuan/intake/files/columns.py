"""Columns of people's tables under the names that the evaluation uses, in its units."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from qingyuan.intake.files.profile import Profile
from qingyuan.intake.files.stamps import joined_times
from qingyuan.intake.files.synonyms import Header, column_of, figure_of, plain, read_header, roles_of
from qingyuan.rules import NoRuleError, RuleBook
from qingyuan.science.civil import civil_time

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_WATER_UNITS = {"mg/m3": "ug/L", "ug/m3": "ng/L"}
UNCHANGED = (Decimal(1), Decimal(0))
_LENGTHS = {"m": Decimal(1), "米": Decimal(1), "cm": Decimal("0.01"), "厘米": Decimal("0.01")}


@dataclass(frozen=True)
class Wanted:
    """What a command reads. items: column name to (item, unit); texts: names of other columns; place: what the point is called.

    lengths: columns of lengths with their unit (m or cm).
    """

    items: Mapping[str, tuple[str, str]]
    place: str = ""
    texts: tuple[str, ...] = ()
    lengths: Mapping[str, tuple[str, str]] | None = None
    is_water: bool = False
    figures: tuple[str, ...] = ()
    has_time: bool = True


@dataclass(frozen=True)
class Recognised:
    """The table with the names that are used; renamed: old to new; left_out: columns of known items that could not be used."""

    frame: pl.DataFrame
    renamed: dict[str, str]
    left_out: tuple[str, ...] = ()


def recognise_columns(frame: pl.DataFrame, wanted: Wanted, book: RuleBook, *, dates: str = "") -> Recognised:
    """Chinese and English titles, units in brackets, a date beside an hour: as the command names and measures them.

    A column that already has the command's name stays; the first of several that mean the same is taken. Values in another
    unit of the same kind are converted, text around a number (<0.01, 0.01L) stays. A column of a known item whose unit
    measures something else is left as it is and named.
    """
    headers = [read_header(name) for name in frame.columns]
    taken = set(frame.columns)
    renamed: dict[str, str] = {}
    scaled: dict[str, tuple[Decimal, Decimal]] = {}
    left_out: list[str] = []
    for header in headers:
        if header.title in wanted.items or header.title in wanted.texts or header.title == wanted.place:
            continue
        new, scale = _item_for(header, wanted, book)
        if new == "?":
            left_out.append(header.title)
        elif new and new not in taken:
            renamed[header.title] = new
            taken.add(new)
            if scale != UNCHANGED:
                scaled[header.title] = scale
        elif new and new in taken and new in wanted.items:
            left_out.append(header.title)
    rest = [header for header in headers if header.title not in renamed]
    for name in wanted.texts:
        if name in taken:
            continue
        title = next((h.title for h in rest if h.title not in renamed and name in _texts_of(h.title)), None)
        if title is not None:
            renamed[title] = name
            taken.add(name)
    if wanted.place and wanted.place not in taken:
        title = _place_of([h for h in rest if h.title not in renamed])
        if title:
            renamed[title] = wanted.place
    frame = frame.with_columns(_converted(frame[name], *scale) for name, scale in scaled.items())
    if wanted.has_time:
        frame = _with_time(frame, renamed, dates)
    frame = frame.rename(renamed)
    return Recognised(frame, renamed, tuple(left_out))


def _item_for(header: Header, wanted: Wanted, book: RuleBook) -> tuple[str, tuple[Decimal, Decimal]]:
    """The command's column for a title, and what turns its values; `?` where the unit cannot be turned."""
    same = UNCHANGED
    if length := _length_for(header, wanted):
        return length
    if wanted.figures and (figure := figure_of(header.title)) in wanted.figures:
        return figure, same
    new, unit = next(
        ((new, unit) for new, (item, unit) in wanted.items.items() if item == header.item and not header.role), ("", "")
    )
    given = _WATER_UNITS.get(header.unit, header.unit) if wanted.is_water else header.unit
    if not new or not given or given == unit:
        return new, same
    try:
        scale, shift = book.conversion(given, unit)
    except NoRuleError:
        return "?", same
    return new, (_exact(scale), _exact(shift))


def _length_for(header: Header, wanted: Wanted) -> tuple[str, tuple[Decimal, Decimal]] | None:
    bare, _, given = plain(header.title).replace(")", "").partition("(")
    for new, (word, unit) in (wanted.lengths or {}).items():
        if word in column_of(bare):
            return new, (_LENGTHS.get(given or unit, Decimal(1)) / _LENGTHS[unit], Decimal(0))
    return None


def _texts_of(title: str) -> set[str]:
    return {*roles_of(title), *column_of(title)}


def _place_of(headers: list[Header]) -> str:
    known = [h.title for h in headers if "point" in roles_of(h.title)]
    codes = [title for title in known if "name" not in roles_of(title)]
    names = [title for title in known if "name" in roles_of(title)]
    return next(iter((*names, *codes)), "") or next((h.title for h in headers if "name" in roles_of(h.title)), "")


def _with_time(frame: pl.DataFrame, renamed: dict[str, str], dates: str) -> pl.DataFrame:
    """The column `time`: the one there is, or a date joined with its hour or clock; numbers of a sheet as text."""
    titles = [name for name in frame.columns if name not in renamed]
    parts: tuple[str, ...] = ()
    times = [name for name in titles if "time" in roles_of(name)]
    days = [name for name in titles if "date" in roles_of(name)]
    hours = [name for name in titles if "hour" in roles_of(name)]
    if days and (hours or (times and _is_clock(frame[times[0]]))):
        parts = (days[0], (hours or times)[0])
    elif "time" not in frame.columns and (times or days):
        parts = ((times or days)[0],)
    elif "time" in frame.columns and (frame["time"].dtype.is_numeric() or dates):
        parts = ("time",)
    if not parts:
        return frame
    draft = Profile("", "air", parts, "instant", "raw", ())
    single = len(parts) == 1 and frame[parts[0]].dtype.is_temporal()
    text = frame[parts[0]] if single else joined_times(draft, frame)
    if parts == ("time",) and frame["time"].dtype.is_numeric() and not civil_time(text).count():
        return frame
    if dates:
        text = civil_time(text, dates)
    frame = frame.drop([name for name in parts if name != "time" or len(parts) > 1])
    return frame.with_columns(text.alias("time"))


def _is_clock(column: pl.Series) -> bool:
    """Whether cells hold a clock without a day, or a share of a day."""
    if column.dtype.is_float():
        return bool((column.drop_nulls() <= 1).all()) and column.len() > column.null_count()
    texts = column.cast(pl.String).drop_nulls().head(50)
    return bool(len(texts)) and bool(texts.str.contains(r"^\s*\d{1,2}([:：时]\s*\d{0,2}.*)?$").all())


def _converted(column: pl.Series, scale: Decimal, shift: Decimal) -> pl.Series:
    """Values turned exactly; what stands around a number in a text stays."""
    if column.dtype.is_numeric():
        texts = column.cast(pl.Float64)
        told = {v: float(Decimal(str(v)) * scale + shift) for v in texts.drop_nulls().unique() if v == v}  # noqa: PLR0124
        return texts.replace(told) if told else column
    if column.dtype != pl.String:
        return column
    turned = {}
    for text in column.drop_nulls().unique():
        found = _NUMBER.search(text)
        if found:
            value = (Decimal(found.group()) * scale + shift).normalize()
            turned[text] = f"{text[: found.start()]}{value:f}{text[found.end() :]}"
    return column.replace(turned) if turned else column


def _exact(number: float) -> Decimal:
    """0.001 as it is written, a reciprocal as such."""
    inverse = round(1 / number) if number else 0
    if inverse > 1 and abs(number * inverse - 1) < 1e-12:
        return Decimal(1) / Decimal(inverse)
    return Decimal(str(number))
