"""Applying a profile to a table: canonical rows, and an error for every cell that was not taken."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from qingyuan.intake.files.canonical import SCHEMA, ParsedFile, PointInfo, RowError
from qingyuan.intake.files.cells import read_cells
from qingyuan.intake.files.errors import ProfileError
from qingyuan.intake.files.melting import melted
from qingyuan.intake.files.profile import ColumnMap, Profile
from qingyuan.intake.files.stamps import read_stamps
from qingyuan.intake.sentinels import Sentinels
from qingyuan.readings import STANDARD
from qingyuan.rules import NoRuleError, RuleBook, rule_book

FIRST_ROW = 2


def apply(
    profile: Profile, frame: pl.DataFrame, *, first_row: int = FIRST_ROW, book: RuleBook | None = None
) -> ParsedFile:
    """Canonical rows of a table, its errors and its points.

    Parameters
    ----------
    first_row
        Source number of the frame's first row; the header is row 1. A long file may be applied slice by
        slice.

    Notes
    -----
    A row without a readable stamp or point gives one error and no values; a bad cell one error and the row's
    other values are kept. Missing markers are neither. Values are converted to the item's unit; one outside
    the item's plausible range is an error (most often a wrong unit). Of several rows for one point and
    interval the first is kept, the others are errors. Nothing is dropped without one of these. A sentinel of the
    rule book (-9999 and the like), seen in the unit of the file, becomes a row without a value whose qualifier is the
    cell.

    Raises ProfileError when the profile contradicts itself or none of its value columns is in the table.
    """
    book = rule_book() if book is None else book
    profile.check(book)
    profile.need_point()
    lacking = [name for name in profile.used_columns() if name not in frame.columns]
    if lacking:
        raise ProfileError("列", "、".join(frame.columns[:20]), f"还有列 {'、'.join(lacking)}")
    source_rows = len(frame)
    if profile.layout == "stations":
        profile, frame, numbers = melted(profile, frame, first_row)
    else:
        numbers = pl.int_range(first_row, first_row + len(frame), eager=True)
    base, errors = _base(profile, frame, numbers)
    values = list(_values(profile, frame, base, book, Sentinels(book)))
    if not values and profile.layout == "wide":
        raise ProfileError("列", "、".join(frame.columns[:20]), "至少一个已映射的数值列")
    rows = [part for part, _, _ in values]
    for _, found, _ in values:
        errors.extend(found)
    if profile.layout == "long":
        errors.extend(_unmapped(profile, frame, base))
    merged = pl.concat(rows) if rows else pl.DataFrame(schema=SCHEMA)
    if profile.layout == "long":
        merged, doubled = _once(profile, merged)
        errors.extend(doubled)
    errors.sort(key=lambda error: (error.row, error.column))
    empty = sum(count for _, _, count in values)
    ordered = merged.sort("row", maintain_order=True)
    return ParsedFile(ordered, errors, _points(profile, frame, base), source_rows, empty)


def _base(profile: Profile, frame: pl.DataFrame, numbers: pl.Series) -> tuple[pl.DataFrame, list[RowError]]:
    """Row number, point, interval and flag of every row; `good` where all are there."""
    stamps = read_stamps(profile, frame)
    if profile.fixed_point:
        point = pl.lit(profile.fixed_point)
    else:
        texts = [pl.col(name).cast(pl.String).str.strip_chars() for name in profile.point_columns]
        frame = plain_codes(frame, profile.point_columns)
        point = pl.when(pl.all_horizontal(text.str.len_chars() > 0 for text in texts)).then(
            pl.concat_str(texts, separator="/")
        )
    base = frame.select(
        numbers.alias("row"),
        point.alias("point"),
        stamps.start.alias("start"),
        stamps.end.alias("end"),
        stamps.got.alias("stamp"),
        stamps.expected.alias("expected"),
        _flag(profile, frame).alias("flag"),
    )
    base = base.with_columns((pl.col("point").is_not_null() & pl.col("start").is_not_null()).alias("good"))
    errors = [
        RowError(row, "、".join(profile.time_columns), _shown(stamp), expected)
        for row, stamp, expected in base.filter(pl.col("expected").is_not_null())
        .select("row", "stamp", "expected")
        .iter_rows()
    ]
    pointless = base.filter(pl.col("point").is_null())["row"]
    errors += [RowError(row, "、".join(profile.point_columns), "空", "点位编码或名称") for row in pointless]
    if profile.layout == "long":
        return base, errors
    first = pl.col("row").min().over("point", "start")
    doubled = base.filter("good").with_columns(first.alias("first")).filter(pl.col("row") > pl.col("first"))
    errors += [
        RowError(
            row,
            "、".join(profile.time_columns),
            _shown(stamp),
            f"每个点位每个时间一行；第{known}行已有，只取第一行",
        )
        for row, stamp, known in doubled.select("row", "stamp", "first").iter_rows()
    ]
    kept = pl.col("good") & ~pl.col("row").is_in(doubled["row"].implode())
    return base.with_columns(kept.alias("good")), errors


def _flag(profile: Profile, frame: pl.DataFrame) -> pl.Expr:
    if profile.flag is None or profile.flag.column not in frame.columns:
        return pl.lit("")
    text = pl.col(profile.flag.column).cast(pl.String).str.strip_chars()
    known = text.replace_strict(dict(profile.flag.words), default=profile.flag.other, return_dtype=pl.String)
    return pl.when(text.is_null()).then(pl.lit("")).otherwise(known)


Part = tuple[pl.DataFrame, list[RowError], int]


def _values(
    profile: Profile, frame: pl.DataFrame, base: pl.DataFrame, book: RuleBook, sentinels: Sentinels
) -> Iterable[Part]:
    if profile.layout == "wide":
        for column in profile.columns:
            if column.column in frame.columns:
                yield _column(profile, column, column.unit, frame[column.column], base, sentinels=sentinels)
        return
    items = frame[profile.item_column].cast(pl.String).str.strip_chars()
    units = frame[profile.unit_column].cast(pl.String).str.strip_chars() if profile.unit_column else None
    for column in profile.columns:
        chosen = (items == column.column).fill_null(False)
        if units is None:
            choices = [(column.unit, chosen)]
        else:
            given = units.fill_null(column.unit)
            choices = [(unit, chosen & (given == unit)) for unit in given.filter(chosen).unique().sort()]
        for unit, rows in choices:
            if rows.any():
                cells = frame[profile.value_column].filter(rows)
                yield _column(profile, column, unit, cells, base.filter(rows), sentinels=sentinels)


def _column(
    profile: Profile, column: ColumnMap, unit: str, cells: pl.Series, base: pl.DataFrame, *, sentinels: Sentinels
) -> Part:
    book = sentinels.book
    item = book.item(column.item)
    shown = column.column if profile.layout == "wide" else profile.value_column
    read = read_cells(cells, profile.missing, column.words, column.decimals)
    try:
        scale, shift = book.conversion(unit, item.unit)
    except NoRuleError:
        bad = base.filter("good")
        errors = [RowError(row, profile.unit_column, unit, f"可换算为 {item.unit} 的单位") for row in bad["row"]]
        return pl.DataFrame(schema=SCHEMA), errors, 0
    places = _moved(read.decimals, scale, shift)
    low, high = float(item.plausible_low), float(item.plausible_high)
    table = base.with_columns(
        _converted(read.value, scale, shift).alias("value"),
        places.alias("decimals"),
        read.qualifier.alias("qualifier"),
        read.bad.alias("bad"),
        cells.cast(pl.String).alias("cell"),
        _nothing(read.value, base["start"], profile, column, unit, sentinels).alias("nothing"),
    ).filter("good")
    outside = ~pl.col("value").is_between(low, high) & ~pl.col("nothing")
    wrong = table.filter(pl.col("bad") | (pl.col("value").is_not_null() & outside))
    range_words = f"{item.name_zh} {low:g}~{high:g} {item.unit} 之内的值，请核对单位"
    errors = [
        RowError(row, shown, _shown(cell), "数值" if bad else range_words)
        for row, cell, bad in wrong.select("row", "cell", "bad").iter_rows()
    ]
    good = table.filter(pl.col("value").is_not_null() & ~pl.col("bad") & ~outside).with_columns(
        pl.when("nothing").then(None).otherwise("value").alias("value"),
        pl.when("nothing").then(pl.lit(-1, pl.Int16)).otherwise("decimals").alias("decimals"),
        pl.when("nothing").then(pl.col("cell").str.strip_chars()).otherwise("qualifier").alias("qualifier"),
    )
    constants = {
        "item": column.item,
        "statistic": column.statistic + (STANDARD if column.state == "standard" else ""),
        "grain": profile.grain,
        "unit": item.unit,
        "status": column.status,
    }
    rows = good.with_columns(**{name: pl.lit(value) for name, value in constants.items()})
    return (
        rows.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items()),
        errors,
        int((read.empty & base["good"]).sum()),
    )


def _nothing(
    value: pl.Series, start: pl.Series, profile: Profile, column: ColumnMap, unit: str, sentinels: Sentinels
) -> pl.Series:
    """Which cells hold a sentinel; only the few candidates are looked at one by one."""
    doubtful = value.is_in(list(sentinels.candidates)).fill_null(False) & start.is_not_null()
    found = [False] * len(value)
    for place in doubtful.arg_true():
        second = int(start[place].timestamp())
        found[place] = sentinels(value[place], column.item, unit, column.statistic, profile.grain, second)
    return pl.Series(found, dtype=pl.Boolean)


def _converted(value: pl.Series, scale: float, shift: float) -> pl.Series:
    """value * scale + shift; a true division where that keeps decimals exact (0.001 is no binary number).

    NumPy, because Polars divides by a scalar as a product with its reciprocal: 1900 / 1000 is not 1.9 there.
    """
    inverse = round(1 / scale)
    numbers = value.to_numpy()
    scaled = numbers / inverse if inverse > 1 and scale * inverse == 1.0 else numbers * scale
    converted = pl.Series(scaled + shift if shift else scaled, dtype=pl.Float64)
    return converted.to_frame("v").select(pl.when(value.is_not_null()).then(pl.col("v")))["v"]


def _moved(decimals: pl.Series, scale: float, shift: float) -> pl.Series:
    """Printed decimals after a conversion by a power of ten; -1 (not known) after any other."""
    for places in range(-6, 7):
        if not shift and abs(scale * 10.0**places - 1) < 1e-12:
            moved = pl.when(pl.col("d") < 0).then(-1).otherwise(pl.max_horizontal(pl.col("d") + places, 0))
            return decimals.alias("d").to_frame().select(moved.cast(pl.Int16).alias("decimals"))["decimals"]
    return pl.Series("decimals", [-1], dtype=pl.Int16).new_from_index(0, len(decimals))


def _unmapped(profile: Profile, frame: pl.DataFrame, base: pl.DataFrame) -> list[RowError]:
    known = [*(column.column for column in profile.columns), *profile.unused_items]
    items = frame[profile.item_column].cast(pl.String).str.strip_chars()
    strange = base.with_columns(items.alias("item")).filter(
        pl.col("good") & ~pl.col("item").is_in(known).fill_null(False)
    )
    return [
        RowError(row, profile.item_column, _shown(item), "已映射的项目")
        for row, item in strange.select("row", "item").iter_rows()
    ]


def _once(profile: Profile, rows: pl.DataFrame) -> tuple[pl.DataFrame, list[RowError]]:
    keys = ["point", "item", "statistic", "grain", "start", "status"]
    marked = rows.with_columns(pl.col("row").min().over(keys).alias("first"))
    doubled = marked.filter(pl.col("row") > pl.col("first"))
    errors = [
        RowError(row, profile.item_column, item, f"每个点位每个时间一个值；第{first}行已有，只取第一行")
        for row, item, first in doubled.select("row", "item", "first").iter_rows()
    ]
    return marked.filter(pl.col("row") == pl.col("first")).drop("first"), errors


def plain_codes(frame: pl.DataFrame, columns: Iterable[str]) -> pl.DataFrame:
    """Codes that a workbook keeps as numbers, as they were typed: 1001 and not 1001.0."""
    floats = [name for name in columns if frame[name].dtype.is_float()]
    whole = {name: pl.col(name).cast(pl.Int64, strict=False) for name in floats}
    return frame.with_columns(
        pl.when(whole[name] == pl.col(name))
        .then(whole[name].cast(pl.String))
        .otherwise(pl.col(name).cast(pl.String))
        .alias(name)
        for name in floats
    )


def _points(profile: Profile, frame: pl.DataFrame, base: pl.DataFrame) -> list[PointInfo]:
    attributes = [name for name in profile.attributes if name in frame.columns]
    name = (
        pl.col(profile.name_column).cast(pl.String).str.strip_chars()
        if profile.name_column in frame.columns
        else base["point"]
    )
    found = (
        frame.select(
            base["point"].alias("point"),
            name.cast(pl.String).alias("title") if isinstance(name, pl.Expr) else name.alias("title"),
            *(pl.col(entry).cast(pl.String).alias(f"a_{entry}") for entry in attributes),
        )
        .filter(base["good"])
        .drop_nulls("point")
        .group_by("point", maintain_order=True)
        .agg(pl.all().drop_nulls().first(), pl.col("title").drop_nulls().unique(maintain_order=True).alias("titles"))
    )
    points = []
    for row in found.iter_rows(named=True):
        attrs = {entry: row[f"a_{entry}"] for entry in attributes if row[f"a_{entry}"]}
        names = tuple(title for title in row["titles"] if title)
        is_named = profile.name_column in frame.columns
        points.append(
            PointInfo(
                row["point"],
                row["title"] or row["point"],
                profile.kind,
                attrs=attrs,
                names=names if is_named else (),
                has_code=profile.name_column not in profile.point_columns,
            )
        )
    return points


def _shown(cell: str | None) -> str:
    return "空" if cell is None or not cell.strip() else f"“{cell}”"
