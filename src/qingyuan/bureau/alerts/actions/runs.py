"""Runs of failing intervals, and which of them are one episode. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.judging.queries.observations import Observation


@dataclass(frozen=True)
class Run:
    """Failing intervals without a passing one between them; `ended_at` is the start of the one that ended it.

    peaks: the hours at which it was worse than ever before, with their values: when it is judged again from some hour on,
    what stood before that hour is still known. count: how many runs it stands for, where older ones were folded into it.
    """

    started_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None
    value: float | None
    peaks: tuple[tuple[datetime, float], ...]
    watermark: int
    count: int = 1

    def as_json(self) -> list[Any]:
        """As an alert keeps it: times in epoch seconds."""
        times = [
            None if at is None else int(at.timestamp()) for at in (self.started_at, self.last_seen_at, self.ended_at)
        ]
        peaks = [[int(at.timestamp()), value] for at, value in self.peaks]
        return [*times, self.value, peaks, self.watermark, self.count]

    @property
    def peak(self) -> float | None:
        """The worst value; None where no interval had one."""
        return self.peaks[-1][1] if self.peaks else None


def runs_of(alert: Alert) -> list[Run]:
    """The runs an alert stands for; one of an older edition is one run."""
    if not alert.runs:
        peaks = () if alert.peak is None else ((alert.started_at, alert.peak),)
        return [
            Run(
                alert.started_at,
                alert.last_seen_at,
                alert.ended_at,
                alert.value,
                peaks,
                alert.watermark,
                max(alert.times, 1),
            )
        ]
    return [
        Run(_at(a), _at(b), None if c is None else _at(c), value, tuple((_at(at), worst) for at, worst in peaks), *rest)
        for a, b, c, value, peaks, *rest in alert.runs
    ]


def _at(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def failing_runs(seen: Sequence[Observation], running: Run | None, *, higher_is_worse: bool) -> list[Run]:
    """The runs of the judged intervals, in order of time; `running` is the one that reaches into them."""
    runs: list[Run] = []
    current = None
    if running is not None:
        first = seen[0].start
        before = tuple(peak for peak in running.peaks if peak[0] < first)
        current = replace(running, last_seen_at=min(running.last_seen_at, first), ended_at=None, peaks=before)
    for o in seen:
        if o.answer == "fail":
            if current is None:
                current = Run(o.start, o.start, None, o.value, (), o.watermark)
            peaks = current.peaks
            if (
                o.value is not None
                and worst_of((current.peak, o.value), higher_is_worse=higher_is_worse) != current.peak
            ):
                peaks = (*peaks, (o.start, o.value))
            current = replace(
                current, last_seen_at=o.start, value=o.value, peaks=peaks, watermark=max(current.watermark, o.watermark)
            )
        elif o.answer == "pass" and current is not None:
            runs.append(replace(current, ended_at=o.start))
            current = None
    return runs if current is None else [*runs, current]


def worst_of(values: Iterable[float | None], *, higher_is_worse: bool) -> float | None:
    """The worst of the values that are there."""
    there = [value for value in values if value is not None]
    return (max if higher_is_worse else min)(there) if there else None


def together(runs: Sequence[Run], hold: timedelta) -> list[list[Run]]:
    """Episodes: runs that begin less than the hold after the one before has ended, in order of time."""
    episodes: list[list[Run]] = []
    for run in sorted(runs, key=lambda r: r.started_at):
        before = episodes[-1][-1] if episodes else None
        if before is not None and (before.ended_at is None or run.started_at - before.ended_at < hold):
            episodes[-1].append(run)
        else:
            episodes.append([run])
    return episodes


def folded(runs: Sequence[Run], horizon: datetime, *, higher_is_worse: bool) -> list[Run]:
    """The same with the runs that ended before the horizon as one: nothing can change them any more."""
    old = [run for run in runs if run.ended_at is not None and run.ended_at < horizon]
    if len(old) < 2:
        return list(runs)
    peak = worst_of((run.peak for run in old), higher_is_worse=higher_is_worse)
    one = replace(
        old[-1],
        started_at=old[0].started_at,
        count=sum(run.count for run in old),
        watermark=max(run.watermark for run in old),
        peaks=() if peak is None else ((old[0].started_at, peak),),
    )
    return [one, *runs[len(old) :]]
