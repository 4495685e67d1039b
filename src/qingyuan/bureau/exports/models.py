from __future__ import annotations

from django.conf import settings
from django.db import models


class ExportJob(models.Model):
    """Readings of some series over a span on their way to a file: progress, a lease, a day on which the file goes."""

    class State(models.TextChoices):
        QUEUED = "queued", "排队"
        RUNNING = "running", "进行中"
        DONE = "done", "完成"
        FAILED = "failed", "失败"
        EXPIRED = "expired", "已清除"

    class Form(models.TextChoices):
        CSV = "csv", "CSV"
        PARQUET = "parquet", "Parquet"
        EXCEL = "xlsx", "Excel"

    points = models.JSONField("点位", default=list)
    items = models.JSONField("项目", default=list, help_text="空 = 全部")
    grain = models.CharField("间隔", max_length=10)
    start = models.DateTimeField("起")
    end = models.DateTimeField("止")
    as_of = models.DateTimeField("截至", null=True, blank=True)
    form = models.CharField("格式", max_length=10, choices=Form.choices)
    series = models.JSONField(default=list, help_text="numbers of the series when it was asked for")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.QUEUED)
    parts_total = models.PositiveIntegerField(default=0)
    parts_done = models.PositiveIntegerField(default=0)
    rows = models.PositiveBigIntegerField("行数", default=0)
    size = models.PositiveBigIntegerField("大小", default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    message = models.CharField("说明", max_length=500, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.grain} {self.form} {self.state}"
