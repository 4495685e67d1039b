from __future__ import annotations

from django.apps import AppConfig


class AccountsBefore(AppConfig):
    """Migrations only."""

    name = "qingyuan.ops.upgrade.before_house.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
