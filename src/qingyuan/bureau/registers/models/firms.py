from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, ClassVar

from django.db import models

from qingyuan.bureau.book.models import Row
from qingyuan.bureau.registers.credit_code import check_credit_code

if TYPE_CHECKING:
    Text = models.CharField[str, str]
else:
    Text = models.CharField


class CreditCodeField(Text):
    """A credit code: as people type it, in half-width capitals without blanks."""

    @staticmethod
    def tidy(text: str) -> str:
        """The code that a text means."""
        return "".join(unicodedata.normalize("NFKC", text).upper().split())


class Enterprise(Row):
    """A firm at a place: a site. Its legal body is the organisation, which may have several sites under one credit code.

    area: where it lies; answers: which area answers for it (a town, a development zone, a park).
    """

    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="enterprises", verbose_name="法人单位"
    )
    code = models.CharField("编号", max_length=40, unique=True)
    name = models.CharField("单位名称", max_length=100, db_index=True)
    credit_code = CreditCodeField(
        "统一社会信用代码", max_length=18, blank=True, db_index=True, validators=[check_credit_code]
    )
    permit = models.CharField("排污许可证编号", max_length=40, blank=True, db_index=True)
    address = models.CharField("地址", max_length=200, blank=True)
    industry = models.CharField("行业", max_length=60, blank=True)
    industry_key = models.CharField("评判口径", max_length=40, blank=True)
    area = models.ForeignKey("accounts.Area", on_delete=models.PROTECT, null=True, blank=True, verbose_name="所在区域")
    answers = models.ForeignKey(
        "accounts.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="负责区域"
    )
    lon = models.FloatField("经度", null=True, blank=True)
    lat = models.FloatField("纬度", null=True, blank=True)
    permit_class = models.CharField("许可管理类别", max_length=20, blank=True)
    key_unit = models.CharField("重点单位类别", max_length=100, blank=True)
    source_system = models.CharField("上级系统", max_length=60, blank=True)

    class Meta:
        ordering = ["code"]
        indexes: ClassVar = [
            models.Index(fields=["answers", "name"], name="enterprise_answers"),
            models.Index(fields=["area", "name"], name="enterprise_area"),
        ]

    def __str__(self) -> str:
        return self.name


class Outlet(Row):
    """A monitored discharge outlet of a firm, to air or to water. Its point carries its readings, and follows it.

    enterprise: the site it belongs to; while that is not known, `firm_…` keep the words that a list brought.
    answers: the area that answers for it where that is another than the firm's.
    """

    class Medium(models.TextChoices):
        GAS = "gas", "废气"
        WATER = "water", "废水"

    code = models.CharField("排放口编号", max_length=60, unique=True)
    name = models.CharField("排放口名称", max_length=100, db_index=True)
    point = models.OneToOneField(
        "registers.Point", on_delete=models.CASCADE, related_name="outlet", verbose_name="点位"
    )
    enterprise = models.ForeignKey(
        Enterprise, on_delete=models.PROTECT, null=True, blank=True, related_name="outlets", verbose_name="企业"
    )
    firm_name = models.CharField("待匹配的企业", max_length=100, blank=True, db_index=True)
    firm_code = models.CharField("待匹配的信用代码", max_length=40, blank=True)
    firm_permit = models.CharField("待匹配的许可证", max_length=40, blank=True)
    medium = models.CharField("介质", max_length=10, choices=Medium.choices)
    area = models.ForeignKey(
        "accounts.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="所在区域"
    )
    answers = models.ForeignKey(
        "accounts.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="负责区域"
    )
    operator = models.ForeignKey(
        "accounts.Organisation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="运维单位",
    )
    lon = models.FloatField("经度", null=True, blank=True)
    lat = models.FloatField("纬度", null=True, blank=True)
    reference_o2 = models.FloatField("基准氧含量 %", null=True, blank=True)
    receiving_node = models.CharField("受纳水体节点", max_length=20, blank=True)
    industry_key = models.CharField("评判口径", max_length=40, blank=True, help_text="空 = 企业的评判口径")
    active_from = models.DateField("启用", null=True, blank=True)
    active_to = models.DateField("停用", null=True, blank=True, help_text="当日起不在用")

    class Meta:
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return self.name

    @property
    def judged_as(self) -> str:
        """The key under which rules for industries are looked up: its own, else its firm's; empty for none."""
        return self.industry_key or (self.enterprise.industry_key if self.enterprise else "")


class Meter(models.Model):
    """An electricity meter on what an outlet serves: the production, or its treatment."""

    class Unit(models.TextChoices):
        PRODUCTION = "production", "生产设施"
        TREATMENT = "treatment", "治理设施"

    point = models.OneToOneField("registers.Point", on_delete=models.CASCADE, related_name="meter")
    outlet = models.ForeignKey(Outlet, on_delete=models.CASCADE, related_name="meters")
    unit = models.CharField("用途", max_length=10, choices=Unit.choices)

    class Meta:
        ordering = ["unit", "point__code"]

    def __str__(self) -> str:
        return self.point.name
