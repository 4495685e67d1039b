"""What a person has been told."""

from __future__ import annotations

from django.db.models import QuerySet

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.messages.models import INBOX, Delivery


def inbox(person: User) -> QuerySet[Delivery]:
    """The person's own messages, newest first."""
    return Delivery.objects.filter(person=person, channel=INBOX)


def unread(person: User) -> int:
    """How many of them are not read."""
    return inbox(person).filter(read_at=None).count()
