from __future__ import annotations

from django.urls import path

from qingyuan.bureau.sources import views, views_emissions, views_limits, views_recomputed

app_name = "sources"
urlpatterns = [
    path("books/", views.enterprises, name="enterprises"),
    path("books/enterprises/<str:code>/", views.enterprise, name="enterprise"),
    path("monitoring/<str:code>/tags/", views.make_tag, name="tag"),
    path("tags/<int:pk>/withdraw/", views.take_back, name="tag_withdraw"),
    path("books/devices/", views.devices, name="devices"),
    path("books/transmission/", views.transmission, name="transmission"),
    path("books/limits/", views_limits.all_limits, name="all_limits"),
    path("books/limits/imports/<int:pk>/undo/", views_limits.undo, name="limits_undo"),
    path("monitoring/<str:code>/limits/", views_limits.outlet_limits, name="limits"),
    path("monitoring/<str:code>/recomputed/", views_recomputed.recomputed, name="recomputed"),
    path("books/emissions/", views_emissions.all_emissions, name="emissions"),
    path("books/emissions/export.csv", views_emissions.export, {"form": "csv"}, name="emissions_csv"),
    path("books/emissions/export.xlsx", views_emissions.export, {"form": "xlsx"}, name="emissions_xlsx"),
    path("monitoring/<str:code>/emissions/", views_emissions.outlet_emissions, name="outlet_emissions"),
    path("monitoring/<str:code>/emissions/hours/", views_emissions.emission_hours, name="emission_hours"),
    path("books/devices/<str:mn>/", views.device, name="device"),
    path("books/devices/<str:mn>/tail/", views.device_tail, name="device_tail"),
]
