from __future__ import annotations

from django.apps import AppConfig


class SealedConfig(AppConfig):
    """封存的字段."""

    name = "qingyuan.bureau.sealed"
    label = "sealed"
    verbose_name = "封存的字段"
    default_auto_field = "django.db.models.BigAutoField"
