"""Areas and organisations as books."""

from __future__ import annotations

from qingyuan.bureau.accounts.actions.tree import area_faults, tell_above
from qingyuan.bureau.accounts.models import Area, Organisation
from qingyuan.bureau.book import Book, Counter
from qingyuan.bureau.registers.actions.tree import settle_areas
from qingyuan.bureau.registers.books.keys import name_as_key

AREAS = Book(
    code="areas",
    model=Area,
    name="区域",
    purpose="县、镇街、网格、开发区和园区；边界在“导入边界”中画",
    again=(("name",),),
    new_key=name_as_key(20),
    columns=("code", "name", "kind", "above"),
    form=("code", "name", "kind", "above"),
    filters=("kind",),
    search=("name", "code"),
    order=("code",),
    headers={
        "code": ("行政区划代码", "区划代码", "编号"),
        "name": ("区域名称", "镇街名称", "镇街"),
        "kind": ("类别", "区域级别"),
        "above": ("上级", "所属区域", "所属区县"),
    },
    counters=(Counter("all", "区域"),),
    check=area_faults,
    prepare=tell_above,
    settle=settle_areas,
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
        "上级区域": "Lies in",
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
