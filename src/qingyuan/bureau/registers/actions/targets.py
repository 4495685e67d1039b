"""Acts on what is targeted and counted: all dated, none of it ever replaced in place."""

from __future__ import annotations

from datetime import date, datetime, time

from django.db import transaction
from django.db.models import Q

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import require
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.base.judge_again import SAMPLES, judge_again
from qingyuan.bureau.registers.models import Point, RosterEntry, Section, SectionTarget
from qingyuan.rules import LIMIT_CLASSES


def put_target(
    actor: User | None,
    point: Point,
    kind: str,
    water_class: str,
    valid_from: date,
    basis: str = "",
    item_targets: dict[str, str] | None = None,
) -> SectionTarget:
    """A section's target of one kind from a day on; the one before ends that day. Raises Invalid.

    What was read since that day is judged again by it: a verdict follows the target of the reading's own day.
    """
    require(actor, "manage_points")
    section = Section.objects.filter(point=point).first()
    if section is None:
        raise Invalid(f"{point} 不是断面，没有水质目标", "point")
    if kind not in SectionTarget.Kind.values:
        raise Invalid(f"得到目标种类“{kind}”，应为：{'、'.join(SectionTarget.Kind.values)}", "kind")
    if water_class not in LIMIT_CLASSES:
        raise Invalid(f"得到目标类别“{water_class}”，应为：{'、'.join(LIMIT_CLASSES)}", "water_class")
    with transaction.atomic():
        still = Q(valid_to__isnull=True) | Q(valid_to__gt=valid_from)
        SectionTarget.objects.filter(still, section=section, kind=kind, valid_from__lt=valid_from).update(
            valid_to=valid_from
        )
        later = SectionTarget.objects.filter(section=section, kind=kind, valid_from__gt=valid_from).order_by(
            "valid_from"
        )
        following = later.first()
        row, _ = SectionTarget.objects.update_or_create(
            section=section,
            kind=kind,
            valid_from=valid_from,
            defaults={
                "water_class": water_class,
                "basis": basis,
                "item_targets": item_targets or {},
                "valid_to": following.valid_from if following else None,
            },
        )
        record(actor, "target.put", row, f"{point} {row.get_kind_display()} {water_class}，自 {valid_from} 起")
    since, now = datetime.combine(valid_from, time.min, clock.BEIJING), clock.now()
    if kind == SectionTarget.Kind.ASSESSMENT and since < now:
        judge_again([point.code], since, now, SAMPLES)
    return row


def put_in_roster(
    actor: User | None,
    point: Point,
    roster: str,
    valid_from: date,
    valid_to: date | None = None,
    basis: str = "",
) -> RosterEntry:
    """Let a point count in a roster from a day to a day (exclusive). Raises Invalid."""
    require(actor, "manage_points")
    if roster not in RosterEntry.Roster.values:
        raise Invalid(f"得到名册“{roster}”，应为：{'、'.join(RosterEntry.Roster.values)}", "roster")
    if valid_to is not None and valid_to <= valid_from:
        raise Invalid("名册的止日应晚于起日", "valid_to")
    with transaction.atomic():
        row, _ = RosterEntry.objects.update_or_create(
            roster=roster, point=point, valid_from=valid_from, defaults={"valid_to": valid_to, "basis": basis}
        )
        record(actor, "roster.put", row, f"{point} 列入{row.get_roster_display()}，自 {valid_from} 起")
    return row
