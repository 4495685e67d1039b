from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    Text = models.TextField[str, str]
else:
    Text = models.TextField


class SealedField(Text):
    """Text that is kept as a token of `actions.seal`; who may read it asks `queries.opened`."""


class SealedDigest(models.Model):
    """The keyed digest of one sealed value, by which it is found again exactly; gone with its subject's key."""

    place = models.CharField("台账和列", max_length=100)
    digest = models.CharField("摘要", max_length=64)
    row = models.BigIntegerField("行")
    subject = models.CharField("主体", max_length=32, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "row"], name="one_sealed_digest")]
        indexes = [models.Index(fields=["place", "digest"], name="sealed_digest")]

    def __str__(self) -> str:
        return f"{self.place} {self.row}"
