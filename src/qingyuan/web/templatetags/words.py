"""Words for codes and for sentences that are kept in Chinese: `{% load words %}`."""

from __future__ import annotations

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.bureau.base import told as words
from qingyuan.bureau.values.queries.doubt_words import standard_in_words

register = template.Library()

_GRAINS: dict[str, Promise] = {
    "raw": gettext_lazy("瞬时"),
    "minute": gettext_lazy("分钟"),
    "hour": gettext_lazy("小时"),
    "day": gettext_lazy("日"),
}
_CHECKS: dict[str, Promise] = {
    "hj": gettext_lazy("按标准"),
    "modbus": gettext_lazy("Modbus 算法"),
    "modbus_swapped": gettext_lazy("Modbus 算法，高低字节互换"),
}


@register.filter
def told(sentence: object) -> str:
    """What a check, a judgement or a refusal says in Chinese, in the language of the page."""
    return words.told(str(sentence))


@register.filter
def told_of_file(expected: object) -> str:
    """What a cell of a file should hold. A list of words of which some have no English stays whole as the file has it."""
    said = words.told(str(expected))
    return str(expected).replace("、", _("、")) if words.is_chinese(said) and "、" in str(expected) else said


@register.filter
def rule_words(name: object) -> str:
    """The name of a rule set: several standards joined by a plus, each in the words of the page."""
    return _("、").join(standard_in_words(part) for part in str(name).split("+"))


@register.filter
def grain_word(grain: str) -> str:
    """The word of an interval of readings."""
    return str(_GRAINS.get(grain, grain))


@register.filter
def check_word(dialect: str) -> str:
    """How a device works out the check of its packets."""
    return str(_CHECKS.get(dialect, dialect))
