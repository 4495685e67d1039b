from __future__ import annotations

from django.urls import path

from qingyuan.bureau.monitoring.views import issued, points

app_name = "monitoring"
urlpatterns = [
    path("monitoring/", points.points, name="points"),
    path("monitoring/<str:code>/", points.point, name="point"),
    path("monitoring/<str:code>/series.json", points.series, name="series"),
    path("monitoring/<str:code>/keep/", issued.keep, name="keep"),
    path("evaluation/issued/", issued.issued, name="issued"),
]
