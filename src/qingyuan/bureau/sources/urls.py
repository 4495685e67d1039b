from __future__ import annotations

from django.urls import path

from qingyuan.bureau.sources import request_views, views

app_name = "sources"
urlpatterns = [
    path("books/", views.enterprises, name="enterprises"),
    path("books/enterprises/<str:code>/", views.enterprise, name="enterprise"),
    path("monitoring/<str:code>/tags/", views.make_tag, name="tag"),
    path("tags/<int:pk>/withdraw/", views.take_back, name="tag_withdraw"),
    path("books/devices/", views.devices, name="devices"),
    path("books/transmission/", views.transmission, name="transmission"),
    path("books/devices/requests/", request_views.requests, name="requests"),
    path("books/devices/<str:mn>/follow/", request_views.follow, name="follow"),
    path("books/devices/<str:mn>/", views.device, name="device"),
    path("books/devices/<str:mn>/tail/", views.device_tail, name="device_tail"),
]
