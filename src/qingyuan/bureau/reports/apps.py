from __future__ import annotations

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """报告."""

    name = "qingyuan.bureau.reports"
    label = "reports"
    verbose_name = "报告"
    default_auto_field = "django.db.models.BigAutoField"
