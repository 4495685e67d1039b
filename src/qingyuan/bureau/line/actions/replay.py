from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import transaction

from qingyuan import config
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.line.actions.resolver import BureauResolver
from qingyuan.bureau.line.models import Channel, Device
from qingyuan.intake.journal import Journal
from qingyuan.intake.replay import Replay, Replayed, Scope


def replay_frames(
    scope: Scope,
    by: str,
    reason: str,
    now_us: int,
    *,
    dry_run: bool = False,
    progress: Callable[[Replayed], None] | None = None,
) -> Replayed:
    """Frames of the journal read again by the present register; see `intake.replay`. Only for the command line."""
    journal = Journal(config.data_dir() / "journal")
    try:
        done = Replay(journal, readings(), BureauResolver(), _points_of).run(
            scope, by, reason, now_us, dry_run=dry_run, progress=progress
        )
    finally:
        journal.close()
    if done.changed and not dry_run:
        with transaction.atomic():
            words = f"重读 {done.frames} 包，{done.changed} 包有变化（{by}）：{reason}"
            record(None, "readings.replay", "readings:", words, {"stations": sorted(scope.stations)})
    return done


def _points_of(mn: str) -> Sequence[str]:
    """The points that the values of a station go to or went to."""
    points = set(Device.objects.filter(mn=mn, point__isnull=False).values_list("point__code", flat=True))
    points |= set(Channel.objects.filter(device__mn=mn, point__isnull=False).values_list("point__code", flat=True))
    return sorted(points)
