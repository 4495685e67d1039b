from __future__ import annotations

from django.db import models


class Enterprise(models.Model):
    """A firm under supervision."""

    organisation = models.OneToOneField("accounts.Organisation", on_delete=models.PROTECT, related_name="enterprise")
    code = models.CharField("统一社会信用代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=100)
    industry = models.CharField("行业", max_length=60, blank=True)
    industry_key = models.CharField("评判口径", max_length=40, blank=True)
    area = models.ForeignKey("accounts.Area", on_delete=models.PROTECT, null=True, blank=True, verbose_name="区域")
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    permit_class = models.CharField("许可管理类别", max_length=20, blank=True)
    key_unit = models.CharField("重点单位类别", max_length=100, blank=True)
    source_system = models.CharField("上级系统", max_length=60, blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Outlet(models.Model):
    """A monitored discharge outlet of a firm, to air or to water."""

    class Medium(models.TextChoices):
        GAS = "gas", "废气"
        WATER = "water", "废水"

    point = models.OneToOneField("registers.Point", on_delete=models.CASCADE, related_name="outlet")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, null=True, blank=True, related_name="outlets")
    medium = models.CharField("介质", max_length=10, choices=Medium.choices)
    reference_o2 = models.FloatField("基准氧含量 %", null=True, blank=True)
    receiving_node = models.CharField("受纳水体节点", max_length=20, blank=True)

    def __str__(self) -> str:
        return self.point.name


class Meter(models.Model):
    """An electricity meter on what an outlet serves: the production, or its treatment."""

    class Unit(models.TextChoices):
        PRODUCTION = "production", "生产设施"
        TREATMENT = "treatment", "治理设施"

    point = models.OneToOneField("registers.Point", on_delete=models.CASCADE, related_name="meter")
    outlet = models.ForeignKey(Outlet, on_delete=models.CASCADE, related_name="meters")
    unit = models.CharField("用途", max_length=10, choices=Unit.choices)

    class Meta:
        ordering = ["unit", "point__code"]

    def __str__(self) -> str:
        return self.point.name
