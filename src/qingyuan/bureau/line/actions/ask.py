"""A person has a device asked at once: its clock set, or data that it has stored sent.

The same wishes and the same limits as of the policy (ADR 033); only that a person decides, not the clock or a gap flag. A
device that is set never to be asked is not asked by a person either.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from qingyuan import clock, process
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import require
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.errors import Invalid, WrongState
from qingyuan.bureau.line.actions.requests import (
    is_forbidden,
    lay_down_wishes,
    make_request,
    own_clock_is_doubtful,
    set_since,
    why_not_again,
)
from qingyuan.bureau.line.models import Device, DeviceRequest
from qingyuan.bureau.line.queries.gaps import COMMANDS, intervals, missing_in
from qingyuan.bureau.line.queries.gateway_ledger import ledger
from qingyuan.bureau.line.queries.policy import figure, policy
from qingyuan.intake.requests import SET_TIME

MOST_WORDS = 100
"""Of a person's reason."""
_WORDS = {SET_TIME: "校时", "2031": "补取日数据", "2051": "补取分钟数据", "2061": "补取小时数据"}


def set_time_now(actor: User | None, device: Device, reason: str = "") -> DeviceRequest:
    """Have the clock of a device set (1012). Raises NotAllowed, Invalid, WrongState with what stands against it."""
    now = clock.now()
    _look(actor, device, SET_TIME, reason)
    rule = policy(now)
    pause = timedelta(seconds=figure("time.asked_pause_s", now))
    if set_since(device, now - pause):
        raise WrongState(f"{pause.total_seconds() / 60:g} 分钟内已向设备 {device.mn} 发过校时；请稍后再请求")
    if own_clock_is_doubtful(rule, now):
        raise WrongState("多数设备的时钟与本机相差同样多，可能是本机的时钟不对，不向设备校时；请先核对本机时间")
    return _made(actor, device, SET_TIME, reason, now)


def fetch_now(
    actor: User | None, device: Device, grain: str, since: datetime, until: datetime, reason: str = ""
) -> DeviceRequest:
    """Have a device send what is missing of its stored data in [since, until).

    grain: minute, hour or day; asked is from the first to the last missing interval. Raises NotAllowed, Invalid,
    WrongState with what stands against it.
    """
    now = clock.now()
    cn = COMMANDS.get(grain)
    if cn is None:
        raise Invalid(f"数据种类得到“{grain}”，应为：{'、'.join(COMMANDS)}", "grain")
    _look(actor, device, cn, reason)
    rule, most = policy(now), int(figure("fetch.most_intervals", now))
    if not since < until:
        raise Invalid("止应晚于起", "until")
    if until > now:
        raise Invalid(f"止得到 {clock.beijing(until):%Y-%m-%d %H:%M}，应不晚于现在；还没有到的数据设备也没有", "until")
    if since < now - rule.back:
        raise Invalid(f"起得到 {clock.beijing(since):%Y-%m-%d %H:%M}，只能补取 {rule.back.days} 天以内的", "since")
    starts = intervals(device, cn, since, until)
    if len(starts) > most:
        raise Invalid(f"得到 {len(starts)} 个时段，一次至多 {most} 个；请分几次补取", "until")
    missing = missing_in(device, cn, _instant(starts[0]), _instant(starts[-1]), now)
    if not missing:
        raise WrongState("这一段的数据都已收到，不用补取")
    begin, end = _instant(missing[0]), _instant(missing[-1])
    if words := why_not_again(device, cn, begin, end, now):
        raise WrongState(words)
    return _made(actor, device, cn, reason, now, begin, end, len(missing))


def take_back(actor: User | None, request: DeviceRequest) -> None:
    """A request that was not sent yet is not sent any more. Raises NotAllowed, WrongState."""
    require(actor, "manage_points", request.device.point.answering_id if request.device.point else None)
    with transaction.atomic():
        touched = DeviceRequest.objects.filter(pk=request.pk, state=DeviceRequest.State.WAITING).update(
            state=DeviceRequest.State.UNSENT, ended_at=clock.now()
        )
        if touched != 1:
            raise WrongState("请求已发送或已结束，不能撤回；结果见请求列表")
        words = f"撤回向设备 {request.device.mn} 的请求：{_WORDS.get(request.cn, request.cn)}"
        record(actor, "device.unask", request.device, words, {"qn": request.qn})
        transaction.on_commit(lay_down_wishes)


def why_not_now(device: Device, cn: str) -> str:
    """What stands against any request to a device now, in words; empty if nothing does."""
    if device.state != Device.State.ACTIVE:
        return f"设备 {device.mn} 不在用（{device.get_state_display()}），不能向它请求"
    if is_forbidden(device, cn):
        return f"设备 {device.mn} 的“{'校时' if cn == SET_TIME else '补取缺数'}”设为关，人工也不请求；需要时请先改为随全局或开"
    if process.role_state("gateway") != "ok":
        return _("数采网关没有运行，请求发不出去；请先启动网关（qingyuan doctor 可查原因）")
    if device.mn not in ledger()["connected"]:
        return f"设备 {device.mn} 没有连接，请求发不出去；请等它连上，或联系企业检查数采仪和网络"
    open_one = device.requests.filter(ended_at__isnull=True).first()
    if open_one is not None:
        word, state = _WORDS.get(open_one.cn, open_one.cn), open_one.get_state_display()
        return f"设备 {device.mn} 还有一个请求没有结束（{word}，{state}）；请等它结束"
    return ""


def _look(actor: User | None, device: Device, cn: str, reason: str) -> None:
    require(actor, "manage_points", device.point.answering_id if device.point else None)
    if len(reason) > MOST_WORDS:
        raise Invalid(f"缘由有 {len(reason)} 字，至多 {MOST_WORDS} 字", "reason")
    if words := why_not_now(device, cn):
        raise WrongState(words)


def _made(
    actor: User | None,
    device: Device,
    cn: str,
    reason: str,
    now: datetime,
    begin: datetime | None = None,
    end: datetime | None = None,
    wanted: int = 0,
) -> DeviceRequest:
    said = "人工请求" + (f"：{reason.strip()}" if reason.strip() else "")
    try:
        with transaction.atomic():
            made = make_request(device, cn, said, now, begin, end, wanted, actor)
            span = f" {clock.beijing(begin):%m-%d %H:%M} – {clock.beijing(end):%m-%d %H:%M}" if begin and end else ""
            data = {"qn": made.qn, "cn": cn, "wanted": wanted, "reason": reason.strip()}
            record(actor, "device.ask", device, f"向设备 {device.mn} 请求{_WORDS[cn]}{span}", data)
            transaction.on_commit(lay_down_wishes)
    except IntegrityError as error:
        raise WrongState(f"设备 {device.mn} 刚有了另一个请求；请等它结束") from error
    return made


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, clock.BEIJING)
