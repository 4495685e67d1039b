from __future__ import annotations

from django.apps import AppConfig


class LineConfig(AppConfig):
    """联网设备."""

    name = "qingyuan.bureau.line"
    label = "line"
    verbose_name = "联网设备"
    default_auto_field = "django.db.models.BigAutoField"
