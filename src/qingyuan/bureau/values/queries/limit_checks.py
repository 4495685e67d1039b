"""The limits of an outlet held against the standards: what the page, the API, the command and the import all tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from qingyuan.bureau.registers.models import Outlet
from qingyuan.bureau.values.models import Limit
from qingyuan.bureau.values.queries.limits import MEDIA
from qingyuan.science.sources import Check, Checked, PermitLimit, check_limit, missing_items


@dataclass(frozen=True)
class LimitCheck:
    """A limit with what it came to. overlaps: other rows of the same key whose dates it shares."""

    limit: Limit
    outcomes: list[Checked]
    overlaps: list[Limit]

    @property
    def is_fine(self) -> bool:
        """Nothing has to be looked at."""
        return not self.overlaps and all(c.is_fine for c in self.outcomes)


@dataclass(frozen=True)
class OutletCheck:
    """All limits of an outlet by item and date, and the items of its standards that have none on `day`."""

    outlet: Outlet
    day: date
    limits: list[LimitCheck]
    missing: list[Checked]

    @property
    def to_look_at(self) -> int:
        """How many limits and missing items ask for a look."""
        return sum(not row.is_fine for row in self.limits) + len(self.missing)


def permit_of(row: Limit) -> PermitLimit:
    """A row of the register as the pure check takes it."""
    text = " ".join(t for t in (row.standard, row.source_class, row.process, row.basis) if t)
    return PermitLimit(
        row.item,
        row.unit,
        row.averaging,
        row.upper,
        row.lower,
        row.condition,
        row.reference_o2,
        row.statistic.startswith("Zs"),
        text,
    )


def check_row(row: Limit, outlet: Outlet, today: date) -> list[Checked]:
    """A limit against the standards in force on its first day, or today where it began before."""
    begin = max(row.valid_from, min(today, row.valid_to or today))
    found = check_limit(permit_of(row), MEDIA[Outlet.Medium(outlet.medium)], outlet.judged_as, begin)
    if row.statistic.startswith("Zs") and row.reference_o2 is None and outlet.reference_o2 is None:
        found.append(
            Checked(
                Check.WRONG_STATE,
                row.item,
                "折算值，没有基准氧含量",
                "限值或排放口登记基准氧含量",
                "登记后才能由本系统折算；设备自己报折算值的照判",
            )
        )
    return found


def check_outlet(outlet: Outlet, day: date) -> OutletCheck:
    """Every standing limit of the outlet with its outcomes, and what is missing on `day`."""
    rows = [row for row in outlet.limits.all() if row.valid_to is None or row.valid_to > row.valid_from]
    rows.sort(key=lambda r: (r.item, r.averaging, r.condition, -r.valid_from.toordinal()))
    overlaps = overlapping(rows)
    checks = [LimitCheck(row, check_row(row, outlet, day), overlaps.get(row.pk, [])) for row in rows]
    return OutletCheck(outlet, day, checks, missing_of(outlet, day))


def missing_of(outlet: Outlet, day: date) -> list[Checked]:
    """Items that the outlet's standards know and that have no limit on `day`; nothing for an outlet without limits."""
    held = [
        permit_of(row)
        for row in outlet.limits.all()
        if row.valid_from <= day and (row.valid_to is None or day < row.valid_to)
    ]
    if not held:
        return []
    return missing_items(held, MEDIA[Outlet.Medium(outlet.medium)], outlet.judged_as, day)


def overlapping(rows: Sequence[Limit]) -> dict[int, list[Limit]]:
    """By key of the row: the next rows of the same item, averaging and condition that begin before it ends."""
    found: dict[int, list[Limit]] = {}
    for earlier, later in pairwise(sorted(rows, key=lambda r: (_key(r), r.valid_from))):
        if _key(earlier) == _key(later) and (earlier.valid_to is None or earlier.valid_to > later.valid_from):
            found.setdefault(earlier.pk, []).append(later)
            found.setdefault(later.pk, []).append(earlier)
    return found


def _key(row: Limit) -> tuple[int, str, str, str]:
    return (row.outlet_id, row.item, row.averaging, row.condition)
