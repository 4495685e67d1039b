from __future__ import annotations

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """监测数据."""

    name = "qingyuan.bureau.monitoring"
    label = "monitoring"
    verbose_name = "监测数据"
    default_auto_field = "django.db.models.BigAutoField"
