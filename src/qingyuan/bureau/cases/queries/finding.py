"""Leads and cases found by a word: only by what is shown of them, or a search would tell what the page keeps back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Q, QuerySet

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.cases.models import Case, Lead
from qingyuan.bureau.cases.queries.shown_to import shown_case, shown_lead

LEAD_WORDS = ("number", "title", "place", "point__name")
CASE_WORDS = ("number", "title", "upper_order_number", "owner__name", "point__name")


def found_leads(user: User, rows: QuerySet[Lead], word: str) -> QuerySet[Lead]:
    """Those of the rows whose number, title, place or point, as this user is shown them, hold the word."""

    def shown(lead: Lead) -> Iterable[object]:
        told = shown_lead(user, lead)
        return told.number, told.title, told.place, told.point

    return _found(rows, LEAD_WORDS, shown, word)


def found_cases(user: User, rows: QuerySet[Case], word: str) -> QuerySet[Case]:
    """Those of the rows whose number, title, order, owner or point, as this user is shown them, hold the word."""

    def shown(case: Case) -> Iterable[object]:
        told = shown_case(user, case)
        return told.number, told.title, told.upper_order_number, told.owner, told.point

    return _found(rows, CASE_WORDS, shown, word)


def _found(
    rows: QuerySet[Any], lookups: Iterable[str], shown: Callable[[Any], Iterable[object]], word: str
) -> QuerySet[Any]:
    near = rows.filter(Q.create([(f"{lookup}__icontains", word) for lookup in lookups], connector=Q.OR))
    sought = word.casefold()
    kept_back = [row.pk for row in near if not any(sought in str(text).casefold() for text in shown(row) if text)]
    return near.exclude(pk__in=kept_back)
