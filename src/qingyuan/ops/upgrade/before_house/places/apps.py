from __future__ import annotations

from django.apps import AppConfig


class PlacesBefore(AppConfig):
    """Migrations only."""

    name = "qingyuan.ops.upgrade.before_house.places"
    label = "places"
    default_auto_field = "django.db.models.BigAutoField"
