from __future__ import annotations

from django.conf import settings
from django.db import models


class Alert(models.Model):
    """A provisional alert: a condition that began, and perhaps ended. One is open per rule and subject."""

    class Rule(models.TextChoices):
        OUTLET_HOUR = "outlet_hour", "排放口首个小时超限"
        AQI = "aqi", "空气质量指数超阈值"
        SECTION = "section", "断面劣于目标"
        SILENCE = "silence", "数据中断"

    class Level(models.IntegerChoices):
        NOTICE = 1, "提示"
        WARNING = 2, "预警"
        URGENT = 3, "紧急"

    rule = models.CharField("规则", max_length=20, choices=Rule.choices)
    subject = models.CharField("对象", max_length=120, help_text="point code, or point code:item")
    point = models.ForeignKey("monitoring.Point", on_delete=models.PROTECT, related_name="alerts")
    item = models.CharField("监测项目", max_length=40, blank=True)
    level = models.PositiveSmallIntegerField("级别", choices=Level.choices)
    title = models.CharField("内容", max_length=200)
    started_at = models.DateTimeField("起始（数据时间）")
    last_seen_at = models.DateTimeField("最近一次（数据时间）")
    opened_at = models.DateTimeField("发出")
    ended_at = models.DateTimeField("解除（数据时间）", null=True, blank=True)
    closed_at = models.DateTimeField("解除登记", null=True, blank=True)
    value = models.FloatField(null=True, blank=True)
    threshold = models.FloatField(null=True, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    peak = models.FloatField(null=True, blank=True)
    times = models.PositiveIntegerField("次数", default=1, help_text="runs of failing intervals held together")
    runs = models.JSONField(default=list, help_text="see actions.runs")
    head = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="parts", verbose_name="并列于",
        help_text="the alert that stands for one event over several stations",
    )  # fmt: skip
    rule_set = models.CharField(max_length=40)
    watermark = models.BigIntegerField(default=0)
    detail = models.JSONField(default=dict)
    acknowledged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    acknowledged_at = models.DateTimeField("签收", null=True, blank=True)
    acknowledged_note = models.CharField("处理说明", max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "subject"], condition=models.Q(ended_at__isnull=True), name="one_open_alert"
            )
        ]
        indexes = [
            models.Index(fields=["rule", "subject", "started_at"], name="alert_history"),
            models.Index(fields=["opened_at"], name="alert_opened"),
        ]
        ordering = ["-opened_at", "-id"]

    def __str__(self) -> str:
        return self.title


class AlertChange(models.Model):
    """A state change of an alert; the row that records it is also the message to send."""

    class State(models.TextChoices):
        OPEN = "open", "发出"
        ESCALATED = "escalated", "升级"
        ACKNOWLEDGED = "acknowledged", "签收"
        ENDED = "ended", "解除"

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="changes")
    state = models.CharField(max_length=15, choices=State.choices)
    at = models.DateTimeField()
    data_time = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=300)
    sent_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.alert_id} {self.state}"


class Finding(models.Model):
    """What the averaging time of an outlet's rule says, decided after the tag deadline."""

    class Verdict(models.TextChoices):
        EXCEEDANCE = "exceedance", "超标"
        EXEMPT = "exempt", "已标记，不计超标"
        CANNOT_TELL = "cannot_tell", "无法判定"
        WITHIN = "within", "按评判均值达标"

    point = models.ForeignKey("monitoring.Point", on_delete=models.PROTECT, related_name="findings")
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
    alert = models.ForeignKey(Alert, on_delete=models.SET_NULL, null=True, related_name="findings")
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
