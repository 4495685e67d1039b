"""What was asked of devices and what came of it, as pages and API show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.sides import is_outside, name_for
from qingyuan.bureau.line.models import Device, DeviceRequest
from qingyuan.bureau.line.queries.devices import visible_devices
from qingyuan.rules import rule_book

WORDS = {
    "1012": _("校时"),
    "2031": _("补取日数据"),
    "2041": _("补取设备运行时间"),
    "2051": _("补取分钟数据"),
    "2061": _("补取小时数据"),
}


@dataclass(frozen=True)
class Exchange:
    """One request. what: in words; result: the device's own answer in the words of the standard; asked_by: the person,
    empty where the policy made it; is_open: it may still come to something.
    """

    id: int
    mn: str
    cn: str
    qn: str
    what: str
    begin: datetime | None
    end: datetime | None
    wanted: int
    got: int
    reason: str
    asked_by: str
    state: str
    state_word: str
    result: str
    made_at: datetime
    sent_at: datetime | None
    answered_at: datetime | None
    executed_at: datetime | None
    ended_at: datetime | None
    is_open: bool


def exchanges(reader: User, rows: Iterable[DeviceRequest]) -> list[Exchange]:
    """The rows as the reader may see them: to a firm an official is named by the body, and gave no reasons."""
    return [_shown(reader, row) for row in rows]


def exchanges_of(reader: User, device: Device, limit: int = 20) -> list[Exchange]:
    """Of one device, newest first."""
    rows = device.requests.select_related("device", "asked_by__organisation").order_by("-pk")
    return exchanges(reader, rows[:limit])


def visible_requests(user: User) -> QuerySet[DeviceRequest]:
    """Requests to the devices that the user may see."""
    return (
        DeviceRequest.objects.filter(device__in=visible_devices(user))
        .select_related("device__point", "asked_by__organisation")
        .order_by("-pk")
    )


def counts(rows: QuerySet[DeviceRequest]) -> dict[str, int]:
    """How many requests stand in or came to each state."""
    found = rows.order_by().values("state").annotate(n=Count("pk")).values_list("state", "n")
    return dict(sorted(found))


def _shown(reader: User, row: DeviceRequest) -> Exchange:
    told = row.asked_by is None or not is_outside(reader)
    field = "ExeRtn" if row.executed_at is not None else "QnRtn"
    result = "" if row.code is None else rule_book().protocol.results.get((field, str(row.code)), str(row.code))
    return Exchange(
        row.pk,
        row.device.mn,
        row.cn,
        row.qn,
        str(WORDS.get(row.cn, row.cn)),
        row.begin,
        row.end,
        row.wanted,
        row.got,
        row.reason if told else "",
        name_for(reader, row.asked_by, ""),
        row.state,
        row.get_state_display(),
        result,
        row.made_at,
        row.sent_at,
        row.answered_at,
        row.executed_at,
        row.ended_at,
        row.ended_at is None,
    )
