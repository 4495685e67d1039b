"""Every dated table: one row for a key on a day, never two and never a hole."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from qingyuan.rules.dated import must_follow
from qingyuan.rules.packs import key_columns
from qingyuan.rules.table import DataFolder, Row


def check_periods(data: DataFolder) -> None:
    """RuleDataError for the first two rows of one key whose dates overlap or leave days out, in any table.

    The loader checks the tables it looks up by date in the same way; this holds for those it reads whole.
    """
    for file in sorted(data.texts):
        found: dict[tuple[str, ...], list[Row]] = defaultdict(list)
        for row in data.rows(file):
            if "effective_from" in row.cells:
                found[tuple(row.text(name) for name in key_columns(file, row.cells))].append(row)
        for key, rows in found.items():
            for earlier, later in pairwise(sorted(rows, key=lambda row: row.period().since)):
                must_follow(earlier.period(), later.period(), later, f"{file.removesuffix('.csv')} {'/'.join(key)}")
