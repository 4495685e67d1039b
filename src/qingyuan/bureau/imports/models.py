from __future__ import annotations

from django.conf import settings
from django.db import models


class ImportProfile(models.Model):
    """How the columns of a kind of file become readings; a change is a new version."""

    name = models.CharField("名称", max_length=80)
    version = models.PositiveIntegerField("版本", default=1)
    mapping = models.JSONField("对应关系")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="one_profile_version")]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class ImportJob(models.Model):
    """One file on its way in: dry run or real, with progress and a lease, resumed or swept at start."""

    class State(models.TextChoices):
        QUEUED = "queued", "排队"
        RUNNING = "running", "进行中"
        DONE = "done", "完成"
        FAILED = "failed", "失败"

    file_name = models.CharField("文件", max_length=200)
    file_digest = models.CharField(max_length=64)
    profile_name = models.CharField("方案", max_length=80)
    profile_version = models.PositiveIntegerField(default=0, help_text="0 = built in")
    mapping = models.JSONField(default=dict)
    dry_run = models.BooleanField("试运行", default=False)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.QUEUED)
    rows_total = models.PositiveIntegerField("总行数", default=0)
    rows_done = models.PositiveIntegerField("已处理", default=0)
    readings_new = models.PositiveIntegerField("新增读数", default=0)
    readings_unchanged = models.PositiveIntegerField("已有读数", default=0)
    rows_bad = models.PositiveIntegerField("问题行", default=0)
    errors = models.JSONField("问题（前 200 条）", default=list)
    errors_file = models.CharField(max_length=200, blank=True)
    message = models.CharField("说明", max_length=500, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.file_name} {self.state}"
