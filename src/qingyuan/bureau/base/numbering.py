from __future__ import annotations

from django.db.models import F

from qingyuan import clock
from qingyuan.bureau.base.models import NumberSequence


def next_number(prefix: str) -> str:
    """The next number of the year, such as AJ2026-0001. Call inside the acting transaction."""
    year = f"{prefix}{clock.beijing(clock.now()).year}"
    NumberSequence.objects.get_or_create(prefix=year)
    NumberSequence.objects.filter(prefix=year).update(last=F("last") + 1)
    return f"{year}-{NumberSequence.objects.get(prefix=year).last:04d}"
