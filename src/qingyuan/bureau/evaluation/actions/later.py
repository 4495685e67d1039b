"""Quality of what came in a flood: noted in full turns, worked off in slices when there is air.

Around each reading the rules look days back and forth, so that asking them anew in every turn of a long catch-up would
cost more than the catch-up. What waits is kept in the books before the marks are settled; the flags that come of it mark
their hours, which are then judged again.
"""

from __future__ import annotations

from collections.abc import Mapping

from qingyuan.bureau.evaluation.models import LoopState
from qingyuan.bureau.monitoring.store import readings
from qingyuan.bureau.quality import actions as quality
from qingyuan.readings import Series

NAME = "quality_later"
HOUR = 3600
SLICE = 31 * 24 * HOUR
MOST_FULL = 10
"""After so many full turns a slice is worked off all the same: a flood without end must not put quality off for ever."""

Touched = Mapping[int, tuple[Series, set[int]]]


def note(touched: Touched) -> int:
    """Keep for later what these changes touch; returns how many slices have been put off in a row."""
    state, _ = LoopState.objects.get_or_create(name=NAME, defaults={"value": {"spans": {}, "full": 0}})
    spans = dict(state.value["spans"])
    for number, (_, hours) in touched.items():
        first, last = spans.get(str(number), (min(hours), max(hours)))
        spans[str(number)] = [min(first, *hours), max(last, *hours)]
    full = int(state.value["full"]) + 1
    LoopState.objects.filter(pk=state.pk).update(value={"spans": spans, "full": full})
    return full


def work_off() -> int:
    """The oldest slice of what waits; returns how many flags changed."""
    state = LoopState.objects.filter(name=NAME).first()
    if state is None or not state.value["spans"]:
        return 0
    spans: dict[str, list[int]] = state.value["spans"]
    end = min(first for first, _ in spans.values()) + SLICE
    chosen = {int(number): span for number, span in spans.items() if span[0] < end}
    series = readings().series_by_number(sorted(chosen))
    due = {
        number: (series[number], set(range(first, min(last, end - HOUR) + HOUR, HOUR)))
        for number, (first, last) in chosen.items()
        if number in series
    }
    done = quality.check(due)
    left = {number: [max(first, end), last] for number, (first, last) in spans.items() if last >= end}
    LoopState.objects.filter(pk=state.pk).update(value={"spans": left, "full": 0})
    return done


def waits() -> bool:
    """Whether anything waits."""
    state = LoopState.objects.filter(name=NAME).first()
    return state is not None and bool(state.value["spans"])
