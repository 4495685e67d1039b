from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q

from qingyuan.bureau.base.dated import in_force
from qingyuan.bureau.registers.models import Outlet
from qingyuan.bureau.values.models import Limit
from qingyuan.bureau.values.queries.tags_in_force import counting_tags
from qingyuan.science import sources as judging
from qingyuan.science.intervals import Interval

MEDIA: dict[Outlet.Medium, judging.Medium] = {Outlet.Medium.GAS: "flue_gas", Outlet.Medium.WATER: "waste_water"}


def limits_of(
    outlets: Iterable[int], on: date, conditions: Collection[str] = ()
) -> dict[tuple[int, str], dict[str, Limit]]:
    """By (outlet key, item): the limits in force on that day, by averaging time.

    conditions: those that are met; a limit of one of them comes before the limit without a condition.
    """
    found: dict[tuple[int, str], dict[str, Limit]] = defaultdict(dict)
    rows = Limit.objects.filter(in_force(on), outlet__in=list(outlets), condition__in=["", *conditions])
    for row in sorted(rows, key=lambda row: (row.condition != "", row.valid_from)):
        found[(row.outlet_id, row.item)][row.averaging] = row
    return found


def limit_named(reference: str) -> Limit | None:
    """The limit row that a judgement names (`limit:12`); None for another kind of reference, or where it is gone."""
    kind, _, key = reference.partition(":")
    return Limit.objects.filter(pk=key).first() if kind == "limit" and key.isdecimal() else None


def limits_since(outlets: Iterable[int], day: date) -> dict[int, list[Limit]]:
    """By outlet key: every limit row that holds on that day or any later one."""
    found: dict[int, list[Limit]] = defaultdict(list)
    later = Q(valid_to__isnull=True) | Q(valid_to__gt=day)
    for row in Limit.objects.filter(later, outlet__in=list(outlets)).order_by("item", "valid_from"):
        found[row.outlet_id].append(row)
    return found


def limit_on(rows: Iterable[Limit], item: str, day: date, conditions: Collection[str] = ()) -> Limit | None:
    """The row that an hour of that day is held against: the hourly limit, else the daily one; the newest that holds.

    conditions: those that the hour is tagged with; an hourly limit of one of them comes before all others.
    """
    chosen = [
        row
        for row in rows
        if row.item == item
        and row.valid_from <= day
        and (row.valid_to is None or day < row.valid_to)
        and (not row.condition or row.condition in conditions)
    ]
    hourly = Limit.Averaging.HOUR
    return max(chosen, key=lambda row: (row.averaging == hourly, row.condition != "", row.valid_from), default=None)


def conditions_in(tags: Iterable[judging.Tag], interval: Interval) -> frozenset[str]:
    """The conditions that an interval is tagged with: of an hour by any part of it, of a day by the whole of it."""
    whole = interval.length > timedelta(hours=1)
    return frozenset(
        tag.name_zh
        for tag in tags
        if (tag.interval.start <= interval.start and interval.end <= tag.interval.end)
        or (not whole and tag.interval.overlaps(interval))
    )


def tags_beside(row: Limit, tags: Iterable[judging.Tag]) -> list[judging.Tag]:
    """The tags that still bear on an hour held against this row: the one the row was made for exempts no longer."""
    return [tag for tag in tags if not row.condition or tag.name_zh != row.condition]


def as_rule(row: Limit) -> judging.Limit:
    """A register row as the limit that the pure functions take."""
    source = f"{row.basis}（工况：{row.condition}）" if row.condition else row.basis
    return judging.Limit(row.item, row.unit, _plain(row.upper), _plain(row.lower), source)


def _plain(value: Decimal | None) -> Decimal | None:
    """The value without the zeros that the column's scale adds: 50, not 50.00000."""
    return None if value is None else Decimal(f"{value.normalize():f}")


def tags_of(outlet: int, item: str, interval: Interval) -> list[judging.Tag]:
    """The tags in force over an interval of an item."""
    rows = counting_tags().filter(outlet=outlet, item__in=["", item], start__lt=interval.end, end__gt=interval.start)
    return [judging.Tag(Interval(t.start, t.end), t.kind) for t in rows]
