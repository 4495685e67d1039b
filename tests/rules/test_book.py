"""The rule book answers by date and refuses data it cannot trust."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from qingyuan.rules import (
    Certainty,
    DataFolder,
    NoRuleError,
    RuleDataError,
    UnknownFactorError,
    load,
    rule_book,
)

SHIPPED = DataFolder.shipped()
Edit = Callable[[list[dict[str, str]]], list[dict[str, str]]]


def edited(file: str, edit: Edit) -> DataFolder:
    rows = list(csv.DictReader(io.StringIO(SHIPPED.texts[file])))
    columns = list(rows[0])
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(edit(rows))
    return DataFolder({**SHIPPED.texts, file: out.getvalue()})


@pytest.mark.parametrize(
    ("day", "standard"),
    [("2019-07-01", "HJ633-2012"), ("2026-02-28", "HJ633-2012"), ("2026-03-01", "HJ633-2026")],
)
def test_index_edition_changes_on_2026_03_01(day: str, standard: str) -> None:
    assert rule_book().aqi_standard(date.fromisoformat(day)) == standard


@pytest.mark.parametrize(
    ("day", "item", "averaging", "grade2"),
    [
        ("2026-02-28", "PM2_5", "day", 75),
        ("2026-03-01", "PM2_5", "day", 60),
        ("2030-12-31", "PM2_5", "day", 60),
        ("2031-01-01", "PM2_5", "day", 50),
        ("2031-01-01", "SO2", "hour", 150),
        ("2026-03-01", "O3_8h", "day", 160),
    ],
)
def test_gb3095_grade_two_by_date(day: str, item: str, averaging: str, grade2: int) -> None:
    assert rule_book().air_limits(date.fromisoformat(day))[item, averaging].grade2 == grade2


def test_breakpoints_do_not_follow_the_2031_limits() -> None:
    edition = rule_book().aqi_edition(rule_book().aqi_standard(date(2031, 6, 1)))
    column = edition.columns["PM2_5", "day"]
    assert dict(zip(column.iaqi, column.concentration, strict=True))[100] == 60


def test_gb3838_phosphorus_depends_on_the_body() -> None:
    book, day = rule_book(), date(2020, 5, 8)
    assert book.water_limit("TP", "river", day).limit("III") == Decimal("0.2")
    assert book.water_limit("TP", "lake", day).limit("III") == Decimal("0.05")
    assert book.water_limit("DO", "lake", day).limit("I") == Decimal("7.5")


def test_twenty_one_items_make_the_class() -> None:
    judged = {key[0] for key, row in rule_book().water_limits(date(2020, 5, 8)).items() if row.in_class}
    assert len(judged) == 21
    assert not judged & {"TN", "faecal_coliform", "water_temperature"}


def test_before_any_rule_there_is_an_error() -> None:
    with pytest.raises(NoRuleError, match="1995-01-01"):
        rule_book().aqi_standard(date(1995, 1, 1))


@pytest.mark.parametrize(
    ("code", "item", "unit"),
    [
        ("a34004", "PM2_5", "ug/m3"),
        ("a21026", "SO2", "mg/m3"),
        ("w01018", "COD", "mg/L"),
        ("w21003", "NH3N", "mg/L"),
        ("w21011", "TP", "mg/L"),
        ("w01010", "water_temperature", "degC"),
        ("w01001", "pH", "1"),
    ],
)
def test_hj212_codes_map_to_items(code: str, item: str, unit: str) -> None:
    factor = rule_book().factor(code)
    assert (factor.item, factor.unit) == (item, unit)
    assert rule_book().item(item).name == item


def test_every_mapped_code_names_a_known_item() -> None:
    book = rule_book()
    assert {factor.item for factor in book.factors.values() if factor.item} <= set(book.items)
    assert all(item.code in book.factors for item in book.items.values() if item.code)
    assert all(item.unit in book.units for item in book.items.values())


def test_unknown_code_is_an_error_with_the_code() -> None:
    with pytest.raises(UnknownFactorError, match="x99999"):
        rule_book().factor("x99999")


@pytest.mark.parametrize(
    ("industry", "medium", "item", "averaging"),
    [
        ("steel", "flue_gas", "NOx", "hour"),
        ("waste_incineration", "flue_gas", "NOx", "day"),
        ("paper", "waste_water", "COD", "day"),
        ("paper", "waste_water", "pH", "hour"),
    ],
)
def test_findings_are_judged_by_the_industry_s_averaging(industry: str, medium: str, item: str, averaging: str) -> None:
    assert rule_book().averaging_rule(industry, medium, item, date(2026, 3, 2)).averaging == averaging


def test_units_convert_and_refuse_other_dimensions() -> None:
    assert rule_book().convert(300, "µg/m³", "mg/m3") == pytest.approx(0.3)
    assert rule_book().convert(0, "℃", "K") == pytest.approx(273.15)
    with pytest.raises(NoRuleError, match="conversion"):
        rule_book().convert(1, "mg/L", "mg/m3")


def test_what_was_not_read_officially_says_so() -> None:
    assert rule_book().alert_threshold("air.aqi_hour.over", date(2026, 3, 1)).origin.certainty is Certainty.SETTING
    limit = rule_book().water_limit("COD", "river", date(2026, 3, 1))
    assert limit.origin.certainty is Certainty.OFFICIAL


def test_digest_changes_with_any_file() -> None:
    changed = DataFolder({**SHIPPED.texts, "units.csv": SHIPPED.texts["units.csv"] + "\n"})
    assert changed.digest() != rule_book().digest


def _shift(rows: list[dict[str, str]], days: int) -> list[dict[str, str]]:
    for row in rows:
        if row["effective_from"] == "2026-03-01":
            row["effective_from"] = (date(2026, 3, 1) + timedelta(days=days)).isoformat()
    return rows


@pytest.mark.parametrize("file", ["air_limits.csv", "aqi_editions.csv"])
@pytest.mark.parametrize(("days", "word"), [(-1, "overlap"), (1, "missing")])
def test_overlapping_or_missing_days_are_refused(file: str, days: int, word: str) -> None:
    with pytest.raises(RuleDataError, match=word):
        load(edited(file, lambda rows: _shift(rows, days)))


def _cell(column: str, value: str) -> Edit:
    def edit(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        rows[0][column] = value
        return rows

    return edit


@pytest.mark.parametrize(
    ("file", "column", "value"),
    [
        ("air_limits.csv", "grade1", "fifty"),
        ("air_limits.csv", "certainty", "sure"),
        ("air_limits.csv", "effective_from", "March"),
        ("air_limits.csv", "source", ""),
        ("water_limits.csv", "I", "6..x"),
        ("aqi_categories.csv", "aqi_from", "1"),
        ("validity.csv", "value", ""),
    ],
)
def test_a_bad_cell_is_named(file: str, column: str, value: str) -> None:
    with pytest.raises(RuleDataError) as caught:
        load(edited(file, _cell(column, value)))
    assert caught.value.file == file
    assert caught.value.row == 2


def test_breakpoints_must_rise() -> None:
    def swap(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        rows[0], rows[1] = rows[1], rows[0]
        return rows

    with pytest.raises(RuleDataError, match="above"):
        load(edited("iaqi_breakpoints.csv", swap))
