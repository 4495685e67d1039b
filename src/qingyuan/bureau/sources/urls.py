from __future__ import annotations

from django.urls import path

from qingyuan.bureau.sources import views

app_name = "sources"
urlpatterns = [
    path("books/", views.enterprises, name="enterprises"),
    path("books/enterprises/<str:code>/", views.enterprise, name="enterprise"),
    path("books/devices/", views.devices, name="devices"),
]
