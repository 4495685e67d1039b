from __future__ import annotations

from django.apps import AppConfig


class CalendarBefore(AppConfig):
    """Migrations only."""

    name = "qingyuan.ops.upgrade.before_house.calendar"
    label = "workdays"
    default_auto_field = "django.db.models.BigAutoField"
