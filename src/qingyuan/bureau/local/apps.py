from __future__ import annotations

from django.apps import AppConfig


class LocalConfig(AppConfig):
    """本地台账和本地列."""

    name = "qingyuan.bureau.local"
    label = "local"
    verbose_name = "本地台账"
    default_auto_field = "django.db.models.BigAutoField"
