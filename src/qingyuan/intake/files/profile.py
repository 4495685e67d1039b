"""A mapping from a table's columns to canonical rows, saved as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

from qingyuan.intake.files.errors import PointNeededError, ProfileError
from qingyuan.readings import AIR_STATES
from qingyuan.rules import RuleBook, RulesError, rule_book

LAYOUTS = ("wide", "long", "stations")
STAMPS = ("opens", "closes", "instant")
GRAINS = ("raw", "minute", "hour", "day")
STATUSES = ("realtime", "audited", "issued")
KINDS = ("air", "weather", "water", "outlet")
MISSING = (
    "", "-", "--", "—", "——", "-99", "-99.0", "-99.000", "-999", "-9999", "-9999.0", "NA", "N/A", "NaN",
    "nan", "null", "NULL", "/", "*", "无", "缺测", "－", "未测", "无数据", "停测", "None", "#N/A",
)  # fmt: skip
VERSION = 1
ZONES = ("", "UTC", "ignore")
ORDERS = ("", "dmy", "mdy")


@dataclass(frozen=True)
class ColumnMap:
    """One value column: what it measures and in which unit the file gives it.

    `words` turns texts into numbers (a class, a wind direction); a number is then no longer expected.
    `decimals` are those the source prints, where the cells are no text that shows them. `state`: of air, "actual" or
    "standard".
    """

    column: str
    item: str
    unit: str
    statistic: str = "Avg"
    status: str = "realtime"
    decimals: int | None = None
    words: Mapping[str, float] = field(default_factory=dict)
    state: str = "actual"


@dataclass(frozen=True)
class FlagMap:
    """A column whose texts become flag letters of HJ 212; `other` stands for texts not listed."""

    column: str
    words: Mapping[str, str]
    other: str = ""


@dataclass(frozen=True)
class Profile:
    """How to read one kind of file.

    wide: one column per value (`columns`). long: an item column, a value column, and perhaps a unit column;
    then `columns` says what each text of the item column stands for. Times are Beijing civil time unless
    they carry a zone; `time_columns` (more than one: date and hour) are joined by a blank; `time_format` is
    of strptime, empty for the usual forms. `stamps`: the stamp opens or closes its interval, or is an
    instant (grain raw). The point comes from `point_columns`, joined by "/", or is `fixed_point`; a profile with neither
    has to be told the point of each file. stations: one column per station (`item_column` says what a row holds).

    `zone`: times without a zone are Beijing time (empty) or UTC; "ignore": a zone that is written is not meant.
    `date_order` (dmy, mdy) is of dates that end in their year. `unused_items`: texts of the item column that are left
    out on purpose. `sheet` and `header_row` (from 1; 0: found) say where the table lies.
    """

    name: str
    kind: str
    time_columns: tuple[str, ...]
    stamps: str
    grain: str
    columns: tuple[ColumnMap, ...]
    point_columns: tuple[str, ...] = ()
    fixed_point: str = ""
    name_column: str = ""
    layout: str = "wide"
    item_column: str = ""
    value_column: str = ""
    unit_column: str = ""
    time_format: str = ""
    flag: FlagMap | None = None
    attributes: tuple[str, ...] = ()
    missing: tuple[str, ...] = MISSING
    zone: str = ""
    date_order: str = ""
    unused_items: tuple[str, ...] = ()
    sheet: str = ""
    header_row: int = 0

    def to_json(self) -> str:
        """The profile as JSON text; `from_json` gives it back."""
        return json.dumps({"version": VERSION, **asdict(self)}, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """A saved profile. ProfileError when the text is no profile, or one that contradicts itself."""
        try:
            found = json.loads(text)
        except ValueError as error:
            raise ProfileError("JSON", f"不能解析的文本（{error}）", "导出的映射方案") from error
        if not isinstance(found, dict) or found.pop("version", None) != VERSION:
            raise ProfileError("version", "另一版本或缺失", str(VERSION))
        profile = cls._of(found)
        profile.check()
        return profile

    @classmethod
    def _of(cls, found: dict[str, Any]) -> Self:
        known = {entry.name for entry in fields(cls)}
        unknown = sorted(set(found) - known)
        if unknown:
            raise ProfileError(unknown[0], "不认识的项", "、".join(sorted(known)))
        try:
            parts: dict[str, Any] = {
                name: tuple(value) if isinstance(value, list) else value for name, value in found.items()
            }
            parts["columns"] = tuple(ColumnMap(**column) for column in found["columns"])
            parts["flag"] = FlagMap(**found["flag"]) if found.get("flag") else None
            return cls(**parts)
        except (TypeError, KeyError) as error:
            raise ProfileError("内容", str(error), "完整的映射方案") from error

    def check(self, book: RuleBook | None = None) -> None:
        """ProfileError with the first part that cannot be right."""
        book = rule_book() if book is None else book
        for part, value, allowed in (
            ("layout", self.layout, LAYOUTS),
            ("stamps", self.stamps, STAMPS),
            ("grain", self.grain, GRAINS),
            ("kind", self.kind, KINDS),
            ("zone", self.zone, ZONES),
            ("date_order", self.date_order, ORDERS),
        ):
            if value not in allowed:
                raise ProfileError(part, value, "、".join(allowed))
        if (self.stamps == "instant") != (self.grain == "raw"):
            raise ProfileError(
                "stamps", f"{self.stamps} 与 {self.grain}", "瞬时值用 instant 与 raw，均值用 opens 或 closes"
            )
        if not self.time_columns or not self.columns:
            raise ProfileError("columns", "没有时间列或数值列", "至少一个时间列和一个数值列")
        if self.point_columns and self.fixed_point:
            raise ProfileError("point", "点位列与固定点位", "二者之一")
        if self.layout == "long" and not (self.item_column and self.value_column):
            raise ProfileError("layout", "长表没有项目列或数值列", "item_column 和 value_column")
        if self.layout == "stations" and not self.item_column:
            raise ProfileError("layout", "站点作列的表没有项目列", "item_column")
        for column in self.columns:
            _check_column(column, book)

    @property
    def names_its_points(self) -> bool:
        """Whether the file, or somebody, says which point its values belong to."""
        return bool(self.point_columns or self.fixed_point or self.layout == "stations")

    def need_point(self) -> None:
        """ProfileError where nobody says which point the values belong to: there is no default point."""
        if not self.names_its_points:
            raise PointNeededError

    def used_columns(self) -> tuple[str, ...]:
        """The columns a file must have; value columns of a wide layout may be absent one by one."""
        if self.layout == "stations":
            return (*self.time_columns, self.item_column)
        own = (*self.time_columns, *self.point_columns)
        return (*own, self.item_column, self.value_column) if self.layout == "long" else own


def _check_column(column: ColumnMap, book: RuleBook) -> None:
    if column.status not in STATUSES:
        raise ProfileError(column.column, column.status, "、".join(STATUSES))
    if column.state not in AIR_STATES:
        raise ProfileError(column.column, column.state, "、".join(AIR_STATES))
    try:
        book.conversion(column.unit, book.item(column.item).unit)
    except RulesError as error:
        raise ProfileError(column.column, f"{column.item}，单位 {column.unit}", "已知的项目和可换算的单位") from error
