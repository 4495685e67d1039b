from __future__ import annotations

from django.apps import AppConfig


class ValuesConfig(AppConfig):
    """数值、限值与标记."""

    name = "qingyuan.bureau.values"
    label = "values"
    verbose_name = "数值、限值与标记"
    default_auto_field = "django.db.models.BigAutoField"
