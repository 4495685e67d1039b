from __future__ import annotations

from django.apps import AppConfig


class SourcesConfig(AppConfig):
    """污染源."""

    name = "qingyuan.bureau.sources"
    label = "sources"
    verbose_name = "污染源"
    default_auto_field = "django.db.models.BigAutoField"
