"""Keeping results: a new revision only when the outcome changed, never an overwrite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from qingyuan import clock
from qingyuan.bureau.evaluation.models import Evaluation
from qingyuan.rules import rule_book


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
    def outcome(self) -> tuple[object, ...]:
        """What makes a result differ from another of the same interval."""
        return (self.verdict, self.value, self.label, self.primary, self.limit_ref)


def keep(
    kind: str, points: Sequence[int], start: datetime, end: datetime, results: Sequence[Result], item: str = ""
) -> int:
    """Make `results` the current ones of these points (and item) in [start, end); returns how many changed.

    A current row of the scope without a result any more is no longer current.
    """
    scope = Evaluation.objects.filter(
        kind=kind, point__in=points, item=item, start__gte=start, start__lt=end, is_current=True
    )
    known = {(e.point_id, e.item, e.start, e.rule_set): e for e in scope}
    fresh = []
    for r in results:
        old = known.pop((r.point, r.item, r.start, r.rule_set), None)
        if old and (old.verdict, old.value, old.label, old.primary, old.limit_ref) == r.outcome:
            continue
        fresh.append((old.pk if old else None, r))
    retired = [old for old, _ in fresh if old] + [e.pk for e in known.values()]
    if not fresh and not retired:
        return 0
    digest, now = rule_book().digest, clock.now()
    rows = [
        Evaluation(
            point_id=r.point, kind=r.kind, item=r.item, start=r.start, end=r.end, verdict=r.verdict, value=r.value,
            label=r.label, primary=r.primary, rule_set=r.rule_set, rule_digest=digest, limit_ref=r.limit_ref,
            watermark=r.watermark, detail=r.detail, computed_at=now,
        )
        for _, r in fresh
    ]  # fmt: skip
    with transaction.atomic():
        for i in range(0, len(retired), 500):
            Evaluation.objects.filter(pk__in=retired[i : i + 500]).update(is_current=False)
        Evaluation.objects.bulk_create(rows, batch_size=500)
    return len(fresh) + len(retired)
