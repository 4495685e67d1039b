"""What nobody needs any more is forgotten: ended sessions, answered request keys, failed sign-ins of days ago, held files.

Each age is ours; nothing that a case, a figure or the audit trail stands on is touched.
"""

from __future__ import annotations

import shutil
from datetime import timedelta

from axes.models import AccessAttempt
from django.contrib.sessions.models import Session

from qingyuan import clock, config, process
from qingyuan.bureau.base.models import IdempotencyKey

KEYS_KEPT = timedelta(days=30)  # a client that repeats a request does so within minutes
ATTEMPTS_KEPT = timedelta(days=1)
HELD_KEPT = timedelta(days=2)  # an upload that was looked at and never imported
LOCKS_KEPT = timedelta(hours=1)


def purge() -> dict[str, int]:
    """Forget what is past its time; returns how much of each kind."""
    now = clock.SystemClock().now()
    keys = IdempotencyKey.objects.filter(at__lt=clock.now() - KEYS_KEPT).delete()[0]
    sessions = Session.objects.filter(expire_date__lt=now).delete()[0]
    attempts = AccessAttempt.objects.filter(attempt_time__lt=now - ATTEMPTS_KEPT).delete()[0]
    return {"keys": keys, "sessions": sessions, "attempts": attempts, "held": _held(), "locks": _locks()}


def _old(path_seconds: float, kept: timedelta) -> bool:
    return path_seconds < clock.SystemClock().now().timestamp() - kept.total_seconds()


def _held() -> int:
    """Files that wait on the import screen, each in a folder of its own."""
    folder = config.data_dir() / "imports" / "held"
    old = [path for path in folder.glob("*") if _old(path.stat().st_mtime, HELD_KEPT)] if folder.is_dir() else []
    for path in old:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(old)


def _locks() -> int:
    old = [path for path in process.run_dir().glob("asking-*") if _old(path.stat().st_mtime, LOCKS_KEPT)]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
