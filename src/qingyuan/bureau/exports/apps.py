from __future__ import annotations

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    """数据导出."""

    name = "qingyuan.bureau.exports"
    label = "exports"
    verbose_name = "数据导出"
    default_auto_field = "django.db.models.BigAutoField"
