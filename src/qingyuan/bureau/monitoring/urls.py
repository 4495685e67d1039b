from __future__ import annotations

from django.urls import path

from qingyuan.bureau.monitoring import views

app_name = "monitoring"
urlpatterns = [
    path("monitoring/", views.points, name="points"),
    path("monitoring/<str:code>/", views.point, name="point"),
    path("monitoring/<str:code>/series.json", views.series, name="series"),
]
