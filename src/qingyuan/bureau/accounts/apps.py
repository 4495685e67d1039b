from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """用户、机构与区域."""

    name = "qingyuan.bureau.accounts"
    label = "accounts"
    verbose_name = "用户、机构与区域"
    default_auto_field = "django.db.models.BigAutoField"
