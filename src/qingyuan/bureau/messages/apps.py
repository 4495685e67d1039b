from __future__ import annotations

from django.apps import AppConfig


class MessagesConfig(AppConfig):
    """消息."""

    name = "qingyuan.bureau.messages"
    label = "outbox"
    verbose_name = "消息"
    default_auto_field = "django.db.models.BigAutoField"
