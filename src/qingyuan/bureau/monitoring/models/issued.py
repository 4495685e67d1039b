from __future__ import annotations

from django.db import models


class IssuedValue(models.Model):
    """A figure that a higher authority issued. Kept as issued, wins in reports, stands beside ours."""

    point = models.ForeignKey("registers.Point", on_delete=models.PROTECT, null=True, blank=True)
    area = models.ForeignKey("accounts.Area", on_delete=models.PROTECT, null=True, blank=True)
    indicator = models.CharField("指标", max_length=60)
    period_start = models.DateTimeField("起")
    period_end = models.DateTimeField("止")
    value_text = models.CharField("数值", max_length=40)
    unit = models.CharField("单位", max_length=20, blank=True)
    issuer = models.CharField("发布单位", max_length=100)
    document = models.CharField("文号", max_length=120, blank=True)
    received_at = models.DateTimeField("收到")

    class Meta:
        indexes = [models.Index(fields=["indicator", "period_start"], name="issued_lookup")]

    def __str__(self) -> str:
        return f"{self.indicator} {self.value_text}{self.unit}"
