from __future__ import annotations

from django.urls import path

from qingyuan.web.pages.messages import views

app_name = "outbox"
urlpatterns = [
    path("messages/", views.inbox, name="inbox"),
    path("messages/read/", views.read, name="read"),
    path("frame/bell/", views.bell, name="bell"),
]
