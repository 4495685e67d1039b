from __future__ import annotations

from django.urls import path

from qingyuan.web.pages.line import ask, devices, requests

app_name = "line"
urlpatterns = [
    path("books/devices/", devices.devices, name="devices"),
    path("books/devices/gateway/", devices.gateway, name="gateway"),
    path("books/devices/requests/", requests.requests, name="requests"),
    path("books/devices/<str:mn>/follow/", requests.follow, name="follow"),
    path("books/devices/<str:mn>/time/", ask.time, name="ask_time"),
    path("books/devices/<str:mn>/fetch/", ask.fetch, name="ask_fetch"),
    path("books/devices/requests/<int:pk>/withdraw/", ask.withdraw, name="request_withdraw"),
    path("books/devices/<str:mn>/", devices.device, name="device"),
    path("books/devices/<str:mn>/adopt/", devices.adopt_station, name="adopt"),
    path("books/devices/<str:mn>/in-use/", devices.in_use, name="in_use"),
    path("books/devices/<str:mn>/tail/", devices.tail, name="device_tail"),
    path("books/devices/<str:mn>/asked/", devices.asked, name="device_asked"),
]
