"""A list page: filters from the address, search, exact count, paging. The queryset comes from a policy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise

from qingyuan import clock
from qingyuan.bureau.base.choice_words import in_words

PAGE_SIZE = 50
Narrow = Callable[[QuerySet[Any], str], QuerySet[Any]]


@dataclass(frozen=True)
class Filter:
    """One filter: its name in the address, its label, its choices, and how it narrows (a lookup or a function)."""

    name: str
    label: str | Promise
    choices: Sequence[tuple[str, str | Promise]]
    narrow: str | Narrow
    value: str = ""

    def apply(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        """The rows that match."""
        if callable(self.narrow):
            return self.narrow(rows, value)
        return rows.filter(**{self.narrow: value})


@dataclass(frozen=True)
class Period:
    """A first and a last day of the address (`since`, `to`, both counted, in Beijing), for an instant of the rows."""

    label: str | Promise
    lookup: str
    since: str = ""
    to: str = ""


@dataclass(frozen=True)
class FilterChip:
    """An active filter and the address without it."""

    word: str
    remove: str


@dataclass
class Listing:
    """What the list templates show. `ignored` holds filter values that were not understood."""

    page: Page[Any]
    count: int
    filters: list[Filter]
    chips: list[FilterChip]
    query: str = ""
    searchable: bool = False
    search_hint: str | Promise = ""
    kept: list[tuple[str, str]] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    period: Period | None = None
    narrowed_to: QuerySet[Any] | None = None

    @property
    def rows(self) -> list[Any]:
        """The rows of this page."""
        return list(self.page.object_list)

    @property
    def narrowed(self) -> bool:
        """Whether a filter or a search is active, so that an empty list is explained rightly."""
        return bool(self.chips)


def build(
    request: HttpRequest,
    rows: QuerySet[Any],
    filters: Iterable[Filter] = (),
    *,
    search: Sequence[str] | Narrow = (),
    search_hint: str | Promise = "",
    keep: Sequence[str] = (),
    period: Period | None = None,
) -> Listing:
    """Narrow `rows` by the address of the request and cut one page out of it; `narrowed_to` holds them all.

    `search` are the lookups that the word `q` is looked for in, or what finds rows by it; `keep` are parameters of the page
    itself (a tab) that the filter form must carry on. An unknown filter value narrows nothing and is named in `ignored`.
    """
    shown: list[Filter] = []
    chips: list[FilterChip] = []
    ignored: list[str] = []
    for each in filters:
        value = request.GET.get(each.name, "")
        choices = [(str(v), in_words(w)) for v, w in each.choices]
        words = dict(choices)
        if value and value not in words:
            ignored.append(value)
            value = ""
        if value:
            rows = each.apply(rows, value)
            chips.append(FilterChip(f"{each.label}：{words[value]}", _without(request, each.name)))
        shown.append(Filter(each.name, each.label, choices, each.narrow, value))
    if period is not None:
        rows, period, told = _within(request, rows, period, ignored)
        chips += told
    query = request.GET.get("q", "").strip() if search else ""
    if query:
        if callable(search):
            rows = search(rows, query)
        else:
            rows = rows.filter(Q.create([(f"{lookup}__icontains", query) for lookup in search], connector=Q.OR))
        chips.append(FilterChip(f"“{query}”", _without(request, "q")))
    paginator = Paginator(rows, PAGE_SIZE)
    page = paginator.get_page(request.GET.get("page"))
    kept = [(name, request.GET[name]) for name in keep if name in request.GET]
    return Listing(page, paginator.count, shown, chips, query, bool(search), search_hint, kept, ignored, period, rows)


def _within(
    request: HttpRequest, rows: QuerySet[Any], period: Period, ignored: list[str]
) -> tuple[QuerySet[Any], Period, list[FilterChip]]:
    chips = []
    for name, lookup, sign, further in (("since", "gte", "≥", 0), ("to", "lt", "≤", 1)):
        text = request.GET.get(name, "").strip()
        if not text:
            continue
        try:
            day = date.fromisoformat(text)
        except ValueError:
            ignored.append(text)
            continue
        bound = datetime.combine(day + timedelta(days=further), time.min, clock.BEIJING)
        rows = rows.filter(**{f"{period.lookup}__{lookup}": bound})
        period = replace(period, **{name: text})
        chips.append(FilterChip(f"{period.label} {sign} {text}", _without(request, name)))
    return rows, period, chips


def _without(request: HttpRequest, name: str) -> str:
    left = request.GET.copy()
    left.pop(name, None)
    left.pop("page", None)
    return "?" + left.urlencode()
