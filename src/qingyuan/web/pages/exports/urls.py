from __future__ import annotations

from django.urls import path

from qingyuan.web.pages.exports import views

app_name = "exports"
urlpatterns = [
    path("monitoring/exports/", views.exports, name="exports"),
    path("exports/<int:pk>/", views.export, name="export"),
    path("exports/<int:pk>/progress/", views.progress, name="progress"),
    path("exports/<int:pk>/file/", views.download, name="download"),
]
