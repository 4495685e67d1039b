"""Outlets as a book."""

from __future__ import annotations

from django.db.models import Q

from qingyuan.bureau.book import Book, Counter, Filter, Layer
from qingyuan.bureau.registers.actions.new_firms import make_firms
from qingyuan.bureau.registers.actions.outlet_points import give_points, outlet_faults
from qingyuan.bureau.registers.actions.waiting_outlets import match_waiting
from qingyuan.bureau.registers.models import Outlet

WAITING = Q(enterprise=None) & ~Q(firm_name="", firm_code="", firm_permit="")
"""Outlets whose firm is not registered yet."""


OUTLETS = Book(
    code="outlets",
    model=Outlet,
    name="排放口",
    purpose="企业的废气、废水排放口；读数、限值、设备都记在排放口上",
    columns=(
        "code",
        "name",
        "enterprise",
        "firm_name",
        "medium",
        "area",
        "answers",
        "operator",
        "active_from",
        "active_to",
    ),
    form=(
        "code",
        "name",
        "enterprise",
        "firm_name",
        "firm_code",
        "firm_permit",
        "medium",
        "area",
        "answers",
        "operator",
        "lon",
        "lat",
        "reference_o2",
        "receiving_node",
        "industry_key",
        "active_from",
        "active_to",
    ),
    filters=("medium", "answers", "operator", Filter("waiting", "企业待匹配", lambda today: WAITING)),
    search=("name", "code", "firm_name"),
    order=("code",),
    headers={
        "code": ("点位编号", "排口编号", "排放口代码", "站点编号", "编号"),
        "name": ("点位名称", "排口名称", "站点名称", "名称"),
        "enterprise": ("企业名称", "单位名称", "排污单位名称", "企事业单位名称", "污染源名称", "单位"),
        "firm_code": ("统一社会信用代码", "信用代码"),
        "firm_permit": ("排污许可证编号", "许可证编号"),
        "medium": ("排放口类型", "排放口类别", "点位类别", "类别", "类型"),
        "area": ("镇街", "所在镇街", "区域"),
        "answers": ("负责镇街", "责任区域", "属地"),
        "operator": ("运维公司", "运维商"),
        "reference_o2": ("基准氧含量",),
        "receiving_node": ("受纳水体",),
        "active_from": ("启用日期",),
        "active_to": ("停用日期",),
    },
    lies="area enterprise__area",
    answers="answers enterprise__answers",
    owners=("enterprise__organisation", "operator"),
    since="active_from",
    until="active_to",
    layer=Layer(),
    counters=(Counter("all", "排放口"), Counter("waiting", "企业待匹配", lambda today: WAITING)),
    waits={"enterprise": "firm_name"},
    places=("enterprise",),
    new_places=make_firms,
    check=outlet_faults,
    prepare=give_points,
    settle=match_waiting,
    samples=(
        {
            "排放口编号": "DA001",
            "排放口名称": "窑尾排气筒",
            "企业": "甲水泥有限公司",
            "介质": "废气",
            "启用": "2026-01-01",
        },
        {"排放口编号": "DW001", "排放口名称": "总排口", "企业": "尚未登记的厂", "介质": "废水", "所在区域": "城南镇"},
    ),
    english={
        "排放口": "Outlets",
        "企业的废气、废水排放口；读数、限值、设备都记在排放口上": "Outlets of firms; readings, limits, devices stand at them",
        "排放口编号": "Code",
        "排放口名称": "Name",
        "企业": "Firm",
        "待匹配的企业": "Firm as a list names it",
        "待匹配的信用代码": "Its credit code as a list says",
        "待匹配的许可证": "Its permit as a list says",
        "企业待匹配": "Waiting for their firm",
        "介质": "Medium",
        "所在区域": "Lies in",
        "负责区域": "Answered for by",
        "运维单位": "O&M company",
        "经度": "Longitude",
        "纬度": "Latitude",
        "基准氧含量 %": "Reference oxygen %",
        "受纳水体节点": "Receiving node",
        "评判口径": "Judged as",
        "启用": "In use from",
        "停用": "Out of use from",
    },
    docs="docs/adding-a-register.md",
)
