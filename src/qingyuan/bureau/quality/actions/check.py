"""The quality rules asked again where readings changed: flags that no longer hold are taken back, new ones put.

Idempotent: a second look at the same readings changes nothing, so the loop comes to rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np

from qingyuan import clock
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.quality.actions.gaps import GAP, check_gaps
from qingyuan.bureau.quality.neighbours import neighbours_of
from qingyuan.bureau.registers.models import Point
from qingyuan.readings import Flag, NewFlag, Reading, Series, SeriesKey
from qingyuan.rules import RulesError, rule_book
from qingyuan.science.intervals import beijing_date
from qingyuan.science.quality import Neighbour, Pair, Rule, Span, Track, judge, rules_for, touched

ACTOR = "rules"
HOUR = 3600
APART = 7 * 24 * HOUR
AROUND = 6 * HOUR
"""Read at least so far around a change, so that the readings next to it are mostly among them."""
_CHECKED = {("hour", "Avg"), ("hour", "ZsAvg"), ("raw", "Rtd")}
FlagKey = tuple[int, int, int, str, str, str, str]
"""series, start, end, outcome, rule, version, parameters"""


@dataclass(frozen=True)
class _Task:
    """One series over one changed span."""

    series: Series
    point_kind: str
    rules: Sequence[Rule]
    changed: Span
    kept: Span
    read: Span


def check(changed: Mapping[int, tuple[Series, set[int]]]) -> int:
    """Judge the readings that changes of these hours (by series number) can have touched; how many flags changed."""
    kinds = _kinds({series.key.point for series, _ in changed.values()})
    concerned = _concerned(changed, kinds)
    tasks = [task for series, hours in concerned.values() for task in _tasks(series, hours, kinds)]
    done = 0
    by_week: dict[int, list[_Task]] = defaultdict(list)
    for task in tasks:
        by_week[task.read[0] // APART].append(task)
    for together in by_week.values():
        done += _check(together)
    return done


def _kinds(codes: Iterable[str]) -> dict[str, str]:
    """By point code: the kind of point, for those in the register."""
    return dict(Point.objects.filter(code__in=set(codes)).values_list("code", "kind"))


def _concerned(
    changed: Mapping[int, tuple[Series, set[int]]], kinds: dict[str, str]
) -> dict[int, tuple[Series, set[int]]]:
    """The changed series, and those that are held against them: the other item of a pair, the neighbours.

    kinds: of the points of the changed series; their neighbours, which are of the same kind, are added.
    """
    items = rule_book().items
    found = {number: (series, set(hours)) for number, (series, hours) in changed.items() if _is_checked(series, items)}
    others: dict[SeriesKey, set[int]] = defaultdict(set)
    beside: dict[SeriesKey, set[int]] = defaultdict(set)
    for series, hours in found.values():
        for rule in _rules(series, kinds, min(hours)):
            if isinstance(rule, Pair):
                others[series.key._replace(item=rule.other)] |= hours
            elif isinstance(rule, Neighbour):
                beside[series.key] |= hours
    near = neighbours_of({key.point for key in beside})
    for key, hours in beside.items():
        for code in near.get(key.point, ()):
            others[key._replace(point=code)] |= hours
            kinds[code] = kinds[key.point]
    for key, series in readings().series_of(list(others)).items():
        found.setdefault(series.id, (series, set()))[1].update(others[key])
    return found


def _is_checked(series: Series, items: Container[str]) -> bool:
    return (series.key.grain, series.key.statistic) in _CHECKED and series.key.item in items


def _tasks(series: Series, hours: Iterable[int], kinds: Mapping[str, str]) -> list[_Task]:
    """The changed hours of a series in runs that lie far apart, each with the rules of its day."""
    runs: list[list[int]] = []
    for hour in sorted(hours):
        if runs and hour - runs[-1][1] <= APART:
            runs[-1][1] = hour + HOUR
        else:
            runs.append([hour, hour + HOUR])
    found = []
    for start, end in runs:
        rules = _rules(series, kinds, start)
        kept, read = touched((start, end), rules)
        found.append(_Task(series, kinds.get(series.key.point, ""), rules, (start, end), kept, read))
    return found


def _rules(series: Series, kinds: Mapping[str, str], second: int) -> tuple[Rule, ...]:
    kind = kinds.get(series.key.point, "")
    return _rules_on(rule_book().digest, series.key.item, series.key.grain, kind, second // (24 * HOUR))


@lru_cache(maxsize=4096)
def _rules_on(digest: str, item: str, grain: str, point_kind: str, day: int) -> tuple[Rule, ...]:
    book = rule_book()  # the digest is there for the cache: another book, another answer
    return rules_for(book, item, grain, point_kind, beijing_date(datetime.fromtimestamp(day * 24 * HOUR, UTC)))


def _check(tasks: Sequence[_Task]) -> int:
    store = readings()
    first = min(min(task.read[0], task.changed[0] - AROUND) for task in tasks)
    last = max(max(task.read[1], task.changed[1] + AROUND) for task in tasks)
    beside = _beside(tasks)
    around = _around(tasks)
    known = store.series_of([*{key for keys in (*beside.values(), *around.values()) for key in keys}])
    needed = {task.series.id: task.series for task in tasks} | {found.id: found for found in known.values()}
    rows: dict[int, list[Reading]] = defaultdict(list)
    for reading in store.window(list(needed), first, last):
        rows[reading.series].append(reading)
    countable = {key: _countable(rows[series.id]) for key, series in known.items()}
    there = _flags(store.flags([task.series.id for task in tasks], first, last))
    by_series: dict[int, list[tuple[FlagKey, int]]] = defaultdict(list)
    for flag, number in there.items():
        by_series[flag[0]].append((flag, number))
    wanted: dict[FlagKey, None] = {}
    stale: dict[int, int] = {}
    for task in tasks:
        found = _judged(task, rows, known, countable, beside[task.series.id], around[task.series.id])
        wanted |= dict.fromkeys(key for key in found if key not in there)
        stale |= {
            number: task.series.id
            for key, number in by_series[task.series.id]
            if task.kept[0] <= key[1] < task.kept[1] and key not in found
        }
    # an outlet's hours are judged by the device's flag and by tags alone: what the rules say changes no verdict there
    outlets = {task.series.id for task in tasks if task.point_kind == Point.Kind.OUTLET}
    for quiet in (True, False):
        _write(
            [key for key in wanted if (key[0] in outlets) == quiet],
            [number for number, series in stale.items() if (series in outlets) == quiet],
            quiet=quiet,
        )
    gaps = check_gaps([(task.series, task.point_kind, task.changed) for task in tasks], rows, (first, last), ACTOR)
    return len(wanted) + len(stale) + gaps


def _write(wanted: Iterable[FlagKey], stale: Sequence[int], *, quiet: bool) -> None:
    now = int(clock.now().timestamp())
    readings().unflag(stale, ACTOR, now, quiet=quiet)
    readings().flag([NewFlag(*key, actor=ACTOR, made_at=now) for key in wanted], quiet=quiet)


def _flags(found: Iterable[Flag]) -> dict[FlagKey, int]:
    return {
        (f.series, f.start, f.end, f.code, f.rule, f.version, f.parameters): f.id
        for f in found
        if f.actor == ACTOR and f.rule != GAP and not f.undone_by
    }


def _beside(tasks: Sequence[_Task]) -> dict[int, list[SeriesKey]]:
    """The other items that pair rules of each series ask for."""
    return {
        task.series.id: [task.series.key._replace(item=rule.other) for rule in task.rules if isinstance(rule, Pair)]
        for task in tasks
    }


def _around(tasks: Sequence[_Task]) -> dict[int, list[SeriesKey]]:
    """The same item at the neighbouring points, where a rule asks for them."""
    asked = {task.series.key.point for task in tasks if any(isinstance(rule, Neighbour) for rule in task.rules)}
    near = neighbours_of(asked)
    return {
        task.series.id: [
            task.series.key._replace(point=code)
            for code in near.get(task.series.key.point, ())
            if any(isinstance(rule, Neighbour) for rule in task.rules)
        ]
        for task in tasks
    }


def _judged(
    task: _Task,
    rows: Mapping[int, list[Reading]],
    known: Mapping[SeriesKey, Series],
    countable: Mapping[SeriesKey, Mapping[tuple[int, int], float]],
    beside: Iterable[SeriesKey],
    around: Iterable[SeriesKey],
) -> set[FlagKey]:
    """The flags of the readings whose verdict the change can have touched."""
    own = [r for r in rows[task.series.id] if task.read[0] <= r.start < task.read[1]]
    if not own:
        return set()
    raw = _values(own)
    track = Track(
        np.array([r.start for r in own], dtype=np.int64),
        _converted(raw, task.series),
        _printed(own, raw),
        [r.flag for r in own],
        {key.item: _aligned(own, countable[key], known[key]) for key in beside if key in known},
        [_aligned(own, countable[key], known[key]) for key in around if key in known],
    )
    quality = judge(track, task.rules)
    found: set[FlagKey] = set()
    for rule, hit in zip(quality.rules, quality.hits, strict=True):
        if not hit.any():
            continue
        for place in np.flatnonzero(hit):
            reading = own[place]
            if task.kept[0] <= reading.start < task.kept[1]:
                end = max(reading.end, reading.start + 1)
                key = (
                    task.series.id,
                    reading.start,
                    end,
                    rule.outcome,
                    rule.kind,
                    str(rule.version),
                    rule.parameters(),
                )
                found.add(key)
    return found


def _values(rows: Sequence[Reading]) -> np.ndarray:
    return np.array([np.nan if r.value is None else r.value for r in rows], dtype=np.float64)


def _printed(rows: Sequence[Reading], values: np.ndarray) -> np.ndarray:
    """What the device printed, also where the intake kept it as a sentinel without a value (in the qualifier)."""
    printed = values.copy()
    for place, reading in enumerate(rows):
        if reading.value is None and reading.qualifier:
            try:
                printed[place] = float(reading.qualifier)
            except ValueError:
                continue  # words of another kind, such as a value in a unit that does not convert
    return printed


def _converted(values: np.ndarray, series: Series) -> np.ndarray:
    """Values in the judging unit of the item; NaN where the unit says nothing."""
    into = rule_book().item(series.key.item).unit
    if not series.unit or series.unit == into:
        return values
    try:
        scale, shift = rule_book().conversion(series.unit, into)
    except RulesError:
        return np.full(len(values), np.nan)
    return values * scale + shift


def _countable(rows: Iterable[Reading]) -> dict[tuple[int, int], float]:
    """Values that may count, by their interval."""
    flags = rule_book().flags
    letters = {"", *(letter for letter, flag in flags.items() if flag.effect == "valid")}
    return {(r.start, r.end): r.value for r in rows if r.value is not None and r.flag in letters}


def _aligned(own: Sequence[Reading], there: Mapping[tuple[int, int], float], series: Series) -> np.ndarray:
    """Another series' values over the same intervals, NaN where it has none that may count."""
    found = np.array([there.get((r.start, r.end), np.nan) for r in own], dtype=np.float64)
    return _converted(found, series)
