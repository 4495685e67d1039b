"""Recompute the published class of national automatic water stations and compare."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from qingyuan.intake.files import NotATableError, Wanted, read_table, recognise_columns
from qingyuan.ops.verify_result import NothingComparableError, UnreadableSourceError, VerifyResult
from qingyuan.rules import rule_book
from qingyuan.science import water

COLUMNS = {"pH": "pH", "DO_mgL": "DO", "CODMn_mgL": "CODMn", "NH3N_mgL": "NH3N", "TP_mgL": "TP"}
NORMAL = "正常"
WANTED = Wanted(
    {name: (item, "1" if item == "pH" else "mg/L") for name, item in COLUMNS.items()}
    | {"wq_class": ("water_class", "1")},
    "section",
    ("status", "province"),
    is_water=True,
)


def verify_water(path: Path) -> VerifyResult:
    """Agreement of the published class with ours: raw values, real-time profile, rows of status 正常.

    The file (CSV, Parquet, Excel) has columns time, section, wq_class, status, pH, DO_mgL, CODMn_mgL,
    NH3N_mgL, TP_mgL; province where it is there tells sections of one name apart.

    Notes
    -----
    Whether a section takes river or lake limits for TP is not in the source. It is learnt: of the first half
    (by time) of each section's comparable rows, the body that agrees more often, river where they tie. Only
    the second half is scored; `extra` gives the share with river limits everywhere on the same rows, and
    over both halves.

    Raises UnreadableSourceError for a file without these columns, NothingComparableError without a row to
    score.
    """
    source = _load(path)
    told = _left_out(source)
    usable = told.filter(pl.col("left_out").is_null()).drop("left_out")
    judged = _halves(_both_bodies(usable))
    body = _learnt(judged.filter(pl.col("learning")))
    scored = judged.filter(~pl.col("learning")).join(body, on="place", how="left", maintain_order="left")
    scored = scored.with_columns(
        pl.when(pl.col("lake")).then("class_lake").otherwise("class_river").alias("recomputed"),
        pl.when(pl.col("lake")).then("deciding_lake").otherwise("deciding_river").alias("deciding"),
        pl.when(pl.col("lake")).then(pl.lit("lake")).otherwise(pl.lit("river")).alias("body"),
    )
    reasons = {**_counts(told["left_out"]), "用于学习河流或湖库限值的前一半": len(judged) - len(scored)}
    if not len(scored):
        raise NothingComparableError(str(path), reasons)
    wrong = scored.filter(pl.col("recomputed") != pl.col("published"))
    river = float((scored["class_river"] == scored["published"]).mean())  # type: ignore[arg-type]
    river_all = float((judged["class_river"] == judged["published"]).mean())  # type: ignore[arg-type]
    lakes = int(body["lake"].sum())
    names = ["section", "time", *COLUMNS.values(), "published", "recomputed", "deciding", "body"]
    notes = [
        f"实时口径，原始值不修约；{body.height} 个断面中 {lakes} 个学得按湖库总磷限值",
        f"若全部按河流限值：后一半一致率 {river:.4%}，全部行一致率 {river_all:.4%}",
    ]
    if _looks_rounded(usable):
        notes.append("文件中的值是修约后的显示值，与按原始值评价的发布类别不必一致，只报告")
    return VerifyResult(
        str(path),
        len(source),
        len(scored),
        len(scored) - len(wrong),
        wrong.select(names),
        reasons,
        notes,
        {
            "share_all_river": round(river, 6),
            "share_all_river_both_halves": round(river_all, 6),
            "sections": body.height,
            "lake_sections": lakes,
        },
    )


def _load(path: Path) -> pl.DataFrame:
    try:
        frame = recognise_columns(read_table(path), WANTED, rule_book()).frame
    except NotATableError as error:
        raise UnreadableSourceError(str(path), error.got, error.expected) from error
    missing = [name for name in ("time", "section", "wq_class", "status", *COLUMNS) if name not in frame.columns]
    if missing:
        raise UnreadableSourceError(str(path), f"列 {', '.join(frame.columns[:12])}", f"还有列 {', '.join(missing)}")
    classes = {known.name_zh: known.name for known in rule_book().water_classes}
    where = [name for name in ("province", "section") if name in frame.columns]
    return frame.select(
        pl.concat_str([pl.col(name).fill_null("") for name in where], separator="/").alias("place"),
        "section",
        "time",
        pl.col("status").cast(pl.String),
        pl.col("wq_class").replace_strict(classes, default=None, return_dtype=pl.String).alias("published"),
        *(pl.col(name).cast(pl.Float64, strict=False).alias(item) for name, item in COLUMNS.items()),
    )


def _left_out(source: pl.DataFrame) -> pl.DataFrame:
    reason = (
        pl.when(pl.col("status") != NORMAL)
        .then(pl.lit("状态不是正常"))
        .when(pl.col("published").is_null())
        .then(pl.lit("没有发布类别"))
        .when(pl.col("time").is_null())
        .then(pl.lit("时间缺失"))
        .when(pl.all_horizontal(pl.col(item).is_null() for item in COLUMNS.values()))
        .then(pl.lit("没有监测值"))
    )
    return source.with_columns(reason.alias("left_out"))


def _both_bodies(usable: pl.DataFrame) -> pl.DataFrame:
    judged = usable
    for body in water.BODIES:
        result = water.classify(usable.with_columns(body=pl.lit(body)), "realtime")
        judged = judged.with_columns(
            result["class"].alias(f"class_{body}"), result["deciding"].alias(f"deciding_{body}")
        )
    return judged.drop_nulls("class_river")


def _halves(judged: pl.DataFrame) -> pl.DataFrame:
    ordered = judged.sort("place", "time", maintain_order=True)
    number = pl.int_range(pl.len()).over("place")
    return ordered.with_columns((number < pl.len().over("place") // 2).alias("learning"))


def _learnt(first_half: pl.DataFrame) -> pl.DataFrame:
    hits = {body: (pl.col(f"class_{body}") == pl.col("published")).sum().alias(f"hits_{body}") for body in water.BODIES}
    counts = first_half.group_by("place").agg(*hits.values())
    return counts.select("place", (pl.col("hits_lake") > pl.col("hits_river")).alias("lake"))


def _looks_rounded(usable: pl.DataFrame) -> bool:
    """True when no DO value has more decimals than are displayed (2)."""
    shown = rule_book().decimals("water_display", "DO", rule_book().decimal_rows.turning_days[-1])
    values = usable["DO"].drop_nulls()
    return bool(len(values)) and bool(((values - values.round(shown)).abs() < 1e-9).all())


def _counts(reasons: pl.Series) -> dict[str, int]:
    table = reasons.drop_nulls().value_counts(sort=True)
    return {str(reason): int(count) for reason, count in table.iter_rows()}
