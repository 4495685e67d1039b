from __future__ import annotations

from django.apps import AppConfig


class BookConfig(AppConfig):
    """台账的机制."""

    name = "qingyuan.bureau.book"
    label = "book"
    verbose_name = "台账"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Every installed app's `books` module is read; its declarations are checked with Django's own checks."""
        from qingyuan.bureau.book import checks, registry

        registry.discover()
        checks.register()
