from __future__ import annotations

from django.conf import settings
from django.db import models


class Tag(models.Model):
    """What the enterprise says of a stretch of its data (2022 tag rules), with the bureau's check."""

    class Check(models.TextChoices):
        UNCHECKED = "unchecked", "未核查"
        ASKED = "asked", "待补充材料"
        ACCEPTED = "accepted", "已认可"
        REFUSED = "refused", "不予认可"

    outlet = models.ForeignKey("registers.Outlet", on_delete=models.CASCADE, related_name="tags")
    item = models.CharField("监测项目", max_length=40, blank=True, help_text="空 = 全部项目")
    kind = models.CharField("标记", max_length=20, help_text="a name of the rule book's tag table")
    start = models.DateTimeField("起")
    end = models.DateTimeField("止")
    note = models.CharField("说明", max_length=300, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("标记时间")
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    check_state = models.CharField("核查", max_length=10, choices=Check.choices, default=Check.UNCHECKED)
    checked_at = models.DateTimeField("核查时间", null=True, blank=True)
    supplied_at = models.DateTimeField("补充材料时间", null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.outlet} {self.kind}"


class TagEvent(models.Model):
    """What became of a tag after it was made: material supplied, the bureau's check. Never changed."""

    class Verb(models.TextChoices):
        SUPPLIED = "supplied", "补充材料"
        ASKED = "asked", "要求补充材料"
        ACCEPTED = "accepted", "认可"
        REFUSED = "refused", "不予认可"

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="events")
    verb = models.CharField(max_length=10, choices=Verb.choices)
    at = models.DateTimeField("时间")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.tag_id} {self.verb}"


class TagExhibit(models.Model):
    """A file that the enterprise gave for a tag; the content is kept once under its digest."""

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="exhibits")
    evidence = models.ForeignKey("evidence.Evidence", on_delete=models.PROTECT, related_name="tag_exhibits")
    file_name = models.CharField("文件名", max_length=200)
    added_at = models.DateTimeField("提交时间")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["added_at", "id"]

    def __str__(self) -> str:
        return self.file_name
