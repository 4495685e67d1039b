from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from qingyuan.bureau.accounts.models import Area


class Point(models.Model):
    """A place whose readings are kept: an outlet, a station, a section, a meter. Its code names its series.

    area: where it lies; answers: the area that answers for it where that is another.
    """

    class Kind(models.TextChoices):
        OUTLET = "outlet", "排放口"
        AIR = "air", "空气站"
        WATER = "water", "水站、断面"
        METER = "meter", "用电监控点"
        UNKNOWN = "unknown", "未归属"

    code = models.CharField("代码", max_length=60, unique=True)
    name = models.CharField("名称", max_length=100)
    kind = models.CharField("类别", max_length=10, choices=Kind.choices)
    area = models.ForeignKey("accounts.Area", on_delete=models.PROTECT, null=True, blank=True, verbose_name="区域")
    answers = models.ForeignKey(
        "accounts.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="负责区域"
    )
    owner = models.ForeignKey(
        "accounts.Organisation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="points",
        verbose_name="单位",
    )
    operator = models.ForeignKey(
        "accounts.Organisation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="operated_points",
        verbose_name="运维单位",
    )
    lon = models.FloatField("经度", null=True, blank=True)
    lat = models.FloatField("纬度", null=True, blank=True)
    expected_minutes = models.PositiveIntegerField("应到间隔（分钟）", null=True, blank=True)
    source_system = models.CharField("上级系统", max_length=60, blank=True, help_text="空 = 本局自建；否则为只读镜像")
    active_from = models.DateField("启用", null=True, blank=True)
    active_to = models.DateField("停用", null=True, blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    @property
    def answering(self) -> Area | None:
        """The area whose people see it and work on what happens there."""
        return self.answers or self.area

    @property
    def answering_id(self) -> int | None:
        """The key of `answering`."""
        return self.answers_id or self.area_id


class Station(models.Model):
    """An ambient air station."""

    class Kind(models.TextChoices):
        STANDARD = "standard", "标准站"
        TOWN = "town", "乡镇站"
        MICRO = "micro", "微型站"

    point = models.OneToOneField(Point, on_delete=models.CASCADE, related_name="station")
    kind = models.CharField("类别", max_length=10, choices=Kind.choices)
    grade_class = models.PositiveSmallIntegerField("功能区类别", default=2)

    def __str__(self) -> str:
        return self.point.name


class Section(models.Model):
    """A surface-water section or water station."""

    point = models.OneToOneField(Point, on_delete=models.CASCADE, related_name="section")
    water_body = models.ForeignKey("registers.WaterBody", on_delete=models.PROTECT, null=True, blank=True)
    body = models.CharField("水体类别", max_length=10, default="river", help_text="river 或 lake：决定总磷限值")
    reach_code = models.CharField(max_length=20, blank=True)
    is_border = models.BooleanField("交界断面", default=False)

    def __str__(self) -> str:
        return self.point.name


class SectionTarget(models.Model):
    """A section's target class, of one of three kinds, from a day to a day (exclusive)."""

    class Kind(models.TextChoices):
        FUNCTION_ZONE = "function_zone", "水功能区目标"
        ASSESSMENT = "assessment", "考核目标"
        INCENTIVE = "incentive", "激励目标"

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="targets")
    kind = models.CharField("类别", max_length=20, choices=Kind.choices)
    water_class = models.CharField("目标类别", max_length=3)
    item_targets = models.JSONField("单项目标", default=dict, blank=True, help_text='{"NH3N": "3.0"} mg/L')
    basis = models.CharField("依据", max_length=200, blank=True)
    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["section", "kind", "valid_from"], name="one_section_target")]

    def __str__(self) -> str:
        return f"{self.section}: {self.kind} {self.water_class}"


class RosterEntry(models.Model):
    """A point counts in a roster (which stations make the county's air, which sections are assessed), dated."""

    class Roster(models.TextChoices):
        COUNTY_AIR = "county_air", "县域空气评价点位"
        NATIONAL_SECTIONS = "national_sections", "国考断面"
        PROVINCIAL_SECTIONS = "provincial_sections", "省考断面"

    roster = models.CharField("名册", max_length=30, choices=Roster.choices)
    point = models.ForeignKey(Point, on_delete=models.PROTECT, related_name="roster_entries")
    basis = models.CharField("依据", max_length=200, blank=True)
    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["roster", "point", "valid_from"], name="one_roster_entry")]

    def __str__(self) -> str:
        return f"{self.roster}: {self.point}"


class PointName(models.Model):
    """Another name of a point, as files write it: a former name, or the name that another system uses."""

    point = models.ForeignKey("registers.Point", on_delete=models.CASCADE, related_name="other_names")
    name = models.CharField("曾用名、别名", max_length=100, unique=True)
    noted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} = {self.point}"
