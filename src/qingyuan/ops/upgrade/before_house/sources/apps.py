from __future__ import annotations

from django.apps import AppConfig


class SourcesBefore(AppConfig):
    """Migrations only."""

    name = "qingyuan.ops.upgrade.before_house.sources"
    label = "sources"
    default_auto_field = "django.db.models.BigAutoField"
