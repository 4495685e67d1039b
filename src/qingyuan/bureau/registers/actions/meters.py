"""Which electricity meter stands for the production or the treatment of which outlet."""

from __future__ import annotations

from django.db import transaction

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import require
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.errors import Invalid, NotAllowed
from qingyuan.bureau.registers.models import Meter, Outlet, Point
from qingyuan.bureau.registers.policies import visible_points


def link_meter(actor: User | None, point: Point, outlet: Outlet, unit: str) -> Meter:
    """Say what a meter stands for; said again it moves. Raises NotAllowed, Invalid."""
    require(actor, "manage_points", outlet.point.answering_id)
    if actor is not None and visible_points(actor).filter(pk__in=[point.pk, outlet.point_id]).count() != 2:
        raise NotAllowed(f"{actor} 的权限不及于“{point}”或“{outlet}”")
    if point.kind != Point.Kind.METER:
        raise Invalid(f"“{point}”是{point.get_kind_display()}，不是用电监控点；请选用电监控点", "meter")
    if point.owner_id != outlet.point.owner_id:
        raise Invalid(f"“{point}”与“{outlet}”不属于同一单位；请选本单位的电表", "meter")
    if unit not in Meter.Unit.values:
        raise Invalid(f"得到用途“{unit}”，应为：{'、'.join(Meter.Unit.values)}", "unit")
    with transaction.atomic():
        meter, _ = Meter.objects.update_or_create(point=point, defaults={"outlet": outlet, "unit": unit})
        record(actor, "meter.link", point, f"电表 {point.code} 计为 {outlet.point.code} 的{meter.get_unit_display()}")
    return meter


def unlink_meter(actor: User, point: Point) -> None:
    """The meter stands for no outlet any more; its readings stay. Raises NotAllowed, Invalid."""
    meter = Meter.objects.filter(point=point).select_related("outlet__point").first()
    if meter is None or not visible_points(actor).filter(pk=point.pk).exists():
        raise Invalid(f"“{point}”没有归到排放口", "meter")
    require(actor, "manage_points", meter.outlet.point.answering_id)
    with transaction.atomic():
        meter.delete()
        record(actor, "meter.unlink", point, f"电表 {point.code} 不再计入 {meter.outlet.point.code}")
