"""What the monitoring pages show. Every list starts from the policy's scope."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.base import display
from qingyuan.bureau.base.dated import in_force
from qingyuan.bureau.indicators.queries.words import indicator_word
from qingyuan.bureau.judging.models import Evaluation
from qingyuan.bureau.judging.queries.evaluations import KIND_OF_POINT, latest_by_point
from qingyuan.bureau.monitoring.models import IssuedValue
from qingyuan.bureau.monitoring.queries.arrival_states import ARRIVAL_WORDS, arrival_state
from qingyuan.bureau.monitoring.queries.values import freshness, latest_values
from qingyuan.bureau.registers.models import Point, RosterEntry, SectionTarget
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.bureau.values.models import Limit

FIRST_ITEMS = {
    "air": ("PM2_5", "PM10", "O3", "NO2", "SO2", "CO"),
    "water": ("pH", "DO", "CODMn", "NH3N", "TP", "TN"),
    "outlet": ("COD", "NH3N", "TP", "TN", "SO2", "NOx", "dust", "NMHC", "pH"),
    "meter": (),
    "unknown": (),
}
SHOWN_ITEMS = 4


@dataclass(frozen=True)
class Cell:
    """The latest value of one item at one point."""

    item: str
    value: float | None
    decimals: int | None
    unit: str
    flag: str
    end: datetime
    judged_hour: datetime
    over: bool = False


@dataclass(frozen=True)
class Row:
    """One point in a list: its newest judgement, its latest values, how its data arrive."""

    point: Point
    judged: Evaluation | None
    cells: list[Cell]
    last_end: datetime | None
    arrival: str
    target: str = ""

    @property
    def arrival_word(self) -> str:
        """The arrival in words."""
        return ARRIVAL_WORDS[self.arrival]


def points_of(user: User, kind: str) -> QuerySet[Point]:
    """The visible points of a kind with what a list row needs; `silent` counts open silence alerts."""
    today = clock.beijing(clock.now()).date()
    silent = Count("alerts", filter=Q(alerts__rule="silence", alerts__ended_at__isnull=True), distinct=True)
    rows = visible_points(user).filter(kind=kind).annotate(silent=silent).order_by("code")
    rows = rows.select_related("area", "owner", "station", "section", "outlet__enterprise")
    if kind == "outlet":
        limits = Limit.objects.filter(in_force(today), condition="")
        rows = rows.prefetch_related(Prefetch("outlet__limits", queryset=limits, to_attr="limits_now"))
    if kind == "water":
        targets = SectionTarget.objects.filter(in_force(today), kind=SectionTarget.Kind.ASSESSMENT)
        rows = rows.prefetch_related(Prefetch("section__targets", queryset=targets, to_attr="targets_now"))
    return rows


def counts_by_kind(user: User) -> dict[str, int]:
    """How many visible points there are of each kind."""
    rows = visible_points(user).order_by().values_list("kind").annotate(n=Count("pk"))
    return {kind: n for kind, n in rows}  # noqa: C416 - the stubs know no dict(queryset)


def _item_order(kind: str) -> dict[str, int]:
    return {item: n for n, item in enumerate(FIRST_ITEMS.get(kind, ()))}


def _whole_hour(latest: dict[str, Any]) -> datetime:
    """The start of the hour that is judged beside a latest value: its own, or the last whole one before a sample."""
    start: datetime = latest["start"]
    return start if latest["grain"] == "hour" else start.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)


def cells_by_point(points: Sequence[Point]) -> dict[str, list[Cell]]:
    """Latest values by point code, the items of the kind first."""
    found: dict[str, list[Cell]] = {p.code: [] for p in points}
    kinds = {p.code: p.kind for p in points}
    for (code, item), latest in latest_values(points).items():
        places = latest["decimals"] if latest["decimals"] >= 0 else display.item_decimals(item)
        found[code].append(
            Cell(item, latest["value"], places, latest["unit"], latest["flag"], latest["end"], _whole_hour(latest))
        )
    for code, cells in found.items():
        order = _item_order(kinds[code])
        cells.sort(key=lambda c: (order.get(c.item, len(order)), c.item))
    return found


def _judge_cells(points: Sequence[Point], cells: dict[str, list[Cell]]) -> dict[str, list[Cell]]:
    """The cells of outlets, those with a limit first, marked where the kept verdict on their last whole hour fails."""
    hours = {c.judged_hour for own in cells.values() for c in own}
    failed = Evaluation.objects.filter(
        point__in=points, kind="outlet_hour", is_current=True, verdict=Evaluation.Verdict.FAIL, start__in=hours
    )
    over = set(failed.values_list("point__code", "item", "start"))
    found = {}
    for point in points:
        limited = {limit.item for limit in getattr(getattr(point, "outlet", None), "limits_now", [])}
        own = [replace(c, over=(point.code, c.item, c.judged_hour) in over) for c in cells[point.code]]
        found[point.code] = sorted(own, key=lambda c: c.item not in limited)
    return found


def list_rows(points: Sequence[Point], now: datetime) -> list[Row]:
    """Rows of the list for one page of points: a fixed number of queries whatever the page's length."""
    if not points:
        return []
    kind = points[0].kind
    judged = latest_by_point(points, KIND_OF_POINT[kind]) if kind in KIND_OF_POINT else {}
    cells, fresh = cells_by_point(points), freshness(points)
    if kind == Point.Kind.OUTLET:
        cells = _judge_cells(points, cells)
    rows = []
    for point in points:
        own, arrived = cells[point.code], fresh[point.code]
        targets: Iterable[Any] = getattr(getattr(point, "section", None), "targets_now", [])
        target = next((t.water_class for t in targets), "")
        state = arrival_state(arrived, now)
        rows.append(Row(point, judged.get(point.pk), own[:SHOWN_ITEMS], arrived.last_end, state, target))
    return rows


@dataclass(frozen=True)
class Beside:
    """An issued figure of a point, and what this system has for the same time ("" for nothing)."""

    issued: IssuedValue
    word: Any
    ours: str


SHOWN_ISSUED = 12
_OURS = {"AQI.day": ("air_day", "value"), "class.month": ("water", "label")}


def issued_beside(point: Point) -> list[Beside]:
    """The newest issued figures of a point beside our newest judgement of the same period. Issued wins in reports."""
    rows = list(IssuedValue.objects.filter(point=point).order_by("-period_start", "-pk")[:SHOWN_ISSUED])
    found = []
    for row in rows:
        ours = ""
        if row.indicator in _OURS:
            kind, attribute = _OURS[row.indicator]
            newest = (
                point.evaluations.filter(
                    kind=kind, is_current=True, item="", start__gte=row.period_start, start__lt=row.period_end
                )
                .order_by("-start")
                .first()
            )
            value = getattr(newest, attribute) if newest else None
            ours = "" if value in (None, "") else value if isinstance(value, str) else display.number_text(value, 0)
        found.append(Beside(row, indicator_word(row.indicator), ours))
    return found


def rosters_of(point: Point) -> list[RosterEntry]:
    """Every roster entry of the point, the newest first."""
    return list(point.roster_entries.order_by("-valid_from"))
