from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from qingyuan import clock
from qingyuan.bureau.indicators.queries.county_air import county_days, roster_entries, years_told
from qingyuan.bureau.indicators.queries.county_year import year_to_date
from qingyuan.bureau.indicators.queries.indicator import Asked, indicators
from qingyuan.bureau.indicators.queries.under import STANDARDS, standard_of
from qingyuan.bureau.judging.models import Evaluation
from qingyuan.bureau.judging.queries.evaluations import visible_evaluations
from qingyuan.bureau.overview.queries.today import sections_of
from qingyuan.web import listing
from qingyuan.web.doors import needs, person

FIRST_YEAR = 2000
KINDS = [
    ("air_day", gettext_lazy("空气日评价")),
    ("air_hour", gettext_lazy("空气小时评价")),
    ("water", gettext_lazy("水质评价")),
    ("outlet_hour", gettext_lazy("排放口小时")),
    ("outlet_day", gettext_lazy("排放口日")),
]


@needs("view")
def county_air(request: HttpRequest) -> HttpResponse:
    """The county's days of a year: the rows behind the figures of the first page. Opens where the newest data are."""
    today = clock.beijing(clock.now()).date()
    chosen = request.GET.get("standard", "")
    standard = chosen if chosen in STANDARDS else "auto"
    years = years_told()
    year = _year(request, years, today.year)
    until = min(today, date(year + 1, 1, 1))
    days = county_days(date(year, 1, 1) - timedelta(days=1), until, standard_of(standard))
    own = [d for d in reversed(days) if d.day.year == year]
    shown = request.GET.get("show", "")
    if shown == "bad":
        own = [d for d in own if d.is_good is False]
    elif shown == "unknown":
        own = [d for d in own if d.is_good is None]
    context = {"days": own, "year": year_to_date(days, until), "show": shown, "tab": "air"}
    context |= {"years": years, "has_roster": bool(roster_entries())}
    context["has_issued"] = any(day.issued for day in own)
    context |= {"standard": standard, "standards": [s for s in STANDARDS if s != "auto"]}
    return render(request, "web/county_air.html", context)


def _year(request: HttpRequest, years: list[int], this_year: int) -> int:
    """The year asked for; else this year, or the last one with days where this has none yet."""
    asked = request.GET.get("year", "")
    if asked.isdecimal() and FIRST_YEAR <= int(asked) <= this_year:
        return int(asked)
    return this_year if not years or this_year in years else years[0]


@needs("view")
def sections(request: HttpRequest) -> HttpResponse:
    """Assessed sections against their target: the rows behind the figure of the first page."""
    today = clock.beijing(clock.now()).date()
    return render(request, "web/sections.html", {"sections": sections_of(person(request), today), "tab": "sections"})


@needs("view")
def indicator_list(request: HttpRequest) -> HttpResponse:
    """Every declared figure of the county: ours, the issued one, the target; with `code` the rows behind that one."""
    asked = Asked(clock.beijing(clock.now()).date())
    one = indicators().get(request.GET.get("code", ""))
    if one is not None and one.figure is not None:
        rows = one.rows(asked) if one.rows else []
        context = {"one": one, "figure": one.figure(asked), "rows": rows[::-1], "tab": "indicators"}
        return render(request, "web/indicator.html", context)
    told = [(one, one.figure(asked) if one.figure else None) for one in indicators().values()]
    return render(request, "web/indicators.html", {"told": told, "on": asked.last, "tab": "indicators"})


@needs("view")
def results(request: HttpRequest) -> HttpResponse:
    """Every judged interval that is kept."""
    filters = [
        listing.Filter("kind", gettext_lazy("类别"), KINDS, "kind"),
        listing.Filter("verdict", gettext_lazy("结论"), Evaluation.Verdict.choices, "verdict"),
    ]
    found = listing.build(
        request,
        visible_evaluations(person(request)),
        filters,
        search=("point__name", "point__code"),
        search_hint=gettext_lazy("点位"),
    )
    return render(request, "web/results.html", {"listing": found, "tab": "results"})
