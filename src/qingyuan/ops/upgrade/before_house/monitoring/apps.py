from __future__ import annotations

from django.apps import AppConfig


class MonitoringBefore(AppConfig):
    """Migrations only."""

    name = "qingyuan.ops.upgrade.before_house.monitoring"
    label = "monitoring"
    default_auto_field = "django.db.models.BigAutoField"
