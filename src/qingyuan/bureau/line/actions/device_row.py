"""One row of the list of devices: a factor of a device at a point, with its firm and its limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qingyuan import clock
from qingyuan.bureau.accounts.models import Area, User
from qingyuan.bureau.accounts.policies.rights import require
from qingyuan.bureau.line.actions.device_cells import (
    AVERAGING,
    KIND_OF_ST,
    KINDS,
    LONG_AGO,
    LONGEST_INTERVAL,
    LONGEST_PLAN,
    USUAL_MINUTES,
    BadDeviceCell,
    area_in,
    checked,
    date_in,
    decimal_in,
    number_in,
    position,
)
from qingyuan.bureau.line.actions.plan import plan_by_device
from qingyuan.bureau.line.models import Channel, Device
from qingyuan.bureau.registers.actions.enterprises import put_enterprise
from qingyuan.bureau.registers.actions.put_points import (
    find_or_make_point,
    make_section,
    make_town_station,
    put_in_use,
    put_outlet,
)
from qingyuan.bureau.registers.models import Enterprise, Outlet, Point
from qingyuan.bureau.registers.queries.sites import FirmWords, read_code, sites_meant
from qingyuan.bureau.values.actions.put_limit import put_limit


@dataclass
class DevicesReport:
    """What an import of a device list did, row by row where it failed (row numbers as in the file)."""

    rows: int = 0
    good: int = 0
    devices: int = 0
    channels: int = 0
    limits: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    dry_run: bool = False

    def note(self, words: str) -> None:
        """Tell something once, however many factors of the outlet say it."""
        if words not in self.notes:
            self.notes.append(words)


class DeviceRow:
    """One row of the list: a factor of a device at a point."""

    def __init__(
        self, actor: User | None, number: int, row: Mapping[str, str], report: DevicesReport, new_places: bool
    ) -> None:
        self._actor, self._number, self._row, self._report = actor, number, row, report
        self._new_places = new_places

    def put(self, seen: dict[str, set[str]]) -> None:
        """Enter point, device, channel and limit. Raises BadDeviceCell, BureauError."""
        row, factor, mn = self._row, checked(self._row), self._row["mn"]
        kind_text = row.get("kind") or KIND_OF_ST.get(row.get("st", ""), "")
        if kind_text not in KINDS:
            raise BadDeviceCell(
                "kind", kind_text or "空", "、".join(k for k in KINDS if not k.isascii()) + "，或填写 ST"
            )
        kind, medium = KINDS[kind_text]
        outlet = self._outlet(medium) if kind == Point.Kind.OUTLET else None
        point = outlet.point if outlet else self._point(kind)
        require(self._actor, "manage_points", point.answering_id)
        if point.kind not in {kind, Point.Kind.UNKNOWN}:
            raise BadDeviceCell("kind", kind_text, f"点位 {point.code} 已登记为{point.get_kind_display()}")
        self._put_use(point)
        if (expected := number_in(row, "expected")) is not None and not 0 < expected <= LONGEST_PLAN:
            raise BadDeviceCell("expected", row["expected"], f"大于 0、不超过 {LONGEST_PLAN} 的分钟数")
        plan_by_device(point, int(expected) if expected else None)
        device = _put_device(row, mn, point)
        seen["devices"].add(mn)
        Channel.objects.update_or_create(
            device=device, factor_code=factor.code, defaults={"point": point, "item": factor.item, "unit": factor.unit}
        )
        seen["channels"].add(f"{mn}/{factor.code}")
        if row.get("upper") or row.get("lower"):
            if outlet is None:
                raise BadDeviceCell(
                    "upper", row.get("upper") or row.get("lower") or "", "只有排放口有限值；其他点位请留空"
                )
            _put_limit(row, outlet, factor.item, factor.unit)
            seen["limits"].add(f"{point.code}/{factor.item}")

    def _code(self) -> str:
        return self._row.get("point") or self._row["mn"]

    def _place(self) -> dict[str, Any]:
        lon, lat = position(self._row)
        return {"area": area_in(self._row, "area"), "answers": area_in(self._row, "answers"), "lon": lon, "lat": lat}

    def _point(self, kind: str) -> Point:
        """The station, section or meter."""
        point = find_or_make_point(self._code(), self._row.get("name") or self._code(), kind, **self._place())
        if kind == Point.Kind.AIR:
            make_town_station(point)
        if kind == Point.Kind.WATER:
            make_section(point)
        return point

    def _outlet(self, medium: str) -> Outlet:
        """The outlet with its point; one that has no firm yet gets it."""
        values = {name: value.pk if isinstance(value, Area) else value for name, value in self._place().items()}
        values |= {"name": self._row.get("name") or self._code(), "medium": medium}
        values |= {"reference_o2": number_in(self._row, "reference_o2")}
        known = Outlet.objects.select_related("point").filter(code=self._code()).first()
        firm = self._firm() if known is None or known.enterprise_id is None else {}
        if known is None:
            return put_outlet(self._actor, None, {"code": self._code(), **values, **firm})
        held = {name: getattr(known, name) for name in firm if name != "enterprise"}
        lacking = {name: value for name, value in firm.items() if value and held.get(name) != value}
        return put_outlet(self._actor, known, lacking) if lacking else known

    def _firm(self) -> dict[str, Any]:
        """What the outlet says of its firm: the site that is meant, or the words of the list."""
        row, name = self._row, self._row.get("enterprise", "")
        code, doubt = read_code(row.get("enterprise_code", ""))
        if doubt:
            self._report.note(f"第 {self._number} 行 信用代码：{doubt}；未采用")
            code = ""
        words = FirmWords(name, code, row.get("permit", ""))
        if words == FirmWords():
            return {}
        found = sites_meant(words)
        if not found and name and self._new_places:
            found = [self._made(words)]
        own_key = row.get("industry_key", "")
        if len(found) == 1:
            key = own_key if own_key != found[0].industry_key else ""
            return {"enterprise": found[0].pk, "industry_key": key}
        said = name or code or words.permit
        if found:
            self._report.note(f"企业“{said}”有 {len(found)} 处相符，请在排放口台账中选定；先按文字保存")
        else:
            self._report.note(f"企业“{said}”没有登记，登记后自动匹配；先按文字保存")
        return {"firm_name": name, "firm_code": code, "firm_permit": words.permit, "industry_key": own_key}

    def _made(self, words: FirmWords) -> Enterprise:
        told: dict[str, Any] = {name: self._row.get(name, "") for name in ("industry", "industry_key", "permit")}
        told |= {"area": area_in(self._row, "area"), "answers": area_in(self._row, "answers")}
        return put_enterprise(words.code, words.name, self._actor, **told)[0]

    def _put_use(self, point: Point) -> None:
        """Since when the point is in use, and until when; what the list leaves empty stays."""
        row = self._row
        given = {name: date_in(row, name) for name in ("active_from", "active_to") if row.get(name)}
        since, until = given.get("active_from", point.active_from), given.get("active_to", point.active_to)
        if since is not None and until is not None and until <= since:
            raise BadDeviceCell("active_to", row.get("active_to") or str(until), f"晚于启用日期 {since}")
        put_in_use(self._actor, point, since, until)


def _put_device(row: Mapping[str, str], mn: str, point: Point) -> Device:
    minutes = number_in(row, "minutes")
    if minutes is not None and not 0 < minutes <= LONGEST_INTERVAL:
        raise BadDeviceCell("minutes", row["minutes"], f"大于 0、不超过 {LONGEST_INTERVAL} 的分钟数")
    device, _ = Device.objects.update_or_create(
        mn=mn,
        defaults={"point": point, "state": Device.State.ACTIVE, "system_type": row.get("st", "")}
        | ({"minute_seconds": int(minutes * 60), "is_minute_given": True} if minutes else {}),
        create_defaults={
            "point": point,
            "system_type": row.get("st", ""),
            "adopted_at": clock.now(),
            "minute_seconds": int((minutes or USUAL_MINUTES) * 60),
            "is_minute_given": minutes is not None,
        },
    )
    return device


def _put_limit(row: Mapping[str, str], outlet: Outlet, item: str, unit: str) -> None:
    default = "hour" if outlet.medium == Outlet.Medium.GAS else "day"
    averaging = AVERAGING.get(row.get("averaging") or default)
    if averaging is None:
        raise BadDeviceCell("averaging", row["averaging"], "小时 或 日")
    statistic = row.get("statistic") or "Avg"
    if statistic not in {"Avg", "ZsAvg"}:
        raise BadDeviceCell("statistic", statistic, "Avg 或 ZsAvg")
    valid_from = date_in(row, "valid_from") if row.get("valid_from") else LONG_AGO
    bounds = {"upper": decimal_in(row, "upper"), "lower": decimal_in(row, "lower")}
    basis = row.get("basis") or "设备清单"
    put_limit(outlet, item, averaging, valid_from, **bounds, unit=unit, statistic=statistic, basis=basis)
