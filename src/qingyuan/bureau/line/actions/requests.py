"""Requests to devices from wish to end: made by policy, sent by the gateway, followed in the journal.

The gateway finds what is to be sent in a file; that it was sent, and what the device answered, comes back through the
journal like everything else. One request a device at a time.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from qingyuan import clock, process
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.line.models import Device, DeviceClock, DeviceRequest, Follow
from qingyuan.bureau.line.queries.gaps import GRAINS, Missing, gaps_of, missing_in
from qingyuan.bureau.line.queries.gateway_ledger import ledger
from qingyuan.bureau.line.queries.policy import Policy, figure, policy
from qingyuan.hj212.contents import time_text
from qingyuan.intake.requests import SET_TIME, WISHES_FILE, Wish, content_of
from qingyuan.intake.talk import WELL, Said, Saying

State = DeviceRequest.State
NO_DATA = 100
"""ExeRtn of a device that has nothing to send (HJ 212-2017, table 10)."""
SETTLE = timedelta(seconds=3)  # what came before the end is stored by then
SEEN_WITHIN = timedelta(hours=1)
_FEW = 3


def look_after_requests(*, fetching: bool = True) -> None:
    """End what is over, make what the policy wants, and lay down what the gateway is to send. May be repeated.

    fetching: also look for missing data, which asks the readings store; done in any case after a request came to its
    end, because the next stretch may follow.
    """
    now = clock.now()
    ended = _end_overdue(now)
    withdraw_wishes()
    if make_requests(now, fetching=fetching or ended > 0):
        lay_down_wishes()


def withdraw_wishes() -> None:
    """What was not sent yet is not sent any more where the policy does not want it; the gateway's file says so at once."""
    now = clock.now()
    _withdraw(policy(now), now)
    lay_down_wishes()


def make_requests(now: datetime, *, fetching: bool = True) -> list[DeviceRequest]:
    """New requests by policy, for devices that are connected and have none open."""
    rule = policy(now)
    devices = _free(rule)
    made = [request for device in devices if (request := _time_request(device, rule, now)) is not None]
    busy = {request.device_id for request in made}
    willing = [device for device in devices if fetching and device.pk not in busy and rule.fetches(device)]
    if willing:
        since, settled = now - rule.back, now - timedelta(seconds=figure("fetch.settle_s", now))
        missing = gaps_of(willing, since, now, settled)
        made += [r for d in willing if (r := _history_request(d, missing.get(d.pk, []), now)) is not None]
    return made


def hear(sayings: Iterable[Said]) -> None:
    """Take note of what was sent and answered; what was noted before stays as it is."""
    for said in sayings:
        own = DeviceRequest.objects.filter(device__mn=said.mn, qn=said.qn, ended_at__isnull=True)
        if said.saying is Saying.SENT:
            own.filter(state=State.WAITING).update(state=State.SENT, sent_at=said.at)
        elif said.saying is Saying.ANSWERED and said.code == WELL:
            own.filter(state=State.SENT).update(state=State.ACCEPTED, answered_at=said.at, code=said.code)
        elif said.saying is Saying.ANSWERED:
            own.update(state=State.REFUSED, answered_at=said.at, code=said.code, ended_at=said.at)
        elif said.saying is Saying.EXECUTED:
            own.filter(executed_at__isnull=True).update(executed_at=said.at, code=said.code)
        elif said.saying is Saying.ASKS_TIME:
            _answer_for_time(said)


def lay_down_wishes() -> None:
    """Write the gateway's file of requests to send, if it is not the present one."""
    path = process.run_dir() / WISHES_FILE
    rows = DeviceRequest.objects.filter(state=State.WAITING).select_related("device").order_by("pk")
    content = content_of(Wish(r.qn, r.device.mn, r.cn, r.begin, r.end, r.until) for r in rows)
    before = process.read_json(path)
    if before != content and (before is not None or rows):
        process.write_json(path, content)


def own_clock_is_doubtful(rule: Policy, now: datetime) -> bool:
    """Whether so many devices agree on another time than ours that ours may be the wrong one: then none is set."""
    seen = [s for s in _steady(now).values_list("steady_s", flat=True) if s is not None]
    return len(seen) >= _FEW and abs(statistics.median(seen)) > rule.drift_s


def is_forbidden(device: Device, cn: str) -> bool:
    """Whether a device is set never to be asked for it, by policy or by a person."""
    return (device.time_sync if cn == SET_TIME else device.fetch_history) == Follow.OFF


def _free(rule: Policy) -> list[Device]:
    """Devices in use of which something may be asked now."""
    wanted = Q(time_sync=Follow.ON) | Q(fetch_history=Follow.ON)
    if rule.time_sync:
        wanted |= Q(time_sync=Follow.INSTALLATION)
    if rule.fetch_history:
        wanted |= Q(fetch_history=Follow.INSTALLATION)
    busy = DeviceRequest.objects.filter(ended_at__isnull=True).values("device")
    rows = Device.objects.filter(wanted, state=Device.State.ACTIVE).exclude(pk__in=busy).select_related("point")
    if not rows.exists():
        return []
    connected = set(ledger()["connected"])
    return [device for device in rows if device.mn in connected]


def _steady(now: datetime) -> QuerySet[DeviceClock]:
    return DeviceClock.objects.filter(at__gt=now - SEEN_WITHIN, steady_count__gte=figure("time.steady_count", now))


def _time_request(device: Device, rule: Policy, now: datetime) -> DeviceRequest | None:
    if not rule.sets_time(device):
        return None
    seen = _steady(now).filter(mn=device.mn).first()
    if seen is None or seen.steady_s is None or abs(seen.steady_s) <= rule.drift_s:
        return None
    if set_since(device, now - timedelta(seconds=figure("time.pause_s", now))) or own_clock_is_doubtful(rule, now):
        return None
    return make_request(device, SET_TIME, f"钟差 {seen.steady_s:.0f} 秒，超过 {rule.drift_s:.0f} 秒", now)


def _answer_for_time(said: Said) -> None:
    """A device asks for the time (1013): set it, if the policy says so and it was not set just now."""
    now = clock.now()
    device = Device.objects.filter(mn=said.mn, state=Device.State.ACTIVE).first()
    if device is None or not policy(now).sets_time(device):
        return
    is_busy = DeviceRequest.objects.filter(device=device, ended_at__isnull=True).exists()
    if not is_busy and not set_since(device, now - timedelta(seconds=figure("time.asked_pause_s", now))):
        make_request(device, SET_TIME, "设备请求校时（1013）", now)


def set_since(device: Device, since: datetime) -> bool:
    """Whether the clock of a device was set, or was tried to be, after an instant."""
    return device.requests.filter(cn=SET_TIME, made_at__gt=since).exclude(state=State.UNSENT).exists()


def _history_request(device: Device, missing: Sequence[Missing], now: datetime) -> DeviceRequest | None:
    most = int(figure("fetch.most_intervals", now))
    for run in (run for one in missing for run in one.runs(most)):
        begin, end = (datetime.fromtimestamp(at, clock.BEIJING) for at in (run.starts[0], run.starts[-1]))
        if _may_try(device, run.cn, begin, end, now):
            return make_request(device, run.cn, f"缺 {len(run.starts)} 个时段", now, begin, end, len(run.starts))
    return None


def _may_try(device: Device, cn: str, begin: datetime, end: datetime, now: datetime) -> bool:
    return not why_not_again(device, cn, begin, end, now)


def why_not_again(device: Device, cn: str, begin: datetime, end: datetime, now: datetime) -> str:
    """Why a stretch may not be asked for again, in words; empty if it may: not too often, each time after a longer
    pause, never what is not there.
    """
    tried = device.requests.filter(cn=cn, begin__lte=end, end__gte=begin, ended_at__isnull=False)
    rows = list(tried.exclude(state=State.UNSENT).order_by("-ended_at"))
    if any(row.state == State.EMPTY for row in rows):
        return "设备已答复没有这一段的数据，不再询问；请企业在数采仪上核对"
    if len(rows) >= figure("fetch.tries", now):
        return f"这一段已请求过 {len(rows)} 次，到了上限；请与企业联系"
    pause = timedelta(seconds=figure("fetch.pause_s", now)) * 2 ** max(0, len(rows) - 1)
    if rows and rows[0].ended_at is not None and rows[0].ended_at + pause > now:
        free = clock.beijing(rows[0].ended_at + pause)
        return f"这一段刚请求过（{rows[0].get_state_display()}），{free:%m-%d %H:%M} 以后可以再请求"
    return ""


def make_request(
    device: Device,
    cn: str,
    reason: str,
    now: datetime,
    begin: datetime | None = None,
    end: datetime | None = None,
    wanted: int = 0,
    asked_by: User | None = None,
) -> DeviceRequest:
    """A request that waits to be sent. begin, end: first and last wanted interval; wanted: how many are missing."""
    until = now + timedelta(seconds=figure("request.unsent_s", now))
    at = now
    while device.requests.filter(qn=_number(at)).exists():
        at += timedelta(milliseconds=1)
    return DeviceRequest.objects.create(
        device=device,
        cn=cn,
        qn=_number(at),
        begin=begin,
        end=end,
        wanted=wanted,
        reason=reason,
        made_at=now,
        until=until,
        asked_by=asked_by,
    )


def _number(at: datetime) -> str:
    return f"{time_text(at)}{at.microsecond // 1000:03d}"


def _withdraw(rule: Policy, now: datetime) -> None:
    for row in DeviceRequest.objects.filter(state=State.WAITING).select_related("device"):
        if row.asked_by_id is not None:
            allowed = not is_forbidden(row.device, row.cn)
        else:
            allowed = rule.sets_time(row.device) if row.cn == SET_TIME else rule.fetches(row.device)
        if not allowed or row.device.state != Device.State.ACTIVE:
            DeviceRequest.objects.filter(pk=row.pk, state=State.WAITING).update(state=State.UNSENT, ended_at=now)


def _end_overdue(now: datetime) -> int:
    """How many requests were closed."""
    ended = 0
    answer, execute = (timedelta(seconds=figure(f"request.{name}_s", now)) for name in ("answer", "execute"))
    for row in DeviceRequest.objects.filter(ended_at__isnull=True).select_related("device__point"):
        if row.executed_at is not None and row.executed_at + SETTLE <= now:
            ended += _end(row, _outcome(row.code), now)
        elif row.state == State.WAITING and row.until < now:
            ended += _end(row, State.UNSENT, now)
        elif (row.state == State.SENT and _since(row.sent_at, answer, now)) or (
            row.state == State.ACCEPTED and _since(row.answered_at, execute, now)
        ):
            ended += _end(row, State.TIMED_OUT, now)
    return ended


def _since(at: datetime | None, span: timedelta, now: datetime) -> bool:
    return at is not None and at + span <= now


def _outcome(code: int | None) -> str:
    return {WELL: State.DONE, NO_DATA: State.EMPTY}.get(code or 0, State.FAILED)


def _end(row: DeviceRequest, state: str, now: datetime) -> int:
    """Close a request; data that came count, whatever the device said of them. Returns whether it still was open."""
    got = 0
    if row.begin is not None and row.end is not None and row.sent_at is not None and row.cn in GRAINS:
        got = max(0, row.wanted - len(missing_in(row.device, row.cn, row.begin, row.end, now)))
    if got and state != State.REFUSED:
        state = State.DONE
    return DeviceRequest.objects.filter(pk=row.pk, ended_at__isnull=True).update(state=state, got=got, ended_at=now)
