from __future__ import annotations

from django.apps import AppConfig


class CasesBefore(AppConfig):
    """Migrations only."""

    name = "qingyuan.ops.upgrade.before_house.cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"
