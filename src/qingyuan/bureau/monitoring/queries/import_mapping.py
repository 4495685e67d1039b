"""The mapping screen: from a proposal to rows of the form, from the filled form to a mapping."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from qingyuan.bureau.base import display
from qingyuan.bureau.monitoring.queries.imports import preview
from qingyuan.intake.files import Profile
from qingyuan.intake.files.profile import VERSION
from qingyuan.rules import rule_book

ROLES = (
    ("", _("不导入")),
    ("time", _("时间")),
    ("point", _("点位代码")),
    ("name", _("点位名称")),
    ("item", _("项目名（长表）")),
    ("value", _("数值（长表）")),
    ("unit", _("单位（长表）")),
)
STAMPS = (("opens", _("时段开始")), ("closes", _("时段结束")), ("instant", _("瞬时")))
GRAINS = (("hour", _("小时")), ("day", _("日")), ("minute", _("分钟")), ("raw", _("瞬时（原始）")))
NOTHING: dict[str, Any] = {
    "version": VERSION,
    "name": "",
    "kind": "air",
    "time_columns": [],
    "stamps": "opens",
    "grain": "hour",
    "columns": [],
}
ZONES = (("", _("北京时间")), ("UTC", _("世界时（UTC、GMT）")), ("ignore", _("写了时区，其实是北京时间")))
ORDERS = (("", _("由数据看出")), ("dmy", _("日/月/年")), ("mdy", _("月/日/年")))
KINDS = (("air", _("空气")), ("weather", _("气象")), ("water", _("地表水")), ("outlet", _("排放口")))


@dataclass(frozen=True)
class ColumnRow:
    """One column of the file on the screen: what it is taken for, and its first values."""

    number: int
    column: str
    role: str
    unit: str
    samples: list[str]


def open_preview(path: Path, given: Mapping[str, Any] | None = None) -> tuple[dict[str, Any], str]:
    """What the screen shows of a file, and why nothing could be guessed (empty when it could)."""
    shown = preview(path, given)
    shown["proposal"] = shown["proposal"] or dict(NOTHING)
    return shown, shown["problem"]


def given_of(form: Mapping[str, str]) -> dict[str, Any]:
    """Which sheet and which row of it is the header, as the screen asks."""
    row = form.get("header_row", "")
    return {"sheet": form.get("sheet", ""), "header_row": int(row) if row.isdecimal() and len(row) < 6 else 0}


def check(mapping: Mapping[str, Any]) -> None:
    """Raise ProfileError with the first part that cannot be right."""
    Profile.from_json(json.dumps(mapping)).need_point()


def item_choices() -> list[tuple[str, str]]:
    """Every item of the rule book: `is:<item>` and its name."""
    return [(f"is:{name}", display.item_name(name)) for name in rule_book().items]


def column_rows(preview: Mapping[str, Any], mapping: Mapping[str, Any]) -> list[ColumnRow]:
    """The columns with the roles that a mapping gives them."""
    roles: dict[str, str] = {}
    for role, names in (
        ("time", mapping["time_columns"]),
        ("name", (mapping.get("name_column"),)),
        ("point", mapping.get("point_columns", ())),
        ("item", (mapping.get("item_column"),)),
        ("value", (mapping.get("value_column"),)),
        ("unit", (mapping.get("unit_column"),)),
    ):
        roles |= {name: role for name in names if name}
    wide = {c["column"]: c for c in mapping["columns"]} if mapping.get("layout", "wide") == "wide" else {}
    rows = []
    for number, column in enumerate(preview["columns"]):
        known = wide.get(column)
        role = f"is:{known['item']}" if known else roles.get(column, "")
        samples = [row[number] for row in preview["rows"][:3]]
        rows.append(ColumnRow(number, column, role, known["unit"] if known else "", samples))
    return rows


def mapping_of(form: Mapping[str, str], preview: Mapping[str, Any], proposal: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping that the filled form says. What the screen does not ask about stays as proposed."""
    taken: dict[str, list[str]] = {}
    columns = []
    proposed = {c["column"]: c for c in proposal["columns"]}
    book = rule_book()
    for number, column in enumerate(preview["columns"]):
        role = form.get(f"role-{number}", "")
        if role.startswith("is:"):
            item = role.removeprefix("is:")
            unit = form.get(f"unit-{number}", "").strip() or book.item(item).unit
            kept = proposed.get(column, {})
            columns.append({**kept, "column": column, "item": item, "unit": unit})
        elif role:
            taken.setdefault(role, []).append(column)
    is_long = "item" in taken and "value" in taken
    layout = "long" if is_long else "wide"
    if proposal.get("layout") == "stations" and "item" in taken and not taken.get("point") and not columns:
        layout = "stations"
    stamps = form.get("stamps", "opens")
    return {
        **proposal,
        "name": form.get("name", "").strip() or proposal["name"],
        "kind": form.get("kind", proposal["kind"]),
        "time_columns": taken.get("time", []),
        "time_format": form.get("time_format", "").strip(),
        "stamps": stamps,
        "grain": "raw" if stamps == "instant" else form.get("grain", "hour"),
        "point_columns": taken.get("point", []),
        "fixed_point": "" if taken.get("point") or layout == "stations" else form.get("fixed_point", "").strip(),
        "name_column": next(iter(taken.get("name", [])), "") or _name_among(taken.get("point", []), proposal),
        "layout": layout,
        "zone": form.get("zone", proposal.get("zone", "")),
        "date_order": form.get("date_order", "") or proposal.get("date_order", ""),
        "sheet": form.get("sheet", ""),
        "header_row": given_of(form)["header_row"],
        "item_column": taken["item"][0] if layout != "wide" else "",
        "value_column": taken["value"][0] if is_long else "",
        "unit_column": next(iter(taken.get("unit", [])), "") if is_long else "",
        "columns": list(proposal["columns"]) if layout != "wide" else columns,
    }


def _name_among(points: list[str], proposal: Mapping[str, Any]) -> str:
    """A column that is part of the code and the name at once (province and section) stays the name."""
    name = str(proposal.get("name_column") or "")
    return name if name in points else ""
