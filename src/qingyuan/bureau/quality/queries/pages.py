"""Flags as pages and the API show them: where, what, by which rule with which parameters, by whom, taken back or not."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.sides import name_for
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.quality.queries.flags import Verdict, Verdicts, flag_history
from qingyuan.bureau.quality.queries.words import OUTCOMES, PARAMETERS, PERSON, RULES
from qingyuan.bureau.registers.models import Point
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.readings import Flag, Series, SeriesKey

MOST_FLAGS = 2000
"""So many of the newest flags of a span are listed; how many there are is always said."""
APART = 3600
"""Flags on readings further apart [s] are not one stretch."""
_WHOLE = 2**40


@dataclass(frozen=True)
class FlagRow:
    """One flag in words, or a stretch of `count` alike, from the first to the last. undone_at None: it stands."""

    id: int
    point: str
    point_name: str
    item: str
    statistic: str
    grain: str
    start: datetime
    end: datetime
    outcome: str
    rule: str
    version: str
    parameters: dict[str, Any]
    actor: str
    made_at: datetime
    undone_at: datetime | None
    count: int = 1

    @property
    def stands(self) -> bool:
        """Whether nobody has taken it back."""
        return self.undone_at is None

    @property
    def outcome_word(self) -> str:
        """The outcome in words."""
        return OUTCOMES.get(self.outcome, self.outcome)

    @property
    def rule_word(self) -> str:
        """The rule in words."""
        return RULES.get(self.rule, self.rule)

    @property
    def is_operation(self) -> bool:
        """Whether a person decided it; only these can be undone by hand."""
        return self.rule == "operation"

    @property
    def reason(self) -> str:
        """Why a person decided so; empty for a rule."""
        return str(self.parameters.get("reason", "")) if self.is_operation else ""

    @property
    def settings(self) -> str:
        """The parameters of a rule on one line."""
        if self.is_operation:
            return ""
        told = ((PARAMETERS.get(name), value) for name, value in self.parameters.items())
        return "，".join(f"{_(name)} {_plain(value)}" for name, value in told if name and value not in (None, ""))


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(_plain, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def recent_flags(
    user: User,
    start: datetime,
    end: datetime,
    *,
    point: str = "",
    item: str = "",
    rule: str = "",
    outcome: str = "",
    standing: bool = False,
    joined: bool = False,
) -> tuple[list[FlagRow], int]:
    """Flags on readings in [start, end) of the points that the user may see, newest first: at most 2,000, and how many.

    joined: flags of one rule on readings of a series that follow each other are one row.
    """
    names = dict(visible_points(user).filter(**({"code": point} if point else {})).values_list("code", "name"))
    series = {s.id: s for s in readings().series_of_points(list(names)) if not item or s.key.item == item}
    found = [
        f
        for f in flag_history(series, _second(start), _second(end))
        if rule in ("", f.rule) and outcome in ("", f.code) and not (standing and f.undone_by)
    ]
    if joined:
        stretches = _stretches(found)
        counts = [len(stretch) for stretch in stretches[:MOST_FLAGS]]
        rows = _rows([_as_one(stretch) for stretch in stretches[:MOST_FLAGS]], series, names, user)
        return [replace(row, count=count) for row, count in zip(rows, counts, strict=True)], len(stretches)
    return _rows(found[:MOST_FLAGS], series, names, user), len(found)


def _stretches(found: Iterable[Flag]) -> list[list[Flag]]:
    """Runs of flags that say the same of readings at most an hour apart, the newest reading first."""
    alike: dict[tuple[object, ...], list[Flag]] = defaultdict(list)
    for f in found:
        alone = f.id if f.rule == "operation" else 0
        alike[f.series, f.rule, f.version, f.code, f.parameters, f.actor, bool(f.undone_by), alone].append(f)
    runs: list[list[Flag]] = []
    for many in alike.values():
        run: list[Flag] = []
        for f in sorted(many, key=lambda f: (f.start, f.id)):
            if run and f.start - run[-1].end > APART:
                runs.append(run)
                run = []
            run.append(f)
        runs.append(run)
    return sorted(runs, key=lambda run: (run[-1].end, run[-1].id), reverse=True)


def _as_one(run: Sequence[Flag]) -> Flag:
    """The newest flag of a run, over the whole of it."""
    return run[-1]._replace(start=run[0].start)


def operation_of(point: Point, number: int) -> FlagRow | None:
    """One operation on the point's readings, or None."""
    series = {s.id: s for s in readings().series_of_points([point.code])}
    found = [f for f in readings().flags(list(series), 0, _WHOLE) if f.id == number and f.rule == "operation"]
    return next(iter(_rows(found, series, {point.code: point.name})), None)


@dataclass(frozen=True)
class Told:
    """What a reading's flags come to, for a chart or a table: the word, the rules in words, whether it counts."""

    outcome: str
    word: str
    rules: str
    counts: bool


class Marks:
    """What is said of each reading of one series in a span, read once."""

    def __init__(
        self,
        point: Point,
        item: str,
        grain: str,
        statistic: str,
        start: datetime,
        end: datetime,
        as_of: int | None = None,
    ) -> None:
        key = SeriesKey(point.code, item, statistic, grain)
        found = readings().series_of([key]).get(key)
        self._series = found.id if found else 0
        self._verdicts = Verdicts([self._series] if found else [], _second(start), _second(end), as_of)

    def of(self, start: datetime) -> Told | None:
        """What is said of the reading that begins then; None where nothing is."""
        verdict = self._verdicts.of(self._series, _second(start))
        return told(verdict) if verdict.flags else None


def told(verdict: Verdict) -> Told:
    """A verdict in words: 可疑 (突跳、台阶)."""
    names = dict.fromkeys(RULES.get(f.rule, f.rule) for f in verdict.flags)
    return Told(verdict.outcome, OUTCOMES.get(verdict.outcome, verdict.outcome), "、".join(names), verdict.counts)


def _rows(
    flags: Sequence[Flag], series: dict[int, Series], names: dict[str, str], reader: User | None = None
) -> list[FlagRow]:
    people = _people((f.actor for f in flags), reader)
    return [
        FlagRow(
            f.id,
            *_place(series[f.series].key, names),
            _instant(f.start),
            _instant(f.end),
            f.code,
            f.rule,
            f.version,
            _parameters(f.parameters),
            people.get(f.actor, f.actor),
            _instant(f.made_at),
            _instant(f.undone_at) if f.undone_by else None,
        )
        for f in flags
    ]


def _place(key: SeriesKey, names: dict[str, str]) -> tuple[str, str, str, str, str]:
    return key.point, names.get(key.point, key.point), key.item, key.statistic, key.grain


def _people(actors: Iterable[str], reader: User | None) -> dict[str, str]:
    """Actors in words: the rules, and people by the names that the reader may see."""
    keys = {a: a.removeprefix(PERSON) for a in set(actors) if a.startswith(PERSON)}
    found = User.objects.filter(pk__in=[k for k in keys.values() if k.isdecimal()]).select_related("organisation")
    users = {str(u.pk): name_for(reader, u) for u in found}
    return {"rules": "规则"} | {actor: users.get(key, actor) for actor, key in keys.items()}


def _parameters(text: str) -> dict[str, Any]:
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {"": found}


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def _second(instant: datetime) -> int:
    return int(instant.timestamp())
