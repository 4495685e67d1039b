from __future__ import annotations

from django.db import models


class Area(models.Model):
    """An administrative area.

    above: the area it lies in now; where it lay on other days, AreaParent says.
    """

    class Kind(models.TextChoices):
        CITY = "city", "市"
        COUNTY = "county", "县（市、区）"
        TOWN = "town", "镇（街道）"
        GRID = "grid", "网格"
        ZONE = "zone", "开发区、园区"

    code = models.CharField("代码", max_length=20, unique=True)
    name = models.CharField("名称", max_length=60)
    kind = models.CharField("级别", max_length=10, choices=Kind.choices)
    above = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="below", verbose_name="上级区域"
    )
    geometry = models.JSONField("边界", null=True, blank=True, help_text="GeoJSON, lon/lat CGCS2000")
    revision = models.PositiveIntegerField("修订", default=0, editable=False)
    extra = models.JSONField("本地列", default=dict, blank=True, editable=False)
    gone_at = models.DateTimeField("上级系统中不再有", null=True, blank=True, editable=False)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class AreaParent(models.Model):
    """The area above, from a day to a day (exclusive)."""

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="parents")
    parent = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="children")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["area", "valid_from"], name="one_area_parent")]

    def __str__(self) -> str:
        return f"{self.area} < {self.parent}"


class Organisation(models.Model):
    """A body that owns, works or is supervised: the bureau, its teams, town offices, firms, O&M companies."""

    class Kind(models.TextChoices):
        UPPER = "upper", "上级部门"
        BUREAU = "bureau", "生态环境局"
        DEPARTMENT = "department", "科室、大队"
        TOWN_OFFICE = "town_office", "镇街"
        ENTERPRISE = "enterprise", "企业"
        OPERATOR = "operator", "运维单位"

    code = models.CharField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=100)
    kind = models.CharField("类别", max_length=20, choices=Kind.choices)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, blank=True, verbose_name="区域")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts", verbose_name="上级单位"
    )
    revision = models.PositiveIntegerField("修订", default=0, editable=False)
    extra = models.JSONField("本地列", default=dict, blank=True, editable=False)
    gone_at = models.DateTimeField("上级系统中不再有", null=True, blank=True, editable=False)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name
