from __future__ import annotations

from django.db import models


class QualityDue(models.Model):
    """A series whose quality rules must be asked of the hours [first, last] (epoch seconds of their starts)."""

    series = models.BigIntegerField(unique=True)
    first = models.BigIntegerField(db_index=True)
    last = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.series} {self.first}-{self.last}"
