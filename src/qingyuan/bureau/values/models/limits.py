from __future__ import annotations

from django.conf import settings
from django.db import models


class LimitRows(models.QuerySet["Limit"]):
    """Limits, those taken back among them unless asked for the standing ones."""

    def standing(self) -> LimitRows:
        """Without those that were taken back: their period is empty."""
        return self.exclude(valid_to=models.F("valid_from"))


class Limit(models.Model):
    """The limit that an outlet must keep for an item, from a day to a day (exclusive).

    condition: the tag in whose hours it holds in place of the limit without one; empty: always. An import that was
    taken back leaves its rows with an empty period.
    """

    class Averaging(models.TextChoices):
        HOUR = "hour", "小时均值"
        DAY = "day", "日均值"

    outlet = models.ForeignKey("registers.Outlet", on_delete=models.CASCADE, related_name="limits")
    item = models.CharField("监测项目", max_length=40)
    upper = models.DecimalField("上限", max_digits=14, decimal_places=5, null=True, blank=True)
    lower = models.DecimalField("下限", max_digits=14, decimal_places=5, null=True, blank=True)
    unit = models.CharField("单位", max_length=20)
    averaging = models.CharField("评判均值", max_length=5, choices=Averaging.choices)
    statistic = models.CharField("统计量", max_length=10, default="Avg", help_text="Avg 实测；ZsAvg 折算")
    basis = models.CharField("依据", max_length=200)
    condition = models.CharField("工况", max_length=20, blank=True)
    reference_o2 = models.FloatField("基准氧含量 %", null=True, blank=True)
    permit = models.CharField("许可证编号", max_length=60, blank=True)
    standard = models.CharField("执行标准", max_length=60, blank=True)
    source_class = models.CharField("类别", max_length=40, blank=True)
    process = models.CharField("工艺", max_length=60, blank=True)
    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True, blank=True)

    objects = LimitRows.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["outlet", "item", "averaging", "condition", "valid_from"], name="one_limit_of_condition"
            )
        ]

    def __str__(self) -> str:
        return f"{self.outlet} {self.item} ≤ {self.upper} {self.unit}"


class LimitImport(models.Model):
    """One file of limits that was kept: what each row was before and after, so that it can be taken back."""

    file_name = models.CharField("文件", max_length=200)
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField("行数", default=0)
    changes = models.JSONField("改动", default=list)
    problems = models.JSONField("问题", default=list)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField("导入时间")
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    undone_at = models.DateTimeField("撤回时间", null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]

    def __str__(self) -> str:
        return self.file_name
