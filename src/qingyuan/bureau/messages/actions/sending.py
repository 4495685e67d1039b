"""Posting, sending and reading messages."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db.models import F, Q

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.messages.channels import channels
from qingyuan.bureau.messages.models import INBOX, Delivery

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 8


def post(
    change: str, people: Iterable[User], title: str, body: str = "", link: str = "", by: Sequence[str] = (INBOX,)
) -> None:
    """Tell people of a change, in the transaction of the change: each once by each channel, however often it is called.

    Raises Invalid for a channel that there is not.
    """
    if unknown := set(by) - set(channels()):
        raise Invalid(f"没有消息途径“{min(unknown)}”；有：{'、'.join(channels())}", "channel")
    now = clock.now()
    rows = [
        Delivery(
            change=change,
            person=person,
            channel=code,
            title=title[:120],
            body=body[:500],
            link=link[:300],
            made_at=now,
            sent_at=now if channels()[code].send is None else None,
        )
        for person in people
        for code in by
    ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def send_next() -> bool:
    """Send the oldest delivery that waits; whether there was one. Only who holds the lease sends.

    A sender that dies leaves its lease to run out: then it is sent again, for a lost message is worse than a double one.
    """
    now = clock.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    waiting = Delivery.objects.filter(free, sent_at=None, attempts__lt=MOST_ATTEMPTS).order_by("made_at", "pk").first()
    if waiting is None:
        return False
    mine = Delivery.objects.filter(free, pk=waiting.pk, sent_at=None).update(
        lease_until=now + LEASE * 2**waiting.attempts, attempts=F("attempts") + 1
    )
    if mine == 1:
        _send(waiting)
    return True


def _send(waiting: Delivery) -> None:
    send = channels()[waiting.channel].send if waiting.channel in channels() else None
    try:
        if send is None:
            raise Invalid(f"没有消息途径“{waiting.channel}”")
        send(waiting)
    except Exception as error:
        log.warning("message %s by %s was not sent: %s", waiting.pk, waiting.channel, error)
        Delivery.objects.filter(pk=waiting.pk).update(failed=f"{type(error).__name__}: {error}"[:300])
        return
    Delivery.objects.filter(pk=waiting.pk).update(sent_at=clock.now(), failed="", lease_until=None)


def send_waiting(most: int = 100) -> int:
    """Send what waits, up to so many; how many were tried."""
    tried = 0
    while tried < most and send_next():
        tried += 1
    return tried


def mark_read(person: User, number: int | None = None) -> int:
    """One message of the person's inbox is read, or all; how many were not before."""
    rows = Delivery.objects.filter(person=person, channel=INBOX, read_at=None)
    return (rows if number is None else rows.filter(pk=number)).update(read_at=clock.now())
