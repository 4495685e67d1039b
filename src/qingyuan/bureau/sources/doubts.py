"""The doubtful numbers an outlet is judged by: settings of the rule book, with their doubt, for the page that shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from qingyuan.bureau.sources.limit_checks import industry_key
from qingyuan.bureau.sources.models import Outlet
from qingyuan.bureau.sources.queries import MEDIA
from qingyuan.rules import Certainty, Provenance, rule_book

# What the rules of a medium read from validity.csv, in the words of the page.
_NUMBERS = {
    "flue_gas": {
        "flue_gas.hour.minutes": "小时有效所需分钟数",
        "flue_gas.day.hours": "日均有效所需小时数",
        "flue_gas.day.operating_share": "有停运的日子，有效小时占运行小时的份额",
        "flue_gas.oxygen.cap": "含氧量高于此值不折算",
        "tag.deadline.hour": "标记截止（次日几时）",
    },
    "waste_water": {
        "waste_water.hour.minutes": "小时有效所需分钟数",
        "waste_water.day.share": "日均有效所需小时份额",
        "tag.deadline.hour": "标记截止（次日几时）",
    },
}
CERTAINTY = {Certainty.OFFICIAL: "官方文本", Certainty.TRANSCRIBED: "转录", Certainty.SETTING: "设定（未核实）"}


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
            found.append(_doubt(words, f"{row.value.normalize():f}", row.unit, row.origin))
    industry = industry_key(outlet) or "*"
    for item in sorted({row.item for row in outlet.limits.all()}):
        averaging = book.averaging_rule(industry, medium, item, day)
        value = {"hour": "小时值", "day": "日均值"}[averaging.averaging]
        weighed = "（流量加权）" if averaging.statistic == "flow_weighted" else ""
        found.append(_doubt(f"{item} 的判定均值", value + weighed, "", averaging.origin))
    for (name, key), _ in book.tag_rows.entries.items():
        rule = book.tag_rows.get((name, key), day)
        if rule is not None and key == industry and rule.limit_hours is not None:
            found.append(_doubt(f"工况标记“{name}”的豁免时限", str(rule.limit_hours), "小时", rule.origin))
    return sorted(found, key=lambda d: not d.is_doubtful)


def _doubt(what: str, value: str, unit: str, origin: Provenance) -> Doubt:
    doubtful = origin.certainty is Certainty.SETTING
    return Doubt(what, value, unit, origin.standard, CERTAINTY[origin.certainty], doubtful, origin.source)
