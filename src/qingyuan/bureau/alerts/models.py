from __future__ import annotations

from django.conf import settings
from django.db import models

from qingyuan.bureau.judging.queries.observations import Level
from qingyuan.bureau.judging.queries.rules import rule_name


class Alert(models.Model):
    """A provisional alert: a condition that began, and perhaps ended. One is open per rule and subject."""

    rule = models.CharField("规则", max_length=20, help_text="code of a warning rule")
    subject = models.CharField("对象", max_length=120, help_text="point code, or point code:item")
    point = models.ForeignKey("registers.Point", on_delete=models.PROTECT, related_name="alerts")
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
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name="并列于",
        help_text="the alert that stands for one event over several stations",
    )
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

    @property
    def rule_name(self) -> str:
        """What the rule is called."""
        return rule_name(self.rule)


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
