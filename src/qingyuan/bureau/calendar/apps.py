from __future__ import annotations

from django.apps import AppConfig


class CalendarConfig(AppConfig):
    """The holiday plans that people entered."""

    name = "qingyuan.bureau.calendar"
    label = "workdays"
    verbose_name = "工作日历"
