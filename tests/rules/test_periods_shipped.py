"""The shipped tables hold what a start with local packs checks."""

from __future__ import annotations

from qingyuan.rules.periods import check_periods
from qingyuan.rules.table import DataFolder


def test_no_shipped_table_has_two_rows_for_a_day_or_none_between() -> None:
    data = DataFolder.shipped()
    check_periods(data)
    assert len(data.texts) > 30
