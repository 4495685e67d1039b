"""Firms as a book: a row a site."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qingyuan.bureau.book import Book, Counter, Layer
from qingyuan.bureau.registers.actions.bodies import give_bodies
from qingyuan.bureau.registers.actions.new_areas import make_areas
from qingyuan.bureau.registers.actions.waiting_outlets import match_waiting
from qingyuan.bureau.registers.books.keys import free_key
from qingyuan.bureau.registers.models import Enterprise


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
    settle=match_waiting,
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
