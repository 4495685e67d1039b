from __future__ import annotations

from django.urls import path

from qingyuan.web.pages.alerts import findings as finding_views
from qingyuan.web.pages.alerts import views

app_name = "alerts"
urlpatterns = [
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/<int:pk>/", views.alert, name="alert"),
    path("alerts/<int:pk>/lead/", views.alert_lead, name="alert_lead"),
    path("findings/", finding_views.findings, name="findings"),
    path("findings/<int:pk>/", finding_views.finding, name="finding"),
    path("findings/<int:pk>/lead/", finding_views.finding_lead, name="finding_lead"),
]
