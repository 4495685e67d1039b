"""What to adopt an unknown station as: its kind by its ST, its factors by what it sent, its outlet by both."""

from __future__ import annotations

from dataclasses import dataclass

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import may
from qingyuan.bureau.base.factors import item_of
from qingyuan.bureau.line.actions.resolver import kind_of_system
from qingyuan.bureau.line.models import Device
from qingyuan.bureau.line.queries.packets import factors_sent, last_packets
from qingyuan.bureau.registers.models import Outlet, Point
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.bureau.values.models import Limit
from qingyuan.rules import rule_book

_MOST_PACKETS, _MOST_POINTS = 50, 20
# HJ 212-2017 table 5: 32 surface discharge of waste water, 31 and 39 discharge to air.
_MEDIUM = {"31": Outlet.Medium.GAS, "39": Outlet.Medium.GAS, "32": Outlet.Medium.WATER}


@dataclass(frozen=True)
class Candidate:
    """A point of the register that the station may be. items: those with a limit there which the station sends;
    has_device: another device in use already serves it.
    """

    code: str
    name: str
    firm: str
    items: list[str]
    has_device: bool


@dataclass(frozen=True)
class Proposal:
    """factors: (code, name), the name empty for a code that no table knows; points: the likeliest first."""

    system: str
    kind: str
    factors: list[tuple[str, str]]
    points: list[Candidate]


def proposal_for(user: User, device: Device) -> Proposal:
    """For the operator who adopts a waiting station: points of the person's own area, without a device first."""
    system = rule_book().protocol.systems.get(device.system_type, "")
    factors = factors_sent(last_packets(device.mn, _MOST_PACKETS), device.system_type)
    kind = kind_of_system(device.system_type)
    return Proposal(
        system,
        kind,
        factors,
        _candidates(user, device, kind, {item_of(code, device.system_type)[0] for code, _ in factors}),
    )


def adoptable_points(user: User, kind: str = "") -> tuple[list[Point], set[int]]:
    """Points at which the person may adopt a station, of one kind if it is known, and the keys of those that a device in
    use already serves; these come last.
    """
    rows = visible_points(user).select_related("owner", "outlet")
    if kind and kind != Point.Kind.UNKNOWN:
        rows = rows.filter(kind=kind)
    active = Device.objects.filter(state=Device.State.ACTIVE, point__isnull=False)
    served = set(active.values_list("point_id", flat=True))
    found = [p for p in rows.order_by("name", "code") if may(user, "manage_points", p.answering_id)]
    return sorted(found, key=lambda p: p.pk in served), served


def _candidates(user: User, device: Device, kind: str, sent: set[str]) -> list[Candidate]:
    points, served = adoptable_points(user, kind)
    medium = _MEDIUM.get(device.system_type)
    if medium is not None:
        points = [p for p in points if getattr(p, "outlet", None) is None or p.outlet.medium == medium]
    today = clock.beijing(clock.now()).date()
    limited: dict[int, set[str]] = {}
    for point, item in (
        Limit.objects.standing()
        .filter(outlet__point__in=[p.pk for p in points], valid_from__lte=today)
        .exclude(valid_to__lte=today)
        .values_list("outlet__point_id", "item")
    ):
        limited.setdefault(point, set()).add(item)
    found = [
        Candidate(
            p.code, p.name, p.owner.name if p.owner else "", sorted(limited.get(p.pk, set()) & sent), p.pk in served
        )
        for p in points
    ]
    return sorted(found, key=lambda c: (c.has_device, -len(c.items)))[:_MOST_POINTS]
