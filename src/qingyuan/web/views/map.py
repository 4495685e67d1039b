from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render

from qingyuan import clock
from qingyuan.bureau.alerts.policies import listed_alerts
from qingyuan.bureau.book.declaration import Book
from qingyuan.bureau.book.registry import books, word
from qingyuan.bureau.cases.queries.pages import case_rows
from qingyuan.bureau.cases.queries.shown_to import shown_cases
from qingyuan.bureau.overview.queries.point_rows import list_rows, points_of
from qingyuan.bureau.overview.queries.watermark import watermark
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.bureau.values.queries.limits import limits_of
from qingyuan.web.doors import needs, person
from qingyuan.web.features import map_data
from qingyuan.web.views.polling import polled

MOST = 3


@needs("view")
def county_map(request: HttpRequest) -> HttpResponse:
    """The map, with the list of its points beside it."""
    user = person(request)
    context = {
        "data": map_data(user, clock.now()),
        "chosen": request.GET.get("point", ""),
        "books": [(book.code, word(book, book.name)) for book in books() if book.layer and not _has_points(book)],
    }
    return render(request, "web/map.html", context)


def _has_points(book: Book) -> bool:
    """Whether the rows of the book are drawn as monitoring points already."""
    return any(field.name == "point" for field in book.model._meta.concrete_fields)


@needs("view")
def card(request: HttpRequest, code: str) -> HttpResponse:
    """What the map tells of one point when it is chosen: newest values with their limits, alerts, open cases."""
    user = person(request)
    point = get_object_or_404(visible_points(user), code=code)
    (row,) = list_rows(list(points_of(user, point.kind).filter(pk=point.pk)), clock.now())
    day = clock.beijing(clock.now()).date()
    limits = limits_of([point.outlet.pk], day) if hasattr(point, "outlet") else {}
    bounds = {item: next(iter(rows.values())) for (_, item), rows in limits.items()}
    context = {
        "row": row,
        "cells": [(cell, bounds.get(cell.item)) for cell in row.cells],
        "alerts": listed_alerts(user).filter(point=point, ended_at__isnull=True)[:MOST],
        "cases": shown_cases(user, case_rows(user).filter(point=point, closed_at__isnull=True)[:MOST]),
    }
    return render(request, "web/parts/map_card.html", context)


@needs("view", "raise_lead")
def features(request: HttpRequest) -> HttpResponse:
    """Areas, waters, points as GeoJSON."""
    now = clock.now()
    return polled(request, watermark(now), lambda: JsonResponse(map_data(person(request), now)))
