from __future__ import annotations

from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    """评价."""

    name = "qingyuan.bureau.evaluation"
    label = "evaluation"
    verbose_name = "评价"
    default_auto_field = "django.db.models.BigAutoField"
