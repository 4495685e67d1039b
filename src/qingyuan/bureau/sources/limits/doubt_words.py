"""The notes and short names of the rule tables, which are written for those who keep them, in the words of the page."""

from __future__ import annotations

from django.utils.translation import get_language

_STANDARDS = {
    "setting": "本系统设定",
    "permit rules": "许可证规则",
    "MEE-2022-21": "生态环境部公告 2022 年第 21 号",
}
_NOTES = {
    "HJ 212-2017, copy of the text": "HJ 212-2017 文本的抄本",
    "sources conflict: 20 h (HJ 212-2017), 18 h, 75 % of operating hours": (
        "来源不一：20 小时（HJ 212-2017）、18 小时、运行小时的 75 %"
    ),
    "HJ/T 75-2007 wording: share of operating hours, used on days with stopped hours": (
        "HJ/T 75-2007 的说法：占运行小时的份额；用于有停运小时的日子"
    ),
    "ours: above it the conversion to the reference oxygen explodes and gives no value": (
        "本系统设定：含氧量再高，折算值趋于无穷，不给数值"
    ),
    "public pages on the tag rules": "公开网页对标记规则的介绍",
    "taken over from flue gas; no figure was found": "照废气的数，没有查到废水的规定",
    "memory, not verified": "凭记忆，未核对原文",
    "hour mean of the converted concentration unless the permit says otherwise; memory, not verified": (
        "许可证没有另行规定的，按折算浓度的小时均值；凭记忆，未核对原文"
    ),
    "MEE Order 10: daily means of PM, SO2, NOx, HCl, CO": (
        "生态环境部令第 10 号：颗粒物、二氧化硫、氮氧化物、氯化氢、一氧化碳按日均值"
    ),
    "flow-weighted daily mean; memory, not verified": "流量加权的日均值；凭记忆，未核对原文",
    "pH by its range hour by hour; memory, not verified": "pH 逐小时按范围判；凭记忆，未核对原文",
    "public pages retelling MEE Announcement 2022 No. 21": "公开网页转述的生态环境部公告 2022 年第 21 号",
    "GB 18485 and MEE Order 10, hours from memory": "GB 18485 和生态环境部令第 10 号，小时数凭记忆",
    "HJ 953 as quoted": "转引的 HJ 953",
}


def note_in_words(note: str) -> str:
    """A note on where a rule comes from; one that nobody put into Chinese (of a local pack) stays as it is."""
    return note if _is_english() else _NOTES.get(note, note)


def standard_in_words(name: str) -> str:
    """The name of a standard or other origin of a rule."""
    return name if _is_english() else _STANDARDS.get(name, name)


def _is_english() -> bool:
    return (get_language() or "").startswith("en")
