"""A book that uses everything the machinery has: wells, a table of its own that only these tests make."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import Q

from qingyuan.bureau.accounts.models import Area, User
from qingyuan.bureau.book import Book, Computed, Counter, Due, Filter, Layer, Verb
from qingyuan.bureau.book.models import Row
from qingyuan.bureau.sealed.models import SealedField

ALONE: dict[str, Any] = {"on_delete": models.DO_NOTHING, "related_name": "+", "null": True, "blank": True}


class Well(Row):
    """A monitoring well."""

    class State(models.TextChoices):
        IN_USE = "in_use", "启用"
        SHUT = "shut", "封存"

    code = models.CharField("井号", max_length=20, unique=True)
    name = models.CharField("井名", max_length=60)
    area = models.ForeignKey("accounts.Area", verbose_name="所在镇街", **ALONE)
    answers = models.ForeignKey("accounts.Area", verbose_name="负责镇街", **ALONE)
    owner = models.ForeignKey("accounts.Organisation", verbose_name="业主", **ALONE)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.IN_USE, db_index=True)
    depth = models.DecimalField("井深", max_digits=6, decimal_places=1, null=True, blank=True)
    is_deep = models.BooleanField("深层", default=False)
    drilled_on = models.DateField("成井日期", null=True, blank=True)
    sampled_on = models.DateField("采样日期", null=True, blank=True)
    lon = models.FloatField("经度", null=True, blank=True)
    lat = models.FloatField("纬度", null=True, blank=True)
    keeper = SealedField("看护人", blank=True, default="")
    note = models.CharField("备注", max_length=40, blank=True)

    class Meta:
        app_label = "book"
        indexes: ClassVar = [
            models.Index(fields=["name"], name="well_name"),
            models.Index(fields=["answers", "name"], name="well_answers"),
            models.Index(fields=["area", "name"], name="well_area"),
        ]

    def __str__(self) -> str:
        return self.name


def make_towns(actor: User | None, column: str, words: Sequence[str]) -> Mapping[str, int]:
    return {word: Area.objects.create(code=f"NEW-{word}", name=word, kind="town").pk for word in words}


def _check(values: Mapping[str, Any]) -> dict[str, str]:
    deep = values.get("is_deep") and (values.get("depth") or 0) < 50
    return {"depth": "“井深”：深层井应不小于 50 米，请核对"} if deep else {}


AGE = Computed("age", "成井年", lambda well: well.drilled_on and well.drilled_on.year)
WELLS = Book(
    code="wells", model=Well, name="监测井", purpose="地下水监测井",
    columns=("code", "name", "area", "state", "depth", "sampled_on", AGE),
    form=("code", "name", "area", "answers", "owner", "depth", "is_deep", "drilled_on", "sampled_on", "lon", "lat",
          "keeper", "note"),
    filters=("area", "state", Filter("deep", "深层", lambda today: Q(is_deep=True))),
    search=("name", "code"), headers={"code": ("编号",), "name": ("名称", "监测井名称"), "area": ("镇街", "乡镇")},
    lies="area", answers="answers", owners=("owner",), since="drilled_on", state="state",
    verbs=(
        Verb("shut", "封存", to="shut", froms=("in_use",), needs=("reason",)),
        Verb("sample", "登记采样", froms=("in_use",), needs=("sampled_on",)),
    ),
    dues=(Due("sampling", "采样", "sampled_on", days=90, before=7),),
    counters=(Counter("all", "监测井"), Counter("shut", "已封存", lambda today: Q(state="shut"))),
    layer=Layer(colour="state"),
    rights={"edit": ("chief", "monitoring", "town"), "shut": ("chief",), "unseal": ("chief",)},
    layouts={"省平台": {"测井编号": "code", "测井名称": "name", "是否封存": "state"}},
    places=("area",), new_places=make_towns, check=_check,
    samples=(
        {"井号": "J-001", "井名": "北井", "所在镇街": "城北镇", "井深": "35.5", "成井日期": "2020-05-01", "看护人": "郑守井"},
        {"井号": "J-002", "井名": "南井", "所在镇街": "城南镇", "经度": "119.3", "纬度": "33.1", "看护人": "王望水"},
        {"井号": "J-003", "井名": "南边北管的井", "所在镇街": "城南镇", "负责镇街": "城北镇"},
    ),
    english={"监测井": "Monitoring wells", "封存": "Shut", "启用": "In use"}, docs="docs/adding-a-register.md",
)  # fmt: skip


class Firm(Row):
    """A row of the upper system's list."""

    code = models.CharField("编号", max_length=20, unique=True)
    name = models.CharField("名称", max_length=60)
    area = models.ForeignKey("accounts.Area", verbose_name="镇街", **ALONE)

    class Meta:
        app_label = "book"

    def __str__(self) -> str:
        return self.name


FIRMS = Book(
    code="upper-firms", model=Firm, name="上级企业名单", columns=("code", "name", "area"), form=("code", "name", "area"),
    lies="area", mirror="省平台", samples=({"编号": "U1", "名称": "上级甲", "镇街": "城北镇"}, {"编号": "U2", "名称": "上级乙"}),
)  # fmt: skip


class Site(Row):
    """A site whose list brings no number of its own: known again by its permit, else by its name."""

    number = models.CharField("编号", max_length=20, unique=True)
    name = models.CharField("单位名称", max_length=60)
    permit = models.CharField("许可证编号", max_length=30, blank=True)
    credit = models.CharField("信用代码", max_length=18, blank=True, validators=[MinLengthValidator(18)])
    area = models.ForeignKey("accounts.Area", verbose_name="镇街", **ALONE)
    lon = models.FloatField("经度", null=True, blank=True)
    seen_at = models.DateTimeField("巡查时间", null=True, blank=True)
    shape = models.JSONField("形状", null=True, blank=True)

    class Meta:
        app_label = "book"

    def __str__(self) -> str:
        return self.name


def next_number(values: Mapping[str, Any], is_taken: Callable[[str], bool]) -> str:
    return next(f"S{n}" for n in range(1, 10_000) if not is_taken(f"S{n}"))


SITES = Book(
    code="sites", model=Site, name="厂区", key=("number",), again=(("permit",), ("name",)), new_key=next_number,
    lenient=("credit",), columns=("number", "name", "credit"),
    form=("number", "name", "permit", "credit", "area", "lon", "seen_at", "shape"), lies="area",
    samples=({"单位名称": "甲厂", "许可证编号": "P1", "镇街": "城南镇"}, {"编号": "S9", "单位名称": "乙厂"}),
)  # fmt: skip
