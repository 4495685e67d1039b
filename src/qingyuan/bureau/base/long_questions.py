"""Free questions over long spans: one at a time for each session, so that no single reader keeps the others waiting.

Held by a lock on a file of the data folder: it holds over processes, and ends with the one that asked.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.http import HttpRequest

from qingyuan import process
from qingyuan.bureau.base.errors import BureauError

At = TypeVar("At", date, datetime)
FREE = timedelta(days=31)  # ours: a month and less is answered beside others


class Busy(BureauError):
    """A long question of the same session is still being answered. It can be asked again."""

    code = "busy"


def _asker(request: HttpRequest) -> str:
    """The session or the token that asks."""
    told = request.headers.get("Authorization") or getattr(request.session, "session_key", "") or ""
    return hashlib.sha256(f"{request.user.pk} {told}".encode()).hexdigest()[:32]


@contextmanager
def one_at_a_time(request: HttpRequest, since: At, until: At) -> Iterator[None]:
    """Answer a question over [since, until] in here. Raises Busy where a long one of this session is under way."""
    if until - since <= FREE:
        yield
        return
    handle = os.open(process.run_dir() / f"asking-{_asker(request)}", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Busy(f"您的上一个长时段查询还没有答完；请稍等片刻再试，或把时段缩短到 {FREE.days} 天以内") from error
        yield
    finally:
        os.close(handle)
