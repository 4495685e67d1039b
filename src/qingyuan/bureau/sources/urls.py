from __future__ import annotations

from django.urls import path

from qingyuan.bureau.sources import (
    outlet_views,
    request_views,
    tag_views,
    views,
    views_emissions,
    views_limits,
    views_recomputed,
)

app_name = "sources"
urlpatterns = [
    path("books/", views.enterprises, name="enterprises"),
    path("books/enterprises/<str:code>/", views.enterprise, name="enterprise"),
    path("monitoring/<str:code>/tags/", tag_views.make_tag, name="tag"),
    path("outlets/<str:code>/", outlet_views.outlet, name="outlet"),
    path("outlets/<str:code>/hours.json", outlet_views.hours, name="outlet_hours"),
    path("outlets/<str:code>/hour/", outlet_views.hour, name="outlet_hour"),
    path("outlets/<str:code>/meters/", outlet_views.meters, name="outlet_meters"),
    path("tags/", tag_views.tags, name="tags"),
    path("tags/<int:pk>/", tag_views.record, name="tag_record"),
    path("tags/<int:pk>/check/", tag_views.check, name="tag_check"),
    path("tags/<int:pk>/supply/", tag_views.supply_more, name="tag_supply"),
    path("tags/<int:pk>/withdraw/", tag_views.take_back, name="tag_withdraw"),
    path("tags/exhibits/<int:pk>/", tag_views.exhibit, name="tag_exhibit"),
    path("books/devices/", views.devices, name="devices"),
    path("books/transmission/", views.transmission, name="transmission"),
    path("books/devices/requests/", request_views.requests, name="requests"),
    path("books/devices/<str:mn>/follow/", request_views.follow, name="follow"),
    path("books/limits/", views_limits.all_limits, name="all_limits"),
    path("books/limits/imports/<int:pk>/undo/", views_limits.undo, name="limits_undo"),
    path("monitoring/<str:code>/limits/", views_limits.outlet_limits, name="limits"),
    path("monitoring/<str:code>/recomputed/count/", views_recomputed.recomputed_count, name="recomputed_count"),
    path("monitoring/<str:code>/recomputed/", views_recomputed.recomputed, name="recomputed"),
    path("books/emissions/", views_emissions.all_emissions, name="emissions"),
    path("books/emissions/export.csv", views_emissions.export, {"form": "csv"}, name="emissions_csv"),
    path("books/emissions/export.xlsx", views_emissions.export, {"form": "xlsx"}, name="emissions_xlsx"),
    path("monitoring/<str:code>/emissions/", views_emissions.outlet_emissions, name="outlet_emissions"),
    path("monitoring/<str:code>/emissions/hours/", views_emissions.emission_hours, name="emission_hours"),
    path("books/devices/<str:mn>/", views.device, name="device"),
    path("books/devices/<str:mn>/tail/", views.device_tail, name="device_tail"),
]
