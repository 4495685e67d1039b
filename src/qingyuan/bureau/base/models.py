from __future__ import annotations

from django.conf import settings
from django.db import models

USER = settings.AUTH_USER_MODEL


class LoopState(models.Model):
    """What the loop must remember between runs, by name."""

    name = models.CharField(max_length=40, unique=True)
    value = models.JSONField()

    def __str__(self) -> str:
        return self.name


class IdempotencyKey(models.Model):
    """A request that was already carried out, and its answer, so that a repeat changes nothing."""

    key = models.CharField(max_length=120)
    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+")
    route = models.CharField(max_length=120)
    request_digest = models.CharField(max_length=64)
    response = models.JSONField()
    status = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "route", "key"], name="one_idempotency_key")]

    def __str__(self) -> str:
        return self.key


class NumberSequence(models.Model):
    """The last number given out, per prefix."""

    prefix = models.CharField(max_length=20, unique=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.prefix}{self.last}"


class HolidayPlan(models.Model):
    """The yearly plan of the State Council as it was entered. A corrected plan is a new row; the last one counts.

    `days`: ISO date → [works, name], only the days that differ from the week.
    """

    year = models.PositiveSmallIntegerField("年份")
    days = models.JSONField("放假与调休")
    document = models.CharField("文号或来源", max_length=200)
    entered_at = models.DateTimeField("录入时间")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-year", "-pk"]

    def __str__(self) -> str:
        return f"{self.year} {self.document}"
