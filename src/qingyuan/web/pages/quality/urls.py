from __future__ import annotations

from django.urls import path

from qingyuan.web.pages.quality import views

app_name = "quality"
urlpatterns = [
    path("monitoring/quality/", views.flags, name="flags"),
    path("monitoring/<str:code>/operations/", views.operate, name="operate"),
    path("monitoring/<str:code>/operations/<int:number>/undo/", views.undo, name="undo"),
]
