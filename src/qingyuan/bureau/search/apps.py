from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class SearchConfig(AppConfig):
    """搜索."""

    name = "qingyuan.bureau.search"
    label = "search"
    verbose_name = "搜索"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """After every migration the tables tell of their changes as the declarations of today ask for.

        Before one they are silenced: a table that is made anew may not be named by a trigger meanwhile.
        """
        pre_migrate.connect(_silence, sender=self)
        post_migrate.connect(_watch, sender=self)


def _silence(using: str, plan: Sequence[Any], **_of: Any) -> None:
    from qingyuan.bureau.search import triggers

    if plan:
        triggers.lift(using)


def _watch(using: str, **_of: Any) -> None:
    from qingyuan.bureau.search import triggers

    triggers.lay(using)
