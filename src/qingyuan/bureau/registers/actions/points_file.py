"""Points from a list: stations and sections with their places, rosters and targets. Running it again changes nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import may, require
from qingyuan.bureau.accounts.queries.areas import county_box
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.coordinates import BadPositionError, read_position
from qingyuan.bureau.base.errors import BureauError, Invalid
from qingyuan.bureau.registers.actions.area_of import AreaFinder
from qingyuan.bureau.registers.actions.points_cells import (
    KINDS,
    MEDIA,
    POINT_COLUMNS,
    ROSTERS,
    STATION_KINDS,
    TARGET_KINDS,
    BadCell,
    class_of,
    columns_of,
    day_of,
    kind_by_headings,
    minutes_of,
    rows_of,
    word_of,
)
from qingyuan.bureau.registers.actions.put_points import change_point, put_outlet
from qingyuan.bureau.registers.actions.targets import put_in_roster, put_target
from qingyuan.bureau.registers.models import Outlet, Point, RosterEntry, Section, SectionTarget, Station
from qingyuan.intake.files import open_table
from qingyuan.intake.files.synonyms import body_of

LONGEST = {"code": 60, "name": 100, "basis": 200}


@dataclass
class PointsReport:
    """What a list of points did, or would do: how many are new, changed, the same; cells that were refused."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    rosters: int = 0
    targets: int = 0
    dry_run: bool = False
    kind_guessed: str = ""
    unused: list[str] = field(default_factory=list)
    no_area: list[str] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)

    @property
    def good(self) -> int:
        """Rows that were taken."""
        return self.new + self.changed + self.same


@dataclass(frozen=True)
class PointsChoice:
    """What holds for every row that does not say it itself: kind, roster and its days."""

    kind: str = ""
    roster: str = ""
    since: date | None = None
    until: date | None = None


def import_points(
    actor: User | None,
    path: Path,
    dry_run: bool = False,
    choice: PointsChoice | None = None,
    *,
    sheet: str = "",
    header_row: int = 0,
) -> PointsReport:
    """Take a list of points in (CSV, Excel, GeoJSON, KML). Rows with a wrong cell are told and left out.

    Raises Invalid when there is no column of codes or names, or the kind cannot be told; NotATableError for a bad file.
    """
    require(actor, "manage_points")
    choice = choice or PointsChoice()
    table = open_table(path, sheet=sheet or None, header_row=header_row or None)
    columns = columns_of(table.frame.columns, POINT_COLUMNS)
    if "code" not in columns and "name" not in columns:
        raise Invalid(
            f"缺少列：点位编码 或 点位名称；得到列：{'、'.join(table.frame.columns[:20])}。"
            "可用 `qingyuan points template` 取得样表",
            "file",
        )
    guessed = "" if choice.kind or "kind" in columns else kind_by_headings(table.frame.columns)
    report = PointsReport(rows=len(table.frame), dry_run=dry_run, kind_guessed=guessed)
    report.unused = [name for name in table.frame.columns if name not in columns.values()]
    keeper = _Keeper(actor, choice, guessed, report)
    with transaction.atomic():
        for number, row in rows_of(table, columns):
            keeper.take(number, row)
        if not dry_run:
            words = f"导入点位 {path.name}：新增 {report.new}、改动 {report.changed}，{len(report.errors)} 处有误"
            record(actor, "points.import", f"file:{path.name[:60]}", words)
        transaction.set_rollback(dry_run)
    return report


def register_point(actor: User | None, row: Mapping[str, str]) -> Point:
    """Enter one point by hand, as a row of a list would: the keys of `POINT_COLUMNS`, empty ones left out or "".

    Raises Invalid with the field that is wrong, or where the code is taken; NotAllowed.
    """
    require(actor, "manage_points")
    code = row.get("code", "").strip() or row.get("name", "").strip()
    if Point.objects.filter(code=code).exists():
        raise Invalid(f"点位编码“{code}”已登记；更正请用清单导入", "code")
    keeper = _Keeper(actor, PointsChoice(), "", PointsReport(rows=1))
    with transaction.atomic():
        try:
            keeper.put(1, {key: text.strip() for key, text in row.items()})
        except BadCell as bad:
            column = POINT_COLUMNS[bad.column][0][0]
            raise Invalid(f"{column}：得到“{bad.got}”，应为 {bad.expected}", bad.column) from bad
        point = Point.objects.get(code=code)
        require(actor, "manage_points", point.answering_id)
        record(actor, "points.import", point, f"登记点位 {point.code} {point.name}")
    return point


class _Keeper:
    """Puts one row after another into the register."""

    def __init__(self, actor: User | None, choice: PointsChoice, guessed: str, report: PointsReport) -> None:
        self._actor, self._choice, self._guessed, self._report = actor, choice, guessed, report
        self._areas, self._box = AreaFinder(), county_box()
        self._seen: dict[str, int] = {}

    def take(self, number: int, row: dict[str, str]) -> None:
        """One row, whole or not at all."""
        report = self._report
        counts = {"rosters": 0, "targets": 0}
        try:
            with transaction.atomic():
                outcome = self.put(number, row, counts)
        except BadCell as bad:
            column = POINT_COLUMNS[bad.column][0][0]
            report.errors.append({"row": number, "column": column, "got": bad.got, "expected": bad.expected})
            return
        except BureauError as error:
            report.errors.append(
                {"row": number, "column": "", "got": row.get("code") or row.get("name"), "expected": str(error)}
            )
            return
        setattr(report, outcome, getattr(report, outcome) + 1)
        report.rosters += counts["rosters"]
        report.targets += counts["targets"]

    def put(self, number: int, row: dict[str, str], counts: dict[str, int] | None = None) -> str:
        """Enter a row; new, changed or same. Raises BadCell for a cell that cannot be taken."""
        counts = counts if counts is not None else {"rosters": 0, "targets": 0}
        code = row.get("code") or row.get("name", "")
        if not code:
            raise BadCell("code", "空", "点位编码或名称")
        for key, most in LONGEST.items():
            if len(row.get(key, "")) > most:
                raise BadCell(key, row[key][:40], f"至多 {most} 个字符")
        if code in self._seen:
            raise BadCell("code", code, f"每个点位一行；第 {self._seen[code]} 行已有")
        self._seen[code] = number
        point = Point.objects.select_related("area").filter(code=code).first()
        if point is not None and self._actor is not None and not may(self._actor, "manage_points", point.answering_id):
            raise BadCell("code", code, "您可以维护的点位")
        outcome = "same" if point else "new"
        values = self._values(row, point)
        self._check_reach(row, point, values)
        if point is None:
            point = self._new(row, code, {"name": code} | values)
        else:
            differing = {name: value for name, value in values.items() if getattr(point, name) != value}
            if differing:
                outcome = "changed"
                self._change(point, differing)
        changed = self._put_own(row, point)
        changed |= self._put_roster(row, point, counts)
        changed |= self._put_target(row, point, counts)
        return "changed" if changed and outcome == "same" else outcome

    def _check_reach(self, row: Mapping[str, str], point: Point | None, values: Mapping[str, Any]) -> None:
        """Who keeps the points of some areas makes none elsewhere, and gives none away. Raises BadCell."""
        held: dict[str, Any] = {"area": point.area, "answers": point.answers} if point else {}
        held |= values
        area = held.get("answers") or held.get("area")
        if self._actor is not None and not may(self._actor, "manage_points", area.pk if area else None):
            raise BadCell(
                "answers" if held.get("answers") else "area", area.name if area else "", "您可以维护点位的区域"
            )

    def _new(self, row: Mapping[str, str], code: str, values: dict[str, Any]) -> Point:
        """A point that was not there; an outlet whose medium the list says comes through its book."""
        medium = word_of(row, "kind", MEDIA, strict=False)
        if values["kind"] != Point.Kind.OUTLET or not medium:
            return Point.objects.create(code=code, **values)
        outlet = put_outlet(self._actor, None, {"code": code, "medium": medium} | _of_outlet(values))
        change_point(outlet.point, {name: values[name] for name in ("expected_minutes",) if name in values})
        return outlet.point

    def _change(self, point: Point, values: dict[str, Any]) -> None:
        outlet = Outlet.objects.filter(point=point).first()
        if outlet is not None and (own := _of_outlet(values)):
            put_outlet(self._actor, outlet, own)
            point.refresh_from_db()
            values = {name: value for name, value in values.items() if name not in own}
        change_point(point, values)

    def _values(self, row: dict[str, str], point: Point | None) -> dict[str, Any]:
        """The fields of the point itself; an empty cell leaves what is there."""
        values: dict[str, Any] = {}
        kind = word_of(row, "kind", KINDS) or self._choice.kind or (point.kind if point else self._guessed)
        if not kind:
            raise BadCell("kind", "空", "空气站、断面、排放口之一；没有这一列时另选点位类别")
        if point is not None and point.kind not in {kind, Point.Kind.UNKNOWN}:
            raise BadCell("kind", kind, f"点位 {point.code} 已登记为{point.get_kind_display()}")
        values["kind"] = kind
        if row.get("name"):
            values["name"] = row["name"]
        try:
            lon, lat = read_position(row.get("lon") or row.get("position", ""), row.get("lat", ""), self._box)
        except BadPositionError as error:
            raise BadCell("lon", error.got, error.expected) from error
        if lon is not None and lat is not None:
            values |= {"lon": lon, "lat": lat}
        area = self._areas.find(row, lon, lat)
        if area is not None:
            values["area"] = area
        elif point is None or point.area_id is None:
            self._report.no_area.append(row.get("code") or row.get("name", ""))
        if row.get("answers"):
            values["answers"] = self._areas.find({"area": row["answers"]}, None, None)
        for key in ("active_from", "active_to"):
            if row.get(key):
                values[key] = day_of(row, key)
        if (minutes := minutes_of(row, "expected_minutes")) is not None:
            values["expected_minutes"] = minutes
        return values

    def _put_own(self, row: dict[str, str], point: Point) -> bool:
        """The station or the section of the point."""
        if point.kind == Point.Kind.AIR:
            kind = word_of(row, "station_kind", STATION_KINDS)
            station, is_new = Station.objects.get_or_create(
                point=point, defaults={"kind": kind or Station.Kind.STANDARD}
            )
            if is_new or not kind or station.kind == kind:
                return is_new
            station.kind = kind
            station.save(update_fields=["kind"])
            return True
        if point.kind != Point.Kind.WATER:
            return False
        body = body_of(row.get("body", ""))
        if row.get("body") and not body:
            raise BadCell("body", row["body"], "河流 或 湖库")
        section, is_new = Section.objects.get_or_create(point=point, defaults={"body": body or "river"})
        if is_new or not body or section.body == body:
            return is_new
        section.body = body
        section.save(update_fields=["body"])
        return True

    def _put_roster(self, row: dict[str, str], point: Point, counts: dict[str, int]) -> bool:
        roster = word_of(row, "roster", ROSTERS) or self._choice.roster
        since = day_of(row, "roster_from") or self._choice.since
        until = day_of(row, "roster_to") or self._choice.until
        if not roster and since and point.kind == Point.Kind.AIR:
            roster = RosterEntry.Roster.COUNTY_AIR
        if not roster:
            return False
        if since is None:
            raise BadCell("roster_from", "空", "列入名册的起始日期，如 2026-01-01")
        old = RosterEntry.objects.filter(roster=roster, point=point, valid_from=since).first()
        if old is not None and old.valid_to == until:
            return False
        put_in_roster(self._actor, point, roster, since, until, row.get("basis", ""))
        counts["rosters"] += 1
        return True

    def _put_target(self, row: dict[str, str], point: Point, counts: dict[str, int]) -> bool:
        if not row.get("target"):
            return False
        if point.kind != Point.Kind.WATER:
            raise BadCell("target", row["target"], "只有断面有水质目标；其他点位请留空")
        wanted = class_of(row["target"])
        kind = word_of(row, "target_kind", TARGET_KINDS) or SectionTarget.Kind.ASSESSMENT
        since = day_of(row, "target_from") or date(2021, 1, 1)
        old = SectionTarget.objects.filter(section__point=point, kind=kind, valid_from=since).first()
        if old is not None and old.water_class == wanted:
            return False
        put_target(self._actor, point, kind, wanted, since, row.get("basis", ""))
        counts["targets"] += 1
        return True


def _of_outlet(values: Mapping[str, Any]) -> dict[str, Any]:
    """What an outlet's own book keeps of the values of its point."""
    kept = ("name", "lon", "lat", "area", "answers", "active_from", "active_to")
    return {name: getattr(values[name], "pk", values[name]) for name in kept if name in values}
