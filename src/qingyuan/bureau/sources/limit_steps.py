"""The limits of an outlet over a window, as steps from date to date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time

from qingyuan import clock
from qingyuan.bureau.sources.models import Limit, Outlet
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
    """The limits that hold in the window, cut to it, by item."""
    found = []
    rows = (
        Limit.objects.standing().filter(outlet=outlet, valid_from__lte=beijing_date(end)).order_by("item", "valid_from")
    )
    for row in rows.exclude(valid_to__lte=beijing_date(start)):
        since = max(start, _midnight(row.valid_from))
        until = min(end, _midnight(row.valid_to)) if row.valid_to else end
        if since < until:
            upper, lower = (None if x is None else float(x) for x in (row.upper, row.lower))
            step = Step(since, until, upper, lower, row.averaging, row.condition, row.basis, row.statistic)
            found.append((row.item, step))
    return _cut(found)


def _cut(rows: list[tuple[str, Step]]) -> list[tuple[str, Step]]:
    """Of two rows of one kind the newer one holds from its first day on."""
    out: list[tuple[str, Step]] = []
    for item, step in rows:
        for n, (other_item, other) in enumerate(out):
            alike = (other_item, other.averaging, other.condition) == (item, step.averaging, step.condition)
            if alike and other.start < step.start < other.end:
                out[n] = (item, replace(other, end=step.start))
        out.append((item, step))
    return out


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, clock.BEIJING)
