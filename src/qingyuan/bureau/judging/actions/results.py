"""Keeping results: a new revision only when the outcome changed, never an overwrite."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from qingyuan import clock
from qingyuan.bureau.judging.models import Evaluation
from qingyuan.bureau.registers.models import Point
from qingyuan.rules import rule_book

Key = tuple[int, str, datetime]
CHUNK = 500
FEW = 20


@dataclass(frozen=True)
class Result:
    """A judged interval, ready to be kept. point: key of the point."""

    point: int
    kind: str
    start: datetime
    end: datetime
    verdict: str
    value: float | None
    rule_set: str
    watermark: int
    item: str = ""
    label: str = ""
    primary: str = ""
    limit_ref: str = ""
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """Which interval of what it judges."""
        return (self.point, self.item, self.start)

    @property
    def outcome(self) -> tuple[object, ...]:
        """What makes a result differ from another of the same interval."""
        return (self.verdict, self.value, self.label, self.primary, self.limit_ref, self.rule_set)


def keep(kind: str, results: Sequence[Result], cleared: Collection[Key] = ()) -> int:
    """Make `results` the current ones of their intervals; returns how many rows changed. Several may do it at once.

    cleared: intervals (point, item, start) that have no result to keep: what was kept of them is current no longer.
    """
    wanted = {r.key: r for r in results}
    keys = set(wanted) | set(cleared)
    if not keys or not any(_changes(kind, keys, wanted)):
        return 0
    with transaction.atomic():
        list(Point.objects.select_for_update().filter(pk__in={k[0] for k in keys}).order_by("pk").values_list("pk"))
        fresh, retired = _changes(kind, keys, wanted)  # again, now that nobody else can
        _write(fresh, retired)
    return len(fresh) + len(retired)


def _changes(kind: str, keys: Collection[Key], wanted: Mapping[Key, Result]) -> tuple[list[Result], list[int]]:
    """Results to write, and rows that are current no longer."""
    known = _current(kind, keys)
    if not known:
        return list(wanted.values()), []
    fresh, retired = [], []
    for key in keys:
        old, new = known.get(key), wanted.get(key)
        if old and (new is None or old.outcome != new.outcome):
            retired.append(old.pk)
            old = None
        if new and old is None:
            fresh.append(new)
    return fresh, retired


class _Kept(NamedTuple):
    pk: int
    outcome: tuple[object, ...]


_OUTCOME = ("verdict", "value", "label", "primary", "limit_ref", "rule_set")


def _current(kind: str, keys: Collection[Key]) -> dict[Key, _Kept]:
    """What is kept of the intervals. Few points are asked each for its own span: a history comes station by station."""
    spans: dict[int, tuple[datetime, datetime]] = {}
    for point, _, start in keys:
        first, last = spans.get(point, (start, start))
        spans[point] = (min(first, start), max(last, start))
    if len(spans) > FEW:
        whole = (min(first for first, _ in spans.values()), max(last for _, last in spans.values()))
        spans = dict.fromkeys(spans, whole)
    together: dict[tuple[datetime, datetime], list[int]] = defaultdict(list)
    for point, span in spans.items():
        together[span].append(point)
    found = {}
    for (first, last), points in together.items():
        for i in range(0, len(points), CHUNK):
            rows = Evaluation.objects.filter(
                kind=kind, point__in=points[i : i + CHUNK], start__gte=first, start__lte=last, is_current=True
            )
            for point, item, start, pk, *outcome in rows.values_list("point_id", "item", "start", "pk", *_OUTCOME):
                found[point, item, start] = _Kept(pk, tuple(outcome))
    return found


def _write(fresh: Sequence[Result], retired: Sequence[int]) -> None:
    digest, now = rule_book().digest, clock.now()
    rows = [
        Evaluation(
            point_id=r.point,
            kind=r.kind,
            item=r.item,
            start=r.start,
            end=r.end,
            verdict=r.verdict,
            value=r.value,
            label=r.label,
            primary=r.primary,
            rule_set=r.rule_set,
            rule_digest=digest,
            limit_ref=r.limit_ref,
            watermark=r.watermark,
            detail=r.detail,
            computed_at=now,
        )
        for r in fresh
    ]
    for i in range(0, len(retired), CHUNK):
        Evaluation.objects.filter(pk__in=retired[i : i + CHUNK]).update(is_current=False)
    Evaluation.objects.bulk_create(rows, batch_size=CHUNK)
