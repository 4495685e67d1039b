from __future__ import annotations

from django.apps import AppConfig


class AuditBefore(AppConfig):
    """Migrations only."""

    name = "qingyuan.ops.upgrade.before_house.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
