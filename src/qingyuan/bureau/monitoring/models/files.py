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
        UNDOING = "undoing", "撤回中"
        UNDONE = "undone", "已撤回"

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
    given = models.JSONField("读法的补充", default=dict, help_text="point, sheet, header_row, dates, stamps")
    new_points = models.BooleanField("新建点位", default=False, help_text="points that are not registered are made")
    told = models.JSONField(
        "结果", default=dict, help_text="points: of the file by code; new_points, unused columns, span of the readings"
    )
    origin = models.BigIntegerField(null=True, blank=True, help_text="position of its statement in the journal")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="how often a worker has begun it")
    undone_at = models.DateTimeField("撤回时间", null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    undo_reason = models.CharField("撤回原因", max_length=200, blank=True)
    undo_origin = models.BigIntegerField(null=True, blank=True, help_text="position of the statement of its undoing")
    readings_undone = models.PositiveIntegerField("撤回读数", default=0)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.file_name} {self.state}"


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
