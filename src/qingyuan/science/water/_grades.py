"""Black-odorous water and algal blooms."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from qingyuan.rules import RuleBook, rule_book
from qingyuan.rules.water_evaluation import WaterRules
from qingyuan.rules.water_rows import BlackOdorousLimit
from qingyuan.science.errors import BadArgumentError, MissingColumnError
from qingyuan.science.figures import Bounds, joined_reasons, sound_figures
from qingyuan.science.water._cells import numbers_of
from qingyuan.science.water._eras import by_era, dates_of

NOT, LIGHT, HEAVY = 0, 1, 2
WORDS = ("无", "轻度", "重度")
SHALLOW_ITEM = "transparency"


def black_odorous(
    frame: pl.DataFrame, *, book: RuleBook | None = None
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Tests, points and water bodies graded as 无, 轻度 or 重度.

    Parameters
    ----------
    frame
        A row a test: `water_body`, `point`, `order` (along the water), `time`, any of transparency [cm], DO
        [mg/L], ORP [mV], NH3N [mg/L], and `depth` [cm] for shallow water.

    Returns
    -------
    Tests: the frame with level_<item>, level and reason. Points: water_body, point, order, tests, level, in_reach
    (part of a heavy reach), reason. Bodies: water_body, points, heavy_points, level, reason.

    Notes
    -----
    A test is light from the light bound on (bound included) and heavy beyond the heavy bound. Where the depth
    is below 25 cm, transparency is heavy below 40 % of the depth. A point is heavy where one item is heavy in
    60 % of its tests or two items in 30 % each; else light where any test is at least light. Three heavy
    points in a row make a heavy reach, 60 % heavy points a heavy body. Fewer than three points or tests are
    named, not refused. The rules of each test's `time` hold, for points and bodies those of the last test.

    References
    ----------
    城市黑臭水体整治工作指南, 2015 (as retold; numbers in water_black_odorous.csv and water_settings.csv).
    """
    book = rule_book() if book is None else book
    known = list(dict.fromkeys(row.item for row in book.water_tables.black_odorous.rows))
    items = [item for item in known if item in frame.columns]
    missing = [name for name in ("water_body", "point", "order") if name not in frame.columns]
    if missing or not items:
        raise MissingColumnError(missing or known[:1], frame.columns)
    numbers, doubts = sound_figures(frame, _bounds(items), numbers_of)
    tests = by_era(numbers, book, "黑臭水体规则", lambda part, day: _graded(part, items, day, book))
    for name in (*(f"level_{item}" for item in items), "level"):
        if name not in tests.columns:
            tests = tests.with_columns(pl.lit(None, dtype=pl.Int64).alias(name))
    twice = [name for name in ("water_body", "point", "time") if name in frame.columns]
    doubled = frame.select(pl.struct(twice).is_duplicated().alias("again"))["again"] & ("time" in frame.columns)
    marks = pl.DataFrame([doubled.alias("doubled"), tests["level"].is_null().alias("empty")]).select(
        pl.when("doubled").then(pl.lit("同一点位同一时间有多行")).alias("doubled"),
        pl.when("empty").then(pl.lit("没有可评价的指标")).alias("empty"),
    )
    days = dates_of(frame)
    tests = tests.with_columns(
        joined_reasons([doubts, tests["reason"], marks["doubled"], marks["empty"]], len(frame)),
        pl.Series("_day", [None] * len(frame), dtype=pl.Date) if days is None else days.alias("_day"),
    )
    points = _points(tests, items, book)
    tests = tests.drop("_day")
    bodies = [_body(str(name), part, book) for (name,), part in points.group_by("water_body", maintain_order=True)]
    words = dict(enumerate(WORDS))
    raw = [frame[name] for name in _bounds(items) if name in frame.columns]
    named = tests.with_columns(raw).with_columns(
        pl.col("^level.*$").replace_strict(words, default=None, return_dtype=pl.String)
    )
    points = points.with_columns(pl.col("level").replace_strict(words, default=None, return_dtype=pl.String))
    return named, points.drop("_day"), pl.DataFrame(bodies)


def _bounds(items: list[str]) -> dict[str, Bounds]:
    """What a cell may be; the redox potential has no bound."""
    return {name: (None, None) if name == "ORP" else (0.0, None) for name in (*items, "order", "depth")}


def _graded(frame: pl.DataFrame, items: list[str], day: date | None, book: RuleBook) -> pl.DataFrame:
    """Tests of one set of rules with level_<item>, level (0 to 2) and reason."""
    rules = book.water_tables.on(day)
    known = [row for row in rules.black_odorous if row.item in items]
    graded = frame.with_columns(_levels(row, "depth" in frame.columns, rules) for row in known)
    level = pl.max_horizontal(f"level_{row.item}" for row in known)
    return graded.with_columns(level.alias("level"), pl.lit("").alias("reason"))


def _levels(row: BlackOdorousLimit, has_depth: bool, rules: WaterRules) -> pl.Expr:
    item, direction, light, heavy = row.item, row.direction, float(row.light), float(row.heavy)
    value, depth = pl.col(item), pl.col("depth")
    bound: pl.Expr = pl.lit(heavy)
    if item == SHALLOW_ITEM and has_depth:
        full, share = (float(rules.number(f"black_odorous.depth.{name}")) for name in ("full", "share"))
        bound = pl.when(depth < full).then(depth * share).otherwise(bound)
    beyond, some = (value < bound, value <= light) if direction == "low" else (value > bound, value >= light)
    level = pl.when(beyond).then(HEAVY).when(some).then(LIGHT).when(value.is_not_null()).then(NOT)
    return level.cast(pl.Int64).alias(f"level_{item}")


def _points(tests: pl.DataFrame, items: list[str], book: RuleBook) -> pl.DataFrame:
    row_length = int(_rules(tests, book).number("black_odorous.reach.points"))
    rows: list[dict[str, Any]] = []
    for (name, point), part in tests.group_by("water_body", "point", maintain_order=True):
        number = _rules(part, book).number
        one, two = (float(number(f"black_odorous.point.{word}")) for word in ("one_item", "two_items"))
        least = int(number("black_odorous.tests.least"))
        levels = [part[f"level_{item}"].drop_nulls().to_list() for item in items]
        shares = [found.count(HEAVY) / len(found) if found else 0.0 for found in levels]
        heavy = any(share >= one for share in shares) or sum(int(share >= two) for share in shares) > 1
        worst = max((place for found in levels for place in found), default=None)
        level = HEAVY if heavy else None if worst is None else min(worst, LIGHT)
        told = [f"{times}次：{text}" for text, times in part["reason"].value_counts(sort=True).iter_rows() if text]
        reason = "；".join([f"检测少于{least}次"] * (len(part) < least) + told)
        rows.append(
            {
                "water_body": name,
                "point": point,
                "order": part["order"].min(),
                "tests": len(part),
                "level": level,
                "reason": reason,
                "_day": part["_day"].max(),
            }
        )
    points = pl.DataFrame(rows, schema_overrides={"level": pl.Int64, "_day": pl.Date}).sort("water_body", "order")
    heavy_here = pl.col("level").fill_null(NOT) == HEAVY
    run = heavy_here.rle_id().over("water_body")
    marked = points.with_columns(run.alias("_run"))
    length = pl.len().over("water_body", "_run")
    return marked.with_columns((heavy_here & (length >= row_length)).alias("in_reach")).drop("_run")


def _body(name: str, points: pl.DataFrame, book: RuleBook) -> dict[str, Any]:
    number = _rules(points, book).number
    share, least = (float(number(f"black_odorous.{key}")) for key in ("body.share", "points.least"))
    heavy = int((points["level"] == HEAVY).sum())
    graded = points["level"].drop_nulls()
    level = None
    if len(graded):
        level = HEAVY if heavy >= share * len(points) else LIGHT if int(graded.max()) > NOT else NOT  # type: ignore[arg-type]
    return {
        "water_body": name,
        "points": len(points),
        "heavy_points": heavy,
        "level": None if level is None else WORDS[level],
        "reason": "；".join(
            [f"检测点少于{int(least)}个"] * (len(points) < least)
            + [f"{name}：{text}" for name, text in points.select("point", "reason").iter_rows() if text]
        ),
    }


def _rules(rows: pl.DataFrame, book: RuleBook) -> WaterRules:
    """The rules on the last day of some rows, not earlier than the first of them."""
    last = rows["_day"].max()
    first = book.water_tables.black_odorous.turning_days[0]
    return book.water_tables.on(max(last, first) if isinstance(last, date) else None)


def bloom_level(
    density: float | None = None,
    area_share: float | None = None,
    *,
    on: date | None = None,
    book: RuleBook | None = None,
) -> str:
    """The bloom level by cell density [cells/L], or by the share of the water area covered [%].

    The thresholds are settings (HJ 1098-2020 from memory); the two scales are never mixed. `on`: the day whose
    rules hold; None: those without an end.

    >>> bloom_level(1.351e7), bloom_level(area_share=5)
    ('轻度水华', '无明显水华')
    """
    if (density is None) == (area_share is None):
        raise BadArgumentError("density, area_share", (density, area_share), "exactly one of the two")
    levels = (rule_book() if book is None else book).water_tables.on(on).blooms
    if density is not None:
        if density < 0:
            raise BadArgumentError("density", density, "0 or more cells/L")
        return [level.name_zh for level in levels if float(level.density_from) <= density][-1]
    assert area_share is not None
    if not 0 <= area_share <= 100:
        raise BadArgumentError("area_share", area_share, "0 to 100 %")
    if area_share == 0:
        return levels[0].name_zh
    return [level.name_zh for level in levels if float(level.area_from) <= area_share][-1]


def blooms(frame: pl.DataFrame, *, book: RuleBook | None = None) -> pl.DataFrame:
    """The rows with `bloom`, the level by density_cells_L [cells/L] or else area_share_pct [%], and reason.

    `time` picks the thresholds of the row's date. A cell that is empty, text, negative or above 100 % has no level.
    """
    book = rule_book() if book is None else book
    columns = [name for name in ("density_cells_L", "area_share_pct") if name in frame.columns]
    if not columns:
        raise MissingColumnError(["density_cells_L"], frame.columns)
    algae = float(book.item("algae").plausible_high)
    clean, doubts = sound_figures(frame, {"density_cells_L": (0.0, algae), "area_share_pct": (0.0, 100.0)}, numbers_of)
    density = columns[0] == "density_cells_L"

    def judged(part: pl.DataFrame, day: date | None) -> pl.DataFrame:
        levels = [
            None
            if value is None
            else bloom_level(value, on=day, book=book)
            if density
            else bloom_level(area_share=value, on=day, book=book)
            for value in part[columns[0]]
        ]
        missing = pl.when(pl.col(columns[0]).is_null()).then(pl.lit(f"缺{columns[0]}")).otherwise(pl.lit(""))
        return part.with_columns(pl.Series("bloom", levels, dtype=pl.String), missing.alias("reason"))

    found = by_era(clean, book, "水华分级规则", judged)
    empty = pl.Series("bloom", [None] * len(frame), dtype=pl.String)
    level = found["bloom"] if "bloom" in found.columns else empty
    return frame.with_columns(level, joined_reasons([doubts, found["reason"]], len(frame)))
