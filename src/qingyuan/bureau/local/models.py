from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from qingyuan.bureau.book.models import Row

ASIDE: dict[str, Any] = {"on_delete": models.PROTECT, "null": True, "blank": True, "related_name": "+"}
TYPED = ("key", "name", "area", "answers", "firm", "point", "state", "lon", "lat")
"""The columns that every list may have."""


class Kind(models.TextChoices):
    """What a local column holds."""

    TEXT = "text", "文字"
    LONG = "long", "长文字"
    INTEGER = "integer", "整数"
    NUMBER = "number", "数字"
    DATE = "date", "日期"
    BOOLEAN = "boolean", "是否"
    CHOICE = "choice", "选项"


class LocalColumn(models.Model):
    """A column that a county added to a book, from a day to a day (exclusive); its values lie in each row's `extra`."""

    book = models.CharField("台账", max_length=40, db_index=True)
    label = models.CharField("列名", max_length=40)
    kind = models.CharField("类型", max_length=10, choices=Kind.choices)
    choices = models.JSONField("选项", default=list, blank=True)
    right = models.CharField("谁可见（权限）", max_length=60, blank=True)
    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, **ASIDE)
    made_at = models.DateTimeField("建立时间")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.label


class LocalBook(models.Model):
    """A book that a county made of its own list. labels: what its typed columns are called there."""

    code = models.SlugField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=60, unique=True)
    purpose = models.CharField("用途", max_length=200, blank=True)
    labels = models.JSONField("列名", default=dict)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, **ASIDE)
    made_at = models.DateTimeField("建立时间")

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class LocalRow(Row):
    """A row of a local book: what every list has in typed columns, its own columns in `extra`."""

    book = models.ForeignKey(LocalBook, on_delete=models.PROTECT, related_name="rows", verbose_name="台账")
    key = models.CharField("编号", max_length=100)
    name = models.CharField("名称", max_length=200, blank=True)
    area = models.ForeignKey("accounts.Area", verbose_name="区域", **ASIDE)
    answers = models.ForeignKey("accounts.Area", verbose_name="负责区域", **ASIDE)
    firm = models.ForeignKey("accounts.Organisation", verbose_name="企业", **ASIDE)
    point = models.ForeignKey("registers.Point", verbose_name="点位", **ASIDE)
    state = models.CharField("状态", max_length=40, blank=True)
    lon = models.FloatField("经度", null=True, blank=True)
    lat = models.FloatField("纬度", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "key"], name="one_local_row", violation_error_message="编号已存在")
        ]
        indexes = [
            models.Index(fields=["book", "area", "key"], name="local_row_area"),
            models.Index(fields=["book", "answers", "key"], name="local_row_answers"),
            models.Index(fields=["book", "name"], name="local_row_name"),
        ]

    def __str__(self) -> str:
        return self.name or self.key
