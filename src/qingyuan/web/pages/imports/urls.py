from __future__ import annotations

from django.urls import path

from qingyuan.web.pages.imports import files, limits, people, places

app_name = "imports"
urlpatterns = [
    path("imports/", files.imports, name="imports"),
    path("imports/devices/", files.devices, name="devices"),
    path("imports/points/", places.points, name="points"),
    path("imports/enterprises/", places.enterprises, name="enterprises"),
    path("imports/boundary/", places.boundary, name="boundary"),
    path("imports/people/", people.people, name="people"),
    path("imports/limits/", limits.limits, name="limits"),
    path("imports/mapping/<slug:token>/", files.map_columns, name="mapping"),
    path("imports/<int:pk>/", files.job, name="job"),
    path("imports/<int:pk>/progress/", files.progress, name="progress"),
    path("imports/<int:pk>/run/", files.run, name="run"),
    path("imports/<int:pk>/undo/", files.undo, name="undo"),
    path("imports/<int:pk>/bad-rows/", files.bad_rows, name="bad_rows"),
]
