"""The limits of an outlet over a window, as steps from date to date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise

from qingyuan import clock
from qingyuan.bureau.registers.models import Outlet
from qingyuan.bureau.values.models import Limit
from qingyuan.science.intervals import beijing_date


@dataclass(frozen=True)
class Step:
    """A limit while it holds: [start, end) inside the window. judged: whether hours are held against it."""

    start: datetime
    end: datetime
    upper: float | None
    lower: float | None
    averaging: str
    condition: str
    basis: str
    statistic: str


def limit_steps(outlet: Outlet, start: datetime, end: datetime) -> list[tuple[str, Step]]:
    """The limits of an outlet that hold in the window, cut to it, by item."""
    rows = (
        Limit.objects.standing()
        .filter(outlet=outlet, valid_from__lte=beijing_date(end))
        .exclude(valid_to__lte=beijing_date(start))
    )
    return steps_of(rows.order_by("item", "averaging", "condition", "valid_from"), start, end)


def steps_of(rows: Iterable[Limit], start: datetime, end: datetime) -> list[tuple[str, Step]]:
    """Rows as steps in [start, end): of those of one item, averaging time and condition the newest that holds."""
    alike: dict[tuple[str, str, str], list[Limit]] = defaultdict(list)
    for row in rows:
        alike[row.item, row.averaging, row.condition].append(row)
    found = []
    for (item, _averaging, _condition), own in alike.items():
        days = {day for row in own for day in (row.valid_from, row.valid_to) if day}
        turns = sorted({start, end, *(t for t in map(_midnight, days) if start < t < end)})
        held: list[tuple[datetime, datetime, Limit]] = []
        for since, until in pairwise(turns):
            day = beijing_date(since)
            chosen = [r for r in own if r.valid_from <= day and (r.valid_to is None or day < r.valid_to)]
            if not chosen:
                continue
            newest = max(chosen, key=lambda r: r.valid_from)
            if held and held[-1][1] == since and held[-1][2] is newest:
                held[-1] = (held[-1][0], until, newest)
            else:
                held.append((since, until, newest))
        found += [(item, _step(*each)) for each in held]
    return found


def _step(since: datetime, until: datetime, row: Limit) -> Step:
    upper, lower = (None if x is None else float(x) for x in (row.upper, row.lower))
    return Step(since, until, upper, lower, row.averaging, row.condition, row.basis, row.statistic)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, clock.BEIJING)
