from __future__ import annotations

from django.conf import settings
from django.db import models


class HolidayPlan(models.Model):
    """The yearly plan of the State Council as it was entered. A corrected plan is a new row; the last one counts.

    `days`: ISO date → [works, name], only the days that differ from the week.
    """

    year = models.PositiveSmallIntegerField("年份")
    days = models.JSONField("放假与调休")
    document = models.CharField("文号或来源", max_length=200)
    entered_at = models.DateTimeField("录入时间")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-year", "-pk"]

    def __str__(self) -> str:
        return f"{self.year} {self.document}"
