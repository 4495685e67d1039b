"""Figures that are well formed and switch their rule off: `rules check` refuses them, with what would make sense."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qingyuan.rules import DataFolder, RuleDataError
from qingyuan.rules.sense import check_sense

SHIPPED = DataFolder.shipped()


def with_cell(file: str, column: str, value: str, **key: str) -> DataFolder:
    """The shipped tables with one cell changed, in the first row that bears the key."""
    rows = list(SHIPPED.rows(file))
    place = next(n for n, row in enumerate(rows) if all(row.text(name) == cell for name, cell in key.items()))
    rows[place] = replace(rows[place], cells=rows[place].cells | {column: value})
    return DataFolder(SHIPPED.texts, {file: tuple(rows)})


def without(file: str, **key: str) -> DataFolder:
    rows = tuple(r for r in SHIPPED.rows(file) if not all(r.text(name) == cell for name, cell in key.items()))
    return DataFolder(SHIPPED.texts, {file: rows})


def test_what_is_shipped_makes_sense():
    check_sense(SHIPPED)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (with_cell("quality_rules.csv", "low", "3000", rule="stuck", item="SO2", grain="minute"), "usual range of SO2"),
        (with_cell("quality_rules.csv", "low", "600", rule="stuck", item="HCl", grain="hour"), "usual range of HCl"),
        (without("quality_rules.csv", rule="stuck", item="NMHC", grain="minute"), "stuck for NMHC at outlet also for minute"),
        (without("quality_rules.csv", rule="stuck", item="HCl", grain="hour"), "stuck for HCl at outlet also for hour"),
        (with_cell("quality_rules.csv", "tolerance", "5000", rule="spike", item="SO2"), "plausible range of SO2"),
        (with_cell("quality_rules.csv", "low", "400", rule="range", item="wind_direction"), "below high"),
        (with_cell("quality_rules.csv", "minutes", "-1", rule="stuck", item="COD"), "not below 0"),
        (with_cell("validity.csv", "value", "75", key="roll.hour.share"), "at most 1"),
        (with_cell("alert_thresholds.csv", "value", "0", key="silent.hour.minutes"), "above 0"),
        (with_cell("air_limits.csv", "grade1", "600", item="SO2"), "at most grade2"),
        (with_cell("water_limits.csv", "III", "0.001", item="CODMn"), "not stricter"),
        (with_cell("items.csv", "plausible_low", "9000", item="SO2"), "below plausible_high"),
        (with_cell("emission_limits.csv", "lower", "99999", item="dust"), "below upper"),
    ],
)  # fmt: skip
def test_a_figure_that_switches_its_rule_off_is_refused(data: DataFolder, words: str):
    """A floor of 3000 stood in `stuck` for SO2, so that a frozen SO2 was never found; HCl had no row at all."""
    with pytest.raises(RuleDataError) as told:
        check_sense(data)
    assert words in told.value.expected


def test_every_item_with_an_hourly_limit_of_chimneys_that_is_monitored_is_looked_at():
    """A new limit in the tables must not be without the rule that finds a frozen instrument."""
    rows = [row for row in SHIPPED.rows("quality_rules.csv") if row.text("rule") == "stuck"]
    looked_at = {row.text("item") for row in rows if row.text("point_kind") == "outlet"}
    assert looked_at >= {"SO2", "NOx", "dust", "HCl", "NMHC", "CO", "NH3", "COD", "NH3N", "TP", "TN"}
