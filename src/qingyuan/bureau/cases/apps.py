from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """线索与案件."""

    name = "qingyuan.bureau.cases"
    label = "cases"
    verbose_name = "线索与案件"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Matters follow the area that answers for their point."""
        from qingyuan.bureau.cases.actions.moving import follow_points
        from qingyuan.bureau.registers.actions.answering import follow

        follow(follow_points)
