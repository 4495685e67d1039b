from __future__ import annotations

from django.apps import AppConfig


class QualityConfig(AppConfig):
    """数据质量."""

    name = "qingyuan.bureau.quality"
    label = "quality"
    verbose_name = "数据质量"
    default_auto_field = "django.db.models.BigAutoField"
