"""Ended sessions, old request keys, failed sign-ins and held files go; what is in use stays."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.base.models import IdempotencyKey
from qingyuan.ops.purge import purge

DAY = timedelta(days=1)


@pytest.mark.django_db
def test_what_is_past_its_time_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys, sessions and files that waited on the import screen were kept for ever."""
    monkeypatch.setenv("QINGYUAN_DATA_DIR", str(tmp_path))
    now = clock.SystemClock().now()
    user = User.objects.create_user("u", "pw", display_name="u", created_at=now)
    for days, key in ((1, "new"), (40, "old")):
        IdempotencyKey.objects.create(key=key, user=user, route="r", request_digest="", response={}, status=200,
                                      at=clock.now() - days * DAY)  # fmt: skip
        Session.objects.create(session_key=key, session_data="", expire_date=now + (1 if key == "new" else -1) * DAY)
        attempt = AccessAttempt.objects.create(username=key, ip_address="127.0.0.1", failures_since_start=1)
        AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=now - (days - 1) * DAY)
        held = tmp_path / "imports" / "held" / key
        held.mkdir(parents=True)
        (held / "f.csv").write_text("x")
        lock = tmp_path / "run" / f"asking-{key}"
        lock.parent.mkdir(exist_ok=True)
        lock.write_text("")
        if key == "old":
            past = (now - 10 * DAY).timestamp()
            os.utime(held, (past, past))
            os.utime(lock, (past, past))
    assert purge() == {"keys": 1, "sessions": 1, "attempts": 1, "held": 1, "locks": 1}
    assert [k.key for k in IdempotencyKey.objects.all()] == ["new"]
    assert [s.session_key for s in Session.objects.all()] == ["new"]
    assert [a.username for a in AccessAttempt.objects.all()] == ["new"]
    assert (tmp_path / "imports" / "held" / "new" / "f.csv").is_file()
    assert set(purge().values()) == {0}
