from __future__ import annotations

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """数据导入."""

    name = "qingyuan.bureau.imports"
    label = "imports"
    verbose_name = "数据导入"
    default_auto_field = "django.db.models.BigAutoField"
