from __future__ import annotations

from django.apps import AppConfig


class EvaluationBefore(AppConfig):
    """Migrations only."""

    name = "qingyuan.ops.upgrade.before_house.evaluation"
    label = "evaluation"
    default_auto_field = "django.db.models.BigAutoField"
