"""Areas, organisations with their posts and leaves, and firms as books."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from qingyuan.bureau.accounts.actions.tree import place_areas
from qingyuan.bureau.accounts.models import Area, Organisation
from qingyuan.bureau.book import Book, Counter, Layer
from qingyuan.bureau.registers.actions.bodies import give_bodies
from qingyuan.bureau.registers.actions.new_areas import make_areas
from qingyuan.bureau.registers.models import Enterprise, Leave, Post


def name_as_key(most: int) -> Callable[[Mapping[str, Any], Callable[[str], bool]], str]:
    """The key of a row that brings none: its name, with a number where another row has it."""

    def key(values: Mapping[str, Any], is_taken: Callable[[str], bool]) -> str:
        return free_key(str(values.get("name") or ""), most, is_taken)

    return key


def free_key(word: str, most: int, is_taken: Callable[[str], bool]) -> str:
    """The word itself where no row has it, else the word with the next number."""
    found, number = word[:most], 1
    while is_taken(found):
        number += 1
        found = f"{word[: most - len(str(number)) - 1]}-{number}"
    return found


AREAS = Book(
    code="areas",
    model=Area,
    name="区域",
    purpose="县、镇街、网格、开发区和园区；边界在“导入边界”中画",
    again=(("name",),),
    new_key=name_as_key(20),
    columns=("code", "name", "kind"),
    form=("code", "name", "kind"),
    filters=("kind",),
    search=("name", "code"),
    order=("code",),
    headers={
        "code": ("行政区划代码", "区划代码", "编号"),
        "name": ("区域名称", "镇街名称", "镇街"),
        "kind": ("类别", "区域级别"),
    },
    counters=(Counter("all", "区域"),),
    settle=place_areas,
    samples=(
        {"代码": "321299101", "名称": "云沚经济开发区", "级别": "开发区、园区"},
        {"代码": "321299102", "名称": "城东镇", "级别": "镇（街道）"},
    ),
    english={
        "县、镇街、网格、开发区和园区；边界在“导入边界”中画": "County, towns, grids, zones, parks; boundaries come by file",
        "区域": "Areas",
        "代码": "Code",
        "名称": "Name",
        "级别": "Level",
        "开发区、园区": "Zone or park",
    },
    docs="docs/adding-a-register.md",
)
ORGANISATIONS = Book(
    code="organisations",
    model=Organisation,
    name="单位",
    purpose="本局及科室、镇街、企业法人、运维单位、上级部门",
    again=(("name",),),
    new_key=name_as_key(40),
    columns=("code", "name", "kind", "area", "parent"),
    form=("code", "name", "kind", "area", "parent"),
    filters=("kind", "area"),
    search=("name", "code"),
    order=("code",),
    headers={
        "code": ("统一社会信用代码", "信用代码", "单位代码", "编号"),
        "name": ("单位名称", "机构名称"),
        "kind": ("单位类别",),
        "area": ("所在区域", "镇街", "所属镇街"),
    },
    lies="area",
    owners=("pk",),
    counters=(Counter("all", "单位"),),
    samples=(
        {"代码": "91350100M000100Y43", "名称": "甲水泥有限公司", "类别": "企业", "区域": "城南镇"},
        {"代码": "CB-O", "名称": "城北镇政府", "类别": "镇街", "区域": "城北镇"},
    ),
    english={
        "本局及科室、镇街、企业法人、运维单位、上级部门": "The bureau, its parts, town offices, legal bodies, O&M companies",
        "单位": "Organisations",
        "代码": "Code",
        "名称": "Name",
        "类别": "Kind",
        "区域": "Area",
        "上级单位": "Part of",
    },
    docs="docs/adding-a-register.md",
)


def site_key(values: Mapping[str, Any], is_taken: Callable[[str], bool]) -> str:
    """The key of a site that brings none: the credit code, with a number for the second site of it, else the name."""
    return free_key(str(values.get("credit_code") or values.get("name") or ""), 40, is_taken)


ENTERPRISES = Book(
    code="enterprises",
    model=Enterprise,
    name="企业",
    purpose="企事业单位的各个厂址：一个法人可有几处，一处一行",
    again=(("permit",), ("credit_code", "name"), ("name",)),
    new_key=site_key,
    lenient=("credit_code",),
    columns=("name", "area", "answers", "credit_code", "permit", "industry", "permit_class", "key_unit"),
    form=(
        "code",
        "name",
        "credit_code",
        "permit",
        "area",
        "answers",
        "address",
        "industry",
        "permit_class",
        "key_unit",
        "lon",
        "lat",
    ),
    filters=("area", "answers", "industry", "permit_class"),
    search=("name", "code", "credit_code", "permit"),
    order=("code",),
    headers={
        "code": ("企业编号", "单位编号"),
        "name": ("企事业单位名称", "企业名称", "排污单位名称", "污染源名称", "单位", "企业", "名称"),
        "credit_code": ("信用代码", "社会信用代码", "组织机构代码"),
        "permit": ("许可证编号", "排污许可证号", "排污许可证编码", "许可证号"),
        "area": (
            "所在镇街",
            "所属镇街",
            "镇街",
            "乡镇",
            "街道",
            "区域",
            "所在行政区域",
            "行政区域",
            "所在区县",
            "区县",
        ),
        "answers": ("负责镇街", "管辖镇街", "责任区域", "监管区域", "属地"),
        "address": ("单位地址", "企业地址", "生产经营场所地址", "生产地址", "详细地址"),
        "industry": ("所属行业", "行业类别", "行业名称"),
        "permit_class": ("排污许可管理类别", "管理类别"),
        "key_unit": ("名录类别", "重点排污单位类别", "类别"),
    },
    lies="area",
    answers="answers",
    owners=("organisation",),
    layer=Layer(),
    counters=(Counter("all", "企业"),),
    rights={"edit": ("chief", "monitoring", "town", "system_admin", "setup")},
    places=("area", "answers"),
    new_places=make_areas,
    prepare=give_bodies,
    samples=(
        {
            "单位名称": "甲水泥有限公司",
            "统一社会信用代码": "91350100M000100Y43",
            "排污许可证编号": "XK1",
            "所在区域": "城南镇",
        },
        {
            "单位名称": "甲水泥有限公司",
            "统一社会信用代码": "91350100M000100Y43",
            "排污许可证编号": "XK2",
            "所在区域": "城北镇",
        },
        {"单位名称": "南边北管的厂", "所在区域": "城南镇", "负责区域": "城北镇", "经度": "119.2", "纬度": "33.3"},
    ),
    english={
        "企事业单位的各个厂址：一个法人可有几处，一处一行": "Sites of firms: a legal body may have several, a row each",
        "企业": "Firms",
        "编号": "Code",
        "单位名称": "Name",
        "统一社会信用代码": "Credit code",
        "排污许可证编号": "Permit number",
        "所在区域": "Lies in",
        "负责区域": "Answered for by",
        "地址": "Address",
        "行业": "Industry",
        "许可管理类别": "Permit class",
        "重点单位类别": "Key unit for",
        "经度": "Longitude",
        "纬度": "Latitude",
    },
    docs="docs/adding-a-register.md",
)


def next_number(letter: str) -> Callable[[Mapping[str, Any], Callable[[str], bool]], str]:
    """The key of a row that has no number of its own: the next one that is free."""
    return lambda values, is_taken: next(key for n in count(1) if not is_taken(key := f"{letter}{n}"))


def in_order(values: Mapping[str, Any]) -> dict[str, str]:
    """A row that ends before it begins, or a person who stands in for himself."""
    since, until = values.get("since"), values.get("until")
    wrong = {"until": f"“止”：得到 {until}，应晚于“起” {since}"} if since and until and until <= since else {}
    if values.get("deputy") and values.get("deputy") == values.get("person"):
        wrong["deputy"] = "“代理人”：得到本人，应为另一人"
    return wrong


POSTS = Book(
    code="posts",
    model=Post,
    name="任职",
    purpose="谁在哪个单位任什么职，谁代理",
    again=(("organisation", "person", "title", "since"),),
    new_key=next_number("R"),
    columns=("organisation", "person", "title", "is_head", "deputy", "since", "until"),
    form=("code", "organisation", "person", "title", "is_head", "deputy", "since", "until"),
    filters=("organisation", "is_head"),
    search=("title", "code"),
    headers={
        "organisation": ("所在单位", "部门", "科室"),
        "person": ("姓名",),
        "since": ("任职日期",),
        "until": ("免职日期",),
    },
    lies="organisation__area",
    owners=("organisation",),
    since="since",
    until="until",
    counters=(Counter("all", "任职"),),
    rights={"edit": ("chief",)},
    check=in_order,
    samples=(
        {"单位": "ENF", "人员": "officer", "职务": "大队长", "主要负责人": "是", "代理人": "chief", "起": "2026-01-01"},
        {"单位": "S-O", "人员": "south", "职务": "环保助理", "起": "2026-03-01", "止": "2027-03-01"},
    ),
    english={
        "任职": "Posts",
        "谁在哪个单位任什么职，谁代理": "Who holds which post, and who stands in",
        "单位": "Organisation",
        "编号": "Code",
        "人员": "Person",
        "职务": "Title",
        "主要负责人": "Head",
        "代理人": "Deputy",
        "起": "From",
        "止": "To",
    },
    docs="docs/adding-a-register.md",
)
LEAVES = Book(
    code="leaves",
    model=Leave,
    name="请假",
    purpose="谁从何日到何日不在，由谁代理",
    again=(("person", "since"),),
    new_key=next_number("L"),
    columns=("person", "since", "until", "deputy", "note"),
    form=("code", "person", "since", "until", "deputy", "note"),
    filters=("person",),
    search=("note", "code"),
    headers={"person": ("姓名",), "since": ("开始日期",), "until": ("结束日期",), "note": ("事由",)},
    lies="person__organisation__area",
    owners=("person__organisation",),
    since="since",
    until="until",
    counters=(Counter("all", "请假"),),
    rights={"edit": ("chief",)},
    check=in_order,
    samples=(
        {"人员": "officer", "起": "2026-12-01", "止": "2026-12-05", "代理人": "chief", "说明": "年休假"},
        {"人员": "south", "起": "2026-12-02", "止": "2026-12-03"},
    ),
    english={
        "请假": "Leaves",
        "谁从何日到何日不在，由谁代理": "Who is away from when to when, and who stands in",
        "编号": "Code",
        "人员": "Person",
        "代理人": "Deputy",
        "说明": "Note",
        "起": "From",
        "止": "To",
    },
    docs="docs/adding-a-register.md",
)
