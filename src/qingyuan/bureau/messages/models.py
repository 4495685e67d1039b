from __future__ import annotations

from django.conf import settings
from django.db import models

INBOX = "inbox"


class Delivery(models.Model):
    """One change told to one person by one channel, once: posted with the change, leased, sent, recorded."""

    change = models.CharField("变化", max_length=120)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField("途径", max_length=20)
    title = models.CharField("标题", max_length=120)
    body = models.CharField("内容", max_length=500, blank=True)
    link = models.CharField("地址", max_length=300, blank=True)
    made_at = models.DateTimeField("产生时间")
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    sent_at = models.DateTimeField("送出时间", null=True, blank=True)
    failed = models.CharField("没有送出的原因", max_length=300, blank=True)
    read_at = models.DateTimeField("阅读时间", null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["change", "person", "channel"], name="one_delivery")]
        indexes = [
            models.Index(fields=["sent_at", "lease_until"], name="delivery_waiting"),
            models.Index(fields=["person", "channel", "read_at"], name="delivery_inbox"),
        ]

    def __str__(self) -> str:
        return self.title
