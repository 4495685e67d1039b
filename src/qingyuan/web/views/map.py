from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from qingyuan import clock
from qingyuan.bureau.doors import needs, person
from qingyuan.web.features import map_data
from qingyuan.web.views.polling import unchanged


@needs("view")
def county_map(request: HttpRequest) -> HttpResponse:
    """The map, with the list of its points beside it."""
    user = person(request)
    return render(
        request, "web/map.html", {"data": map_data(user, clock.now()), "chosen": request.GET.get("point", "")}
    )


@needs("view", "raise_lead")
def features(request: HttpRequest) -> HttpResponse:
    """Areas, waters, points as GeoJSON."""
    return unchanged(request, JsonResponse(map_data(person(request), clock.now())))
