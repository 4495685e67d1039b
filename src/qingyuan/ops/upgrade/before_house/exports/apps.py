from __future__ import annotations

from django.apps import AppConfig


class ExportsBefore(AppConfig):
    """Migrations only."""

    name = "qingyuan.ops.upgrade.before_house.exports"
    label = "exports"
    default_auto_field = "django.db.models.BigAutoField"
