from __future__ import annotations

from django.apps import AppConfig


class BaseConfig(AppConfig):
    """底座."""

    name = "qingyuan.bureau.base"
    label = "base"
    verbose_name = "底座"
    default_auto_field = "django.db.models.BigAutoField"
