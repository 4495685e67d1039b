from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Layout, components and assets of the pages."""

    name = "qingyuan.web"
    label = "web"
    verbose_name = "页面"
