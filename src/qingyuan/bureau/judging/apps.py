from __future__ import annotations

from django.apps import AppConfig


class JudgingConfig(AppConfig):
    """评判."""

    name = "qingyuan.bureau.judging"
    label = "judging"
    verbose_name = "评判"
    default_auto_field = "django.db.models.BigAutoField"
