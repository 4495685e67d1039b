from __future__ import annotations

from django.urls import path

from qingyuan.web.pages.monitoring import arrivals, availability, issued, points

app_name = "monitoring"
urlpatterns = [
    path("monitoring/", points.points, name="points"),
    path("monitoring/freshness/", arrivals.freshness, name="freshness"),
    path("monitoring/availability/", availability.availability, name="availability"),
    path("monitoring/<str:code>/stops/", arrivals.stops, name="stops"),
    path("monitoring/<str:code>/stops/<int:pk>/end/", arrivals.end, name="stop_end"),
    path("monitoring/<str:code>/", points.point, name="point"),
    path("monitoring/<str:code>/series.json", points.series, name="series"),
    path("monitoring/<str:code>/keep/", issued.keep, name="keep"),
    path("evaluation/issued/", issued.issued, name="issued"),
]
