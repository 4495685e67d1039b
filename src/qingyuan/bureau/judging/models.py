from __future__ import annotations

from django.db import models


class Evaluation(models.Model):
    """A judged interval of a point: what came out, by which rule set, from which readings.

    Never changed in place: when late data changes the result, a new revision is written and the old one keeps its
    row with `is_current` false. Passing hours of outlets are not kept (they follow from readings and limit).
    """

    class Verdict(models.TextChoices):
        PASS = "pass", "达标"
        FAIL = "fail", "超标"
        CANNOT_TELL = "cannot_tell", "无法判定"

    point = models.ForeignKey("registers.Point", on_delete=models.CASCADE, related_name="evaluations")
    kind = models.CharField("类别", max_length=20, help_text="air_hour air_day water outlet_hour outlet_day")
    item = models.CharField("监测项目", max_length=40, blank=True)
    start = models.DateTimeField()
    end = models.DateTimeField()
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    value = models.FloatField("数值", null=True)
    label = models.CharField("结论", max_length=40, blank=True, help_text="AQI 级别、水质类别")
    primary = models.CharField("首要污染物", max_length=100, blank=True)
    rule_set = models.CharField("规则", max_length=40)
    rule_digest = models.CharField(max_length=64)
    limit_ref = models.CharField("限值行", max_length=60, blank=True)
    watermark = models.BigIntegerField("数据水位", help_text="the largest origin among the readings used")
    detail = models.JSONField(default=dict)
    computed_at = models.DateTimeField()
    is_current = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["point", "kind", "item", "start"],
                condition=models.Q(is_current=True),
                name="one_current_evaluation",
            )
        ]
        indexes = [models.Index(fields=["kind", "start"], name="evaluation_kind_start")]

    def __str__(self) -> str:
        return f"{self.point} {self.kind} {self.start:%Y-%m-%d %H:%M} {self.verdict}"


class DueDay(models.Model):
    """A Beijing day of a point whose daily values must be worked out (again)."""

    point = models.ForeignKey("registers.Point", on_delete=models.CASCADE, related_name="+")
    day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["point", "day"], name="one_due_day")]

    def __str__(self) -> str:
        return f"{self.point_id} {self.day}"


class Finding(models.Model):
    """What the averaging time of an outlet's rule says, decided after the tag deadline."""

    class Verdict(models.TextChoices):
        EXCEEDANCE = "exceedance", "超标"
        EXEMPT = "exempt", "已标记，不计超标"
        CANNOT_TELL = "cannot_tell", "无法判定"
        WITHIN = "within", "按评判均值达标"

    point = models.ForeignKey("registers.Point", on_delete=models.PROTECT, related_name="findings")
    item = models.CharField("监测项目", max_length=40)
    averaging = models.CharField("评判均值", max_length=5)
    start = models.DateTimeField()
    end = models.DateTimeField()
    verdict = models.CharField("结论", max_length=12, choices=Verdict.choices)
    value = models.FloatField("数值", null=True)
    limit_value = models.FloatField("限值", null=True)
    unit = models.CharField(max_length=20, blank=True)
    multiple = models.FloatField("超标倍数", null=True)
    limit_ref = models.CharField("限值行", max_length=60)
    rule_set = models.CharField(max_length=40)
    watermark = models.BigIntegerField()
    trace = models.JSONField("判定过程", default=list)
    deadline = models.DateTimeField("标记截止")
    decided_at = models.DateTimeField("判定时间")
    alert = models.ForeignKey("alerts.Alert", on_delete=models.SET_NULL, null=True, related_name="findings")
    is_current = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["point", "item", "averaging", "start"],
                condition=models.Q(is_current=True),
                name="one_current_finding",
            )
        ]
        ordering = ["-start", "-id"]

    def __str__(self) -> str:
        return f"{self.point} {self.item} {self.start:%Y-%m-%d %H:%M} {self.verdict}"
