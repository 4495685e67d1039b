from __future__ import annotations

from django.conf import settings
from django.db import models


class Row(models.Model):
    """What a table must have to be a book: a revision, a county's own columns, when a mirror's upper system lost it."""

    revision = models.PositiveIntegerField("修订", default=0, editable=False)
    extra = models.JSONField("本地列", default=dict, blank=True, editable=False)
    gone_at = models.DateTimeField("上级系统中不再有", null=True, blank=True, editable=False)

    class Meta:
        abstract = True


class RowVersion(models.Model):
    """A row as it was written once: never changed. Links stand by code, sealed values as ciphertext.

    The audit row of the same change holds `digest`, or for an import the digest over all of its versions in their order.
    """

    book = models.CharField("台账", max_length=40)
    row = models.BigIntegerField("行")
    key = models.CharField("主键", max_length=200)
    revision = models.PositiveIntegerField("修订")
    valid_from = models.DateField("自何日起")
    recorded_at = models.DateTimeField("登记时间")
    values = models.JSONField("内容")
    reason = models.CharField("原因", max_length=300, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    digest = models.CharField("摘要", max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["book", "row", "revision"], name="one_row_version")]
        indexes = [models.Index(fields=["book", "recorded_at"], name="row_version_recorded")]

    def __str__(self) -> str:
        return f"{self.book} {self.key} v{self.revision}"
