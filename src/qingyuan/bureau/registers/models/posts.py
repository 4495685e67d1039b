"""Who holds which post of an organisation, who stands in for whom, and when."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from qingyuan.bureau.book.models import Row

_PERSON: dict[str, Any] = {"to": settings.AUTH_USER_MODEL, "on_delete": models.PROTECT, "related_name": "+"}


class Post(Row):
    """A person's post in an organisation, from a day to a day (exclusive)."""

    code = models.CharField("编号", max_length=20, unique=True)
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="posts", verbose_name="单位"
    )
    person = models.ForeignKey(verbose_name="人员", **_PERSON)
    title = models.CharField("职务", max_length=60)
    is_head = models.BooleanField("主要负责人", default=False)
    deputy = models.ForeignKey(verbose_name="代理人", null=True, blank=True, **_PERSON)
    since = models.DateField("起")
    until = models.DateField("止", null=True, blank=True, help_text="不含当日")

    class Meta:
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "person", "title", "since"], name="one_post")
        ]

    def __str__(self) -> str:
        return f"{self.organisation}{self.title}{self.person}"


class Leave(Row):
    """A person is away from a day to a day (exclusive); the deputy stands in."""

    code = models.CharField("编号", max_length=20, unique=True)
    person = models.ForeignKey(verbose_name="人员", **_PERSON)
    since = models.DateField("起")
    until = models.DateField("止", help_text="不含当日")
    deputy = models.ForeignKey(verbose_name="代理人", null=True, blank=True, **_PERSON)
    note = models.CharField("说明", max_length=100, blank=True)

    class Meta:
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "since"], name="one_leave")]

    def __str__(self) -> str:
        return f"{self.person} {self.since}"
