from __future__ import annotations

from django.urls import path

from qingyuan.bureau.imports import views, views_limits

app_name = "imports"
urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("imports/devices/", views.devices, name="devices"),
    path("imports/limits/", views_limits.limits, name="limits"),
    path("imports/mapping/<slug:token>/", views.map_columns, name="mapping"),
    path("imports/<int:pk>/", views.job, name="job"),
    path("imports/<int:pk>/progress/", views.progress, name="progress"),
    path("imports/<int:pk>/run/", views.run, name="run"),
    path("imports/<int:pk>/bad-rows/", views.bad_rows, name="bad_rows"),
]
