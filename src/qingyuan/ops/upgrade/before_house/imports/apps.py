from __future__ import annotations

from django.apps import AppConfig


class ImportsBefore(AppConfig):
    """Migrations only."""

    name = "qingyuan.ops.upgrade.before_house.imports"
    label = "imports"
    default_auto_field = "django.db.models.BigAutoField"
