from __future__ import annotations

from django.apps import AppConfig


class AlertsBefore(AppConfig):
    """Migrations only."""

    name = "qingyuan.ops.upgrade.before_house.alerts"
    label = "alerts"
    default_auto_field = "django.db.models.BigAutoField"
