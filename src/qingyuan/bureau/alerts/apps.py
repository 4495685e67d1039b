from __future__ import annotations

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """预警."""

    name = "qingyuan.bureau.alerts"
    label = "alerts"
    verbose_name = "预警"
    default_auto_field = "django.db.models.BigAutoField"
