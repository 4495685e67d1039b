from __future__ import annotations

from django.db import models


class PlannedStop(models.Model):
    """A time in which no data is expected from a point."""

    point = models.ForeignKey("registers.Point", on_delete=models.CASCADE, related_name="planned_stops")
    start = models.DateTimeField("起")
    end = models.DateTimeField("止")
    reason = models.CharField("原因", max_length=200)

    def __str__(self) -> str:
        return f"{self.point}: {self.reason}"
