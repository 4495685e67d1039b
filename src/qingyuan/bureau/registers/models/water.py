from __future__ import annotations

from django.db import models


class WaterBody(models.Model):
    """A river or a lake, drawn on the map and judged by its own table of limits."""

    class Kind(models.TextChoices):
        RIVER = "river", "河流"
        LAKE = "lake", "湖库"

    code = models.CharField("代码", max_length=20, unique=True)
    name = models.CharField("名称", max_length=60)
    kind = models.CharField("类别", max_length=10, choices=Kind.choices)
    geometry = models.JSONField("形状", null=True, blank=True, help_text="GeoJSON, lon/lat CGCS2000")

    def __str__(self) -> str:
        return self.name


class Reach(models.Model):
    """A directed stretch of river from one node to the next, for tracing upstream."""

    code = models.CharField("代码", max_length=20, unique=True)
    water_body = models.ForeignKey(WaterBody, on_delete=models.PROTECT, related_name="reaches")
    from_node = models.CharField(max_length=20)
    to_node = models.CharField(max_length=20)
    length_m = models.FloatField()
    velocity_m_s = models.FloatField(null=True, blank=True)
    geometry = models.JSONField(null=True, blank=True)

    def __str__(self) -> str:
        return self.code
