"""The doubtful numbers an outlet is judged by: settings of the rule book, with their doubt, for the page that shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.bureau.base.display import in_language, item_symbol
from qingyuan.bureau.registers.models import Outlet
from qingyuan.bureau.values.queries.doubt_words import standard_in_words
from qingyuan.bureau.values.queries.limits import MEDIA
from qingyuan.rules import Certainty, Provenance, rule_book

# What the rules of a medium read from validity.csv, in the words of the page.
_NUMBERS = {
    "flue_gas": {
        "flue_gas.hour.minutes": gettext_lazy("小时有效所需分钟数"),
        "flue_gas.day.hours": gettext_lazy("日均有效所需小时数"),
        "flue_gas.day.operating_share": gettext_lazy("有停运的日子，有效小时占运行小时的份额"),
        "flue_gas.quarter.capture": gettext_lazy("一季有效数据捕集率的下限"),
        "flue_gas.oxygen.cap": gettext_lazy("含氧量高于此值不折算"),
        "tag.hour.minutes": gettext_lazy("设备标记至少覆盖一小时的多少分钟才算"),
        "tag.deadline.hour": gettext_lazy("标记截止（次日几时）"),
    },
    "waste_water": {
        "waste_water.hour.minutes": gettext_lazy("小时有效所需分钟数"),
        "waste_water.day.share": gettext_lazy("日均有效所需小时份额"),
        "tag.hour.minutes": gettext_lazy("设备标记至少覆盖一小时的多少分钟才算"),
        "tag.deadline.hour": gettext_lazy("标记截止（次日几时）"),
    },
}
CERTAINTY = {
    Certainty.OFFICIAL: gettext_lazy("官方文本"),
    Certainty.TRANSCRIBED: gettext_lazy("转录"),
    Certainty.SETTING: gettext_lazy("设定（未核实）"),
}
_UNITS = {
    "minute": gettext_lazy("分钟"),
    "hour": gettext_lazy("小时"),
    "hour of the next day": gettext_lazy("时"),
    "ratio": "",
}
_AVERAGES = {"hour": gettext_lazy("小时值"), "day": gettext_lazy("日均值")}


@dataclass(frozen=True)
class Doubt:
    """A number or rule that the outlet is judged by, as it holds on the day, and how sure it is."""

    what: str
    value: str
    unit: str
    standard: str
    certainty: str
    is_doubtful: bool
    source: str


def doubts(outlet: Outlet, day: date) -> list[Doubt]:
    """The numbers, averaging rules and condition tags of the outlet's industry, doubtful ones first."""
    book = rule_book()
    medium = MEDIA[Outlet.Medium(outlet.medium)]
    found = []
    for key, words in _NUMBERS[medium].items():
        row = book.validity_rows.get(key, day)
        if row is not None:
            found.append(
                _doubt(str(words), f"{row.value.normalize():f}", str(_UNITS.get(row.unit, row.unit)), row.origin)
            )
    industry = outlet.judged_as or "*"
    for item in sorted({row.item for row in outlet.limits.standing()}):
        averaging = book.averaging_rule(industry, medium, item, day)
        weighed = _("（流量加权）") if averaging.statistic == "flow_weighted" else ""
        what = _("%(item)s 的判定均值") % {"item": item_symbol(item)}
        found.append(_doubt(what, f"{_AVERAGES[averaging.averaging]}{weighed}", "", averaging.origin))
    for (name, key), rule in book.tag_rows.all_on(day).items():
        if key == industry and rule.effect == "exempt":
            what = _("工况标记“%(name)s”的豁免时限") % {"name": name}
            hours, unit = (_("不限"), "") if rule.limit_hours is None else (str(rule.limit_hours), _("小时"))
            found.append(_doubt(what, hours, unit, rule.origin))
    return sorted(found, key=lambda d: not d.is_doubtful)


def _doubt(what: str, value: str, unit: str, origin: Provenance) -> Doubt:
    doubtful = origin.certainty is Certainty.SETTING
    standard, note = standard_in_words(origin.standard), in_language(origin.source)
    return Doubt(what, value, unit, standard, str(CERTAINTY[origin.certainty]), doubtful, note)
