from __future__ import annotations

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    """区域与机构."""

    name = "qingyuan.bureau.places"
    label = "places"
    verbose_name = "区域与机构"
    default_auto_field = "django.db.models.BigAutoField"
