"""What a device's own data say against its registration: asked of a person, never set right by guessing.

A unit is doubted where the newest value cannot be in it but could be in another one of the same dimension (small air
stations send gases in ug/m3 under codes that the table has in mg/m3); the length of minute data where their times stand
otherwise; a code where no table and no list says what it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from qingyuan.bureau.line.models import Device, DeviceCount
from qingyuan.bureau.monitoring.queries.values import latest_values
from qingyuan.intake.message_readings import BAD_NAME, SERIES_FULL
from qingyuan.rules import RulesError, rule_book

OTHER_UNITS = ("ug/m3", "mg/m3", "ng/m3", "mg/L", "ug/L")
"""Units that devices send in place of each other."""


@dataclass(frozen=True)
class Doubt:
    """kind: unit, minute_step, code, series_full or bad_name; subject: the item or code; words: what was got, what to do;
    proposed: a unit, or minutes, empty where there is none.
    """

    kind: str
    subject: str
    words: str
    proposed: str


def doubts_of(device: Device) -> list[Doubt]:
    """Of one device, by what it last sent."""
    return [*_step(device), *_refused(device), *_values(device)]


def _step(device: Device) -> Iterator[Doubt]:
    if device.is_minute_given and device.minute_seen and device.minute_seen != device.minute_seconds:
        said, seen = device.minute_seconds / 60, device.minute_seen / 60
        words = _(
            "登记的分钟间隔是 %(said)g 分钟，数据时间却相隔 %(seen)g 分钟；请核对后在设备清单的“分钟间隔”里改正"
        ) % {
            "said": said,
            "seen": seen,
        }
        yield Doubt("minute_step", "2051", words, f"{seen:g}")


def _refused(device: Device) -> Iterator[Doubt]:
    for row in DeviceCount.objects.filter(mn=device.mn, kind__in=(SERIES_FULL, BAD_NAME)):
        words = _("%(count)d 个值只留在原文里：新的因子太多（上限 gateway.max_series），或编码不能作名称") % {
            "count": row.count
        }
        yield Doubt(row.kind, device.mn, words, "")


def _values(device: Device) -> Iterator[Doubt]:
    if device.point is None:
        return
    items = rule_book().items
    for (_point, item), latest in sorted(latest_values([device.point]).items()):
        if item not in items:
            words = _("编码表里没有 %(code)s；请在设备清单里用“项目”“单位”说明它是什么") % {"code": item}
            yield Doubt("code", item, words, "")
        elif latest["value"] is not None and (likely := likelier_unit(item, latest["value"], latest["unit"])):
            words = _(
                "最近的值 %(value)g %(unit)s 不可能，若单位是 %(likely)s 则可能；请核对后在设备清单的“单位”里登记"
            ) % {"value": latest["value"], "unit": latest["unit"], "likely": likely}
            yield Doubt("unit", item, words, likely)


def likelier_unit(item: str, value: float, unit: str) -> str:
    """Another unit in which a value of an item would be possible where it is not in its own; empty if there is none."""
    if not unit or _is_possible(item, value, unit):
        return ""
    return next((one for one in OTHER_UNITS if one != unit and _is_possible(item, value, one)), "")


def _is_possible(item: str, value: float, unit: str) -> bool:
    known = rule_book().items[item]
    try:
        own = rule_book().convert(value, unit, known.unit)
    except RulesError:
        return False
    return float(known.plausible_low) <= own <= float(known.plausible_high)
