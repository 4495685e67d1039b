"""What an hour of an outlet's item is: missing, invalid, valid or stopped, by flag, tag and planned stop."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import numpy as np

from qingyuan import clock
from qingyuan.bureau.registers.models import Outlet
from qingyuan.bureau.values.models import PlannedStop
from qingyuan.bureau.values.queries.tags_in_force import counting_tags
from qingyuan.readings import Reading
from qingyuan.rules import rule_book

HOUR = 3600
MISSING, INVALID, VALID, STOPPED = range(4)


def state_of(reading: Reading, letters: Mapping[str, str]) -> int:
    """By the device's flag and a value that is not negative; letters: the effect of each flag."""
    effect = letters.get(reading.flag, "invalid") if reading.flag else "valid"
    if effect == "not_counted":
        return STOPPED
    if reading.value is None:
        return MISSING
    return VALID if effect == "valid" and reading.value >= 0 else INVALID


def apply_tags(states: dict[tuple[str, str], np.ndarray], outlets: Mapping[str, Outlet], begin: int, end: int) -> None:
    """Planned stops over the hours they touch, tags over those of which they cover the minutes that the rules ask for.

    States by point and item; what stops beats what spoils.
    """
    span = (datetime.fromtimestamp(begin, clock.BEIJING), datetime.fromtimestamp(end, clock.BEIJING))
    codes = {o.pk: code for code, o in outlets.items()}
    tags = counting_tags().filter(outlet__in=list(codes), start__lt=span[1], end__gt=span[0])
    for tag in tags.select_related("outlet__enterprise"):
        industry = tag.outlet.judged_as
        rule = rule_book().tag_rule(tag.kind, industry or "*", clock.beijing(tag.start).date())
        effect = {"not_counted": STOPPED, "invalid": INVALID, "missing": MISSING}.get(rule.effect if rule else "")
        if effect is not None:
            least = 60 * int(rule_book().validity("tag.hour.minutes", clock.beijing(tag.start).date()))
            _mark(states, codes[tag.outlet_id], tag.item, (tag.start, tag.end), begin, effect=effect, least=least)
    for stop in PlannedStop.objects.filter(
        point__code__in=list(outlets), start__lt=span[1], end__gt=span[0]
    ).select_related("point"):
        _mark(states, stop.point.code, "", (stop.start, stop.end), begin, effect=STOPPED)


def _mark(
    states: dict[tuple[str, str], np.ndarray],
    code: str,
    item: str,
    span: tuple[datetime, datetime],
    begin: int,
    *,
    effect: int,
    least: int = 1,
) -> None:
    """least: seconds of an hour that must be covered."""
    since, until = (int(at.timestamp()) - begin for at in span)
    if until - since < least:
        return
    first = max(0, (since + least - 1) // HOUR)
    last = max(0, -(-(until - least + 1) // HOUR))
    for (point, name), row in states.items():
        if point == code and item in {"", name}:
            part = row[first:last]
            if effect == STOPPED:
                part[:] = STOPPED
            elif effect == MISSING:
                part[part == VALID] = MISSING
            else:
                part[part == VALID] = INVALID
