"""Posts and leaves as books."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qingyuan.bureau.book import Book, Counter
from qingyuan.bureau.registers.books.keys import next_number
from qingyuan.bureau.registers.models import Leave, Post


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
