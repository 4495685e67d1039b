"""Failed sign-ins by address: many accounts tried from one are slowed and shown; right passwords never are.

A whole bureau may sit behind one address, so that nothing is refused for the address alone.
"""

from __future__ import annotations

import fcntl
import os
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessAttempt
from django.db.models import Count, Max, QuerySet, Sum

from qingyuan import clock, process
from qingyuan.bureau.audit.actions.record import record

SPAN = timedelta(minutes=15)
MANY_ACCOUNTS = 5  # accounts that failed from one address within the span before its failures are slowed
DELAY_S = 1.0


@dataclass(frozen=True)
class Address:
    """An address from which sign-ins failed lately: how many accounts, how often, when last."""

    address: str
    accounts: int
    failures: int
    last: datetime

    @property
    def is_suspect(self) -> bool:
        """Whether it tried so many accounts that its failures are slowed."""
        return self.accounts >= MANY_ACCOUNTS


def _recent() -> QuerySet[Any]:
    rows: QuerySet[Any] = AccessAttempt.objects.filter(attempt_time__gte=clock.SystemClock().now() - SPAN)
    return rows


def failing_addresses() -> list[Address]:
    """The addresses with failures of the last quarter of an hour, those with most accounts first."""
    rows = _recent().exclude(ip_address=None).values_list("ip_address").order_by()
    told = rows.annotate(
        n=Count("username", distinct=True), failures=Sum("failures_since_start"), last=Max("attempt_time")
    )
    found = [Address(str(address), n, failures, last) for address, n, failures, last in told]
    return sorted(found, key=lambda a: (-a.accounts, -a.failures))


def slow_down(address: str) -> bool:
    """After a failed sign-in from the address: wait a little where it tried many accounts; returns whether it did.

    The first time an address becomes suspect is written to the audit trail.
    """
    accounts = _recent().filter(ip_address=address).values("username").distinct().count()
    if accounts < MANY_ACCOUNTS:
        return False
    if accounts == MANY_ACCOUNTS:
        _note(address)
    _wait()
    return True


def _wait() -> None:
    """Of the few processes that answer pages on this host at most one is kept waiting: a lock on a file holds over them."""
    handle = os.open(process.run_dir() / "failures.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        time.sleep(DELAY_S)
    except BlockingIOError:
        return
    finally:
        os.close(handle)


def _note(address: str) -> None:
    from django.db import transaction

    from qingyuan.bureau.audit.models import AuditEntry

    since = clock.now() - SPAN
    with transaction.atomic():
        if not AuditEntry.objects.filter(verb="sign_in.many_failures", object_id=address, at__gte=since).exists():
            record(
                None,
                "sign_in.many_failures",
                f"address:{address}",
                f"同一地址 {address} 上 {MANY_ACCOUNTS} 个账号登录失败",
            )
