"""Black-odorous water and algal blooms."""

from __future__ import annotations

from typing import Any

import polars as pl

from qingyuan.rules import RuleBook, rule_book
from qingyuan.science.errors import BadArgumentError, MissingColumnError
from qingyuan.science.water._cells import numbers_of

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
    Tests: the frame with level_<item> and level. Points: water_body, point, order, tests, level, in_reach
    (part of a heavy reach), reason. Bodies: water_body, points, heavy_points, level, reason.

    Notes
    -----
    A test is light from the light bound on (bound included) and heavy beyond the heavy bound. Where the depth
    is below 25 cm, transparency is heavy below 40 % of the depth. A point is heavy where one item is heavy in
    60 % of its tests or two items in 30 % each; else light where any test is at least light. Three heavy
    points in a row make a heavy reach, 60 % heavy points a heavy body. Fewer than three points or tests are
    named, not refused.

    References
    ----------
    城市黑臭水体整治工作指南, 2015 (as retold; numbers in water_black_odorous.csv and water_settings.csv).
    """
    book = rule_book() if book is None else book
    tables = book.water_tables
    items = [row.item for row in tables.black_odorous if row.item in frame.columns]
    missing = [name for name in ("water_body", "point", "order") if name not in frame.columns]
    if missing or not items:
        raise MissingColumnError(missing or [tables.black_odorous[0].item], frame.columns)
    numbers = frame.with_columns(numbers_of(frame[name]).cast(pl.Float64).alias(name) for name in (*items, "order"))
    depth = numbers_of(frame["depth"]).cast(pl.Float64) if "depth" in frame.columns else None
    tests = numbers.with_columns(_levels(row.item, row.direction, float(row.light), float(row.heavy), depth, book)
                                 for row in tables.black_odorous if row.item in items)  # fmt: skip
    tests = tests.with_columns(pl.max_horizontal(f"level_{item}" for item in items).alias("level"))
    points = _points(tests, items, book)
    bodies = [_body(str(name), part, book) for (name,), part in points.group_by("water_body", maintain_order=True)]
    words = dict(enumerate(WORDS))
    named = tests.with_columns(pl.col("^level.*$").replace_strict(words, default=None, return_dtype=pl.String))
    points = points.with_columns(pl.col("level").replace_strict(words, default=None, return_dtype=pl.String))
    return named, points, pl.DataFrame(bodies)


def _levels(item: str, direction: str, light: float, heavy: float, depth: pl.Series | None, book: RuleBook) -> pl.Expr:
    value = pl.col(item)
    bound: pl.Expr = pl.lit(heavy)
    if item == SHALLOW_ITEM and depth is not None:
        full = float(book.water_tables.number("black_odorous.depth.full"))
        share = float(book.water_tables.number("black_odorous.depth.share"))
        bound = pl.when(depth < full).then(depth * share).otherwise(bound)
    beyond, some = (value < bound, value <= light) if direction == "low" else (value > bound, value >= light)
    level = pl.when(beyond).then(HEAVY).when(some).then(LIGHT).when(value.is_not_null()).then(NOT)
    return level.cast(pl.Int64).alias(f"level_{item}")


def _points(tests: pl.DataFrame, items: list[str], book: RuleBook) -> pl.DataFrame:
    number = book.water_tables.number
    one, two = float(number("black_odorous.point.one_item")), float(number("black_odorous.point.two_items"))
    row_length, least = int(number("black_odorous.reach.points")), int(number("black_odorous.tests.least"))
    rows: list[dict[str, Any]] = []
    for (name, point), part in tests.group_by("water_body", "point", maintain_order=True):
        levels = [part[f"level_{item}"].drop_nulls().to_list() for item in items]
        shares = [found.count(HEAVY) / len(found) if found else 0.0 for found in levels]
        heavy = any(share >= one for share in shares) or sum(int(share >= two) for share in shares) > 1
        worst = max((place for found in levels for place in found), default=None)
        level = HEAVY if heavy else None if worst is None else min(worst, LIGHT)
        reason = f"检测少于{least}次" if len(part) < least else ""
        rows.append({"water_body": name, "point": point, "order": part["order"].min(), "tests": len(part),
                     "level": level, "reason": reason})  # fmt: skip
    points = pl.DataFrame(rows, schema_overrides={"level": pl.Int64}).sort("water_body", "order")
    heavy_here = pl.col("level").fill_null(NOT) == HEAVY
    run = heavy_here.rle_id().over("water_body")
    marked = points.with_columns(run.alias("_run"))
    length = pl.len().over("water_body", "_run")
    return marked.with_columns((heavy_here & (length >= row_length)).alias("in_reach")).drop("_run")


def _body(name: str, points: pl.DataFrame, book: RuleBook) -> dict[str, Any]:
    share, least = (float(book.water_tables.number(f"black_odorous.{key}")) for key in ("body.share", "points.least"))
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
        "reason": f"检测点少于{int(least)}个" if len(points) < least else "",
    }


def bloom_level(density: float | None = None, area_share: float | None = None, *, book: RuleBook | None = None) -> str:
    """The bloom level by cell density [cells/L], or by the share of the water area covered [%].

    The thresholds are settings (HJ 1098-2020 from memory); the two scales are never mixed.

    >>> bloom_level(1.351e7), bloom_level(area_share=5)
    ('轻度水华', '无明显水华')
    """
    if (density is None) == (area_share is None):
        raise BadArgumentError("density, area_share", (density, area_share), "exactly one of the two")
    levels = (rule_book() if book is None else book).water_tables.blooms
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
