from __future__ import annotations

from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """Who did what to which object, when. Written in the acting transaction; never changed."""

    at = models.DateTimeField("时间", db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    actor_label = models.CharField("操作者", max_length=100)
    verb = models.CharField("动作", max_length=60, db_index=True)
    object_kind = models.CharField("对象类别", max_length=40)
    object_id = models.CharField("对象", max_length=64)
    summary = models.CharField("摘要", max_length=300)
    data = models.JSONField("明细", default=dict)
    origin = models.CharField("来源", max_length=64, blank=True)

    class Meta:
        indexes = [models.Index(fields=["object_kind", "object_id"], name="audit_object")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_label} {self.summary}"


class AuditSeal(models.Model):
    """One link of the hash chain over a run of audit entries, so that a later change can be seen."""

    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField(unique=True)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.first_id}-{self.last_id} {self.digest[:12]}"
