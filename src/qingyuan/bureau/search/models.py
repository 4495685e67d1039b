from __future__ import annotations

from django.db import models


class Mark(models.Model):
    """A row was written: the index does not know it as it stands. Added by triggers, never changed."""

    place = models.CharField("表", max_length=63)
    row = models.BigIntegerField("行")

    def __str__(self) -> str:
        return f"{self.place} {self.row}"


class Entry(models.Model):
    """A row as the index holds it; the newest written has the highest number. Its grams stand in a table of the engine.

    text: the normalised texts, one a line; scope: tokens of the kind, the area and the organisations that see it.
    """

    source = models.CharField("类别", max_length=63)
    place = models.CharField("表", max_length=63)
    row = models.BigIntegerField("行")
    text = models.TextField("内容")
    scope = models.TextField("范围")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "row", "source"], name="one_search_entry")]

    def __str__(self) -> str:
        return f"{self.source} {self.row}"
