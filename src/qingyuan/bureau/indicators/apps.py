from __future__ import annotations

from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    """指标."""

    name = "qingyuan.bureau.indicators"
    label = "indicators"
    verbose_name = "指标"
    default_auto_field = "django.db.models.BigAutoField"
