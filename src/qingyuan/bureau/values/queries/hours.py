"""Hourly readings of many points at once, in the units that the rules judge in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from qingyuan.bureau.base.store import readings
from qingyuan.bureau.quality.queries.flags import Verdicts
from qingyuan.clock import beijing
from qingyuan.readings import Reading
from qingyuan.rules import RulesError, rule_book


class ItemValue(NamedTuple):
    """A value in its judging unit; None when it may not be used (device flag, quality, no value, unknown unit)."""

    value: float | None
    raw: Reading
    unit: str

    @property
    def is_valid(self) -> bool:
        """Usable for statistics."""
        return self.value is not None


def instant(second: int) -> datetime:
    """Epoch seconds as an aware instant."""
    return datetime.fromtimestamp(second, UTC)


def hour_words(start: datetime) -> str:
    """The hour that a reading stands for, as a title says it: 11月21日08时."""
    local = beijing(start)
    return f"{local.month}月{local.day}日{local.hour:02d}时"


def valid_flags() -> frozenset[str]:
    """The data flags that let a value count (HJ 212-2017, table 8); none at all counts as normal."""
    return frozenset({"", *(letter for letter, known in rule_book().flags.items() if known.effect == "valid")})


def values_by_interval(
    points: Iterable[str],
    items: Iterable[str],
    start: int,
    end: int,
    grain: str = "hour",
    statistic: str = "Avg",
    *,
    as_of: int | None = None,
) -> dict[tuple[str, int, int], dict[str, ItemValue]]:
    """By (point code, start, end): item → value, for intervals that begin in [start, end) epoch seconds.

    as_of: from the readings received and the flags put by that second.
    """
    wanted, book, lets_count = set(items), rule_book(), valid_flags()
    series = {
        s.id: s
        for s in readings().series_of_points(sorted(set(points)))
        if s.key.grain == grain and s.key.statistic == statistic and s.key.item in wanted
    }
    verdicts = Verdicts(list(series), start, end, as_of)
    out: dict[tuple[str, int, int], dict[str, ItemValue]] = {}
    for r in readings().window(list(series), start, end, as_of=as_of):
        key, unit = series[r.series].key, series[r.series].unit
        value = r.value if r.flag in lets_count and verdicts.of(r.series, r.start).counts else None
        into = book.item(key.item).unit
        if value is not None and unit and unit != into:
            try:
                value = book.convert(value, unit, into)
            except RulesError:
                value = None
        out.setdefault((key.point, r.start, r.end), {})[key.item] = ItemValue(value, r, into)
    return out
