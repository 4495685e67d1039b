from __future__ import annotations

from django.apps import AppConfig


class RegistersConfig(AppConfig):
    """台账."""

    name = "qingyuan.bureau.registers"
    label = "registers"
    verbose_name = "台账"
    default_auto_field = "django.db.models.BigAutoField"
