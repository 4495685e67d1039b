"""Whose data last came when, what has been made of it, and where it stopped: the device, the link, or us."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from qingyuan import clock, process
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.monitoring.queries.arrival_states import ARRIVAL_WORDS, arrival_state
from qingyuan.bureau.monitoring.queries.values import GRACE, SILENT_AFTER_INTERVALS, freshness
from qingyuan.bureau.registers.models import Point
from qingyuan.readings import Reading, Series

MOST_MARKS = 5000
BEHIND_SECONDS = 60.0
AHEAD = timedelta(hours=1)  # an interval that ends further in the future than this: the device's clock is wrong
GRAIN = {"raw": timedelta(0), "minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_SHOWN = {"Rtd", "Avg"}
_USED = {"stored", "no_data"}
WORST_FIRST = ("silent", "late", "never", "planned", "fresh", "unplanned", "history")


@dataclass(frozen=True)
class Cause:
    """What holds the data up: `device`, `link`, `us`, `source` (no device of ours), or `unknown`; and in words."""

    side: str
    words: str


@dataclass(frozen=True)
class SeriesArrival:
    """One series: its newest interval, when it was received, and how long after it the next one is expected."""

    item: str
    statistic: str
    grain: str
    last_end: datetime
    last_received: datetime
    expected: timedelta | None
    is_silent: bool


@dataclass(frozen=True)
class Arrival:
    """One point. received: newest message, usable or not; parsed: newest that gave readings; evaluated: newest judged.

    All three are instants of receipt, so that they can be compared; None where there was none.
    """

    point: Point
    state: str
    received: datetime | None
    parsed: datetime | None
    evaluated: datetime | None
    last_end: datetime | None
    cause: Cause | None
    series: list[SeriesArrival]

    @property
    def state_word(self) -> str:
        """The state in words."""
        return ARRIVAL_WORDS[self.state]

    @property
    def silent_series(self) -> list[SeriesArrival]:
        """Series that are overdue although the point may speak."""
        return [s for s in self.series if s.is_silent]


def arrivals(points: Sequence[Point]) -> list[Arrival]:
    """The points, the worst first. A fixed number of questions, however many points there are."""
    now = clock.now()
    store = readings()
    fresh = freshness(points)
    series: dict[str, list[Series]] = defaultdict(list)
    for s in store.series_of_points([p.code for p in points]):
        if s.key.statistic in _SHOWN and s.key.grain in GRAIN and s.key.grain != "day":
            series[s.key.point].append(s)
    newest = store.latest([s.id for many in series.values() for s in many])
    waiting = {(m.series, m.hour) for m in store.dirty_since(MOST_MARKS)}
    heard = _heard(points)
    ours = _ours()
    found = []
    for point in points:
        own = [(s, newest[s.id]) for s in series[point.code] if s.id in newest]
        received, stored, spoiled = heard.get(point.pk, (None, None, ""))
        read = max((_instant(r.received_at) for _, r in own if r.received_at), default=None)
        parsed = max((at for at in (read, stored) if at), default=None)
        judged = [
            _instant(r.received_at) for s, r in own if r.received_at and (s.id, r.start - r.start % 3600) not in waiting
        ]
        one = fresh[point.code]
        state = arrival_state(one, now)
        received = max((at for at in (received, parsed) if at), default=None)
        cause = None
        if state in {"silent", "late", "never"} or (one.last_end and one.last_end > now + AHEAD):
            cause = ours or _theirs(point, point.pk in heard, received, parsed, one.last_end, spoiled, now)
        plan = timedelta(minutes=point.expected_minutes) if point.expected_minutes and not one.is_history else None
        found.append(
            Arrival(
                point,
                state,
                received,
                parsed,
                max(judged, default=None),
                one.last_end,
                cause,
                [_of_series(s, r, plan, state == "planned", now) for s, r in own],
            )
        )
    return sorted(found, key=lambda a: (WORST_FIRST.index(a.state), a.point.kind, a.point.code))


def _of_series(series: Series, reading: Reading, plan: timedelta | None, stopped: bool, now: datetime) -> SeriesArrival:
    """A series is expected as often as its point's plan says, but never more often than its grain."""
    expected = max(plan, GRAIN[series.key.grain]) if plan else None
    end = _instant(reading.end)
    silent = bool(expected and not stopped and now - end > expected * SILENT_AFTER_INTERVALS + GRACE)
    key = series.key
    return SeriesArrival(key.item, key.statistic, key.grain, end, _instant(reading.received_at), expected, silent)


def _heard(points: Sequence[Point]) -> dict[int, tuple[datetime | None, datetime | None, str]]:
    """By point with devices: last message, last that was of use, and what the newest useless one came to."""
    stations: dict[str, dict[str, int]] = defaultdict(dict)
    for station, outcome, _count, at in readings().tallies():
        stations[station][outcome] = at
    found: dict[int, tuple[datetime | None, datetime | None, str]] = {}
    rows = Point.objects.filter(pk__in=[p.pk for p in points], devices__state="active").values_list("pk", "devices__mn")
    for pk, mn in rows:
        last = stations.get(mn, {})
        used = max((at for outcome, at in last.items() if outcome in _USED), default=0)
        spoiled = max(((at, o) for o, at in last.items() if o not in _USED | {"duplicate"}), default=(0, ""))
        any_, stored, word = found.get(pk, (None, None, ""))
        newest = max(last.values(), default=0)
        found[pk] = (
            max((at for at in (any_, _instant(newest) if newest else None) if at), default=None),
            max((at for at in (stored, _instant(last["stored"]) if "stored" in last else None) if at), default=None),
            spoiled[1] if spoiled[0] > used else word,
        )
    return found


def _ours() -> Cause | None:
    """What on our side keeps data from being seen, if anything does."""
    if process.last_beat("gateway") is not None and process.role_state("gateway") != "ok":
        return Cause("us", "接入服务没有运行")
    work = process.last_beat("work")
    if work is None:
        return None
    if process.role_state("work") != "ok":
        return Cause("us", "处理服务没有运行")
    if float(work.get("lag_s", 0)) > BEHIND_SECONDS:
        return Cause("us", f"收到的报文还有 {float(work['lag_s']):.0f} 秒没有处理")
    return None


def _theirs(
    point: Point,
    has_device: bool,
    received: datetime | None,
    parsed: datetime | None,
    last_end: datetime | None,
    spoiled: str,
    now: datetime,
) -> Cause:
    """Device or link, by what still comes in; the first that holds is told."""
    plan = timedelta(minutes=point.expected_minutes or 60)
    patience = plan * SILENT_AFTER_INTERVALS + GRACE
    if not has_device:
        return Cause("source", _("没有接入设备，数据来自%(source)s") % {"source": point.source_system or _("导入")})
    if received is None:
        return Cause("link", "设备从未连接")
    if now - received > patience:
        return Cause("link", f"自 {_told(received)} 起没有连接或报文")
    words = "设备在线，但报文里没有监测数据"
    if last_end is not None and last_end > now + AHEAD:
        words = f"设备时钟超前，最新数据标为 {_told(last_end)}"
    elif spoiled and (parsed is None or now - parsed > plan):
        words = f"报文还在来，但不能用（{spoiled}）"
    elif parsed is not None and now - parsed <= patience and last_end is not None:
        words = f"设备时钟落后或只在补传，最新数据标为 {_told(last_end)}"
    return Cause("device", words)


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def _told(instant: datetime) -> str:
    return f"{clock.beijing(instant):%m-%d %H:%M}"


def gateway_last_packet() -> datetime | None:
    """When anything at all last came in, by the gateway's heartbeat."""
    last = (process.last_beat("gateway") or {}).get("last_packet_at")
    return datetime.fromisoformat(str(last)) if last else None
