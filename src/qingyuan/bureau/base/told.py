"""What the checks of limits say, in the language of the page. The checks themselves speak Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.bureau.base.refusals import REFUSALS
from qingyuan.bureau.base.told_steps import JOINED, STEPS

CHINESE = "zh"
PARTED, IN_PARTS = "；", "%(first)s；%(rest)s"
JOINING = 2
"""Signs of its own up to which a sentence only joins its values."""
SENTENCES = (
    # what to do
    "改正单位；换算不了的限值不能判定",
    "改正单位",
    "没有可比的限值行，以许可证为准",
    "请人工核对；或在依据里写明标准号",
    "核对许可证；许可限值不应宽于标准",
    "在“类别”“工艺”或依据里写明适用哪一档",
    "核对统计量：标准按折算值判",
    "核对基准氧含量",
    "核对许可证是否许可该项目；确无此项时不必处理",
    "登记后才能由本系统折算；设备自己报折算值的照判",
    # what the standards say
    "可换算为 %(unit)s 的单位（%(standard)s）",
    "可换算为 %(unit)s 的单位",
    "%(standards)s 没有%(what)s的限值行",
    "规则库中有该标准或该行业的限值行",
    "限值或排放口登记基准氧含量",
    "折算值，没有基准氧含量",
    "折算值，%(oxygen)s",
    "基准氧含量 %(values)s %%（%(standard)s）",
    "基准氧含量 %(value)s %%",
    "工况“%(condition)s”",
    "小时均值",
    "日均值",
    "没有限值",
    "实测值",
    # what a list of limits holds
    "改正后重新导入",
    "先在设备清单里登记该排放口，或改正编号",
    "用 HJ 212 的因子编码，如 a21026、w01018",
    "填写单位，如 mg/m3、mg/L",
    "改正限值",
    "只有无量纲的项目（pH）可以写范围；其他项目的下限写在“下限”列，不同工况各写一行",
    "“限值”已写了范围 %(range)s；范围和下限只写一处",
    "上限写在“限值”列",
    "下限写在“下限”列",
    "已按 %(bound)s 读入：等于限值不算超标；标准确为严于该数的，请改数",
    "百分号写在“单位”列；限值是百分数的，单位填 %",
    "括号里的是另一工况的限值：另起一行，在“工况”列写明",
    "只写数字，单位写在“单位”列",
    "像百分比格式的单元格：6 % 应写 6",
    "这些列没有读；写错列名的请改正",
    "可能有没加引号的逗号（如 1,000）；改正后重新导入",
    "删去重复的一行",
    "改正日期，或删去多余的一行",
    "填截止日期，或先改正已登记的限值",
    "空",
    "一个数",
    "数字",
    "上限或下限",
    "上限（≤ 或一个数）",
    "下限（≥ 或一个数）",
    "不带百分号的数字",
    "数字，小数至多 %(places)s 位",
    "已登记的排放口编号",
    "因子编码、代号或名称",
    "小于上限 %(bound)s",
    "不小于 %(bound)s 的数",
    "不超过 %(bound)s 的数",
    "晚于执行日期 %(day)s",
    "%(form)s 的形式",
    "%(low)s 到 %(high)s 之间的百分数",
    "至多 %(most)s 个字符",
    "依据、执行标准、许可证编号至少填一项",
    "不多于表头的格数",
    "不与第 %(row)s 行重复",
    "不与第 %(row)s 行的日期重叠",
    "不与已登记的限值（%(held)s）重叠",
    IN_PARTS,
    "%(row)s（按类别、工艺分 %(count)s 档）",
    "%(row)s（%(words)s）",
)
_HOLE = re.compile(r"%\((\w+)\)([sd])")
_GIVEN = frozenset(
    {"alike", "column", "columns", "file", "line", "missing", "profile_name", "sheet", "text", "username"}
)
"""Holes that hold what a file or a person wrote: headings that a list must have, names, lines. They stay as they are."""
_VALUE = {"s": ".+?", "d": r"[+-]?\d[\d,.]*"}
_CHINESE = re.compile("[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")


@dataclass(frozen=True)
class _Sentence:
    """A sentence with holes: `own` is its longest stretch without one, by which most texts are passed over at once."""

    text: str
    own: str
    pattern: re.Pattern[str]

    def values(self, text: str) -> dict[str, str] | None:
        """What stands in the holes; None where the text is another sentence."""
        found = self.pattern.fullmatch(text) if self.own in text else None
        return None if found is None else found.groupdict()


def told(text: str) -> str:
    """A sentence of a check or a refusal in the language of the page; names of classes and processes stay as the
    standard has them, and what people wrote as they wrote it.
    """
    if (get_language() or CHINESE).startswith(CHINESE):
        return text
    if text and (known := _(text)) != text:
        return known
    if not is_chinese(text):
        return text
    own, loose = _sentences()
    return _as_one_of(own, text) or _in_parts(text) or _as_one_of(loose, text) or text


def is_chinese(text: str) -> bool:
    """Whether words or marks of Chinese stand in it."""
    return bool(_CHINESE.search(text))


def _as_one_of(sentences: Iterable[_Sentence], text: str) -> str:
    """The text by the first sentence that it is, each value told too; empty where it is none."""
    for sentence in sentences:
        if (values := sentence.values(text)) is not None:
            return _filled(
                _(sentence.text), {name: value if name in _GIVEN else told(value) for name, value in values.items()}
            )
    return ""


def _in_parts(text: str) -> str:
    """Sentences one after the other, the first as long as it can be: a sentence may itself hold a semicolon."""
    own, _loose = _sentences()
    for place in [at for at, sign in enumerate(text) if sign == PARTED][::-1]:
        first = text[:place]
        if said := known if (known := _(first)) != first else _as_one_of(own, first):
            return _filled(_(IN_PARTS), {"first": said, "rest": told(text[place + 1 :])})
    return ""


def _filled(sentence: str, values: Mapping[str, str]) -> str:
    return _HOLE.sub(lambda hole: values[hole[1]], sentence.replace("%%", "%"))


@cache
def _sentences() -> tuple[list[_Sentence], list[_Sentence]]:
    """Those that are known by words of their own, most words first; and those that only join what they hold."""
    known = sorted((_sentence(text) for text in (*STEPS, *SENTENCES, *REFUSALS)), key=_own_signs, reverse=True)
    loose = [sentence for sentence in known if _own_signs(sentence) <= JOINING]
    return known[: len(known) - len(loose)], [*loose, *(_sentence(text) for text in JOINED)]


def _own_signs(sentence: _Sentence) -> int:
    return len("".join(_HOLE.split(sentence.text)[::3]))


def _sentence(text: str) -> _Sentence:
    """The sentence with a group in each of its holes."""
    parts = _HOLE.split(text.replace("%%", "%"))
    plain, names, kinds = parts[::3], parts[1::3], parts[2::3]
    holes = [f"(?P<{name}>{_VALUE[kind]})" for name, kind in zip(names, kinds, strict=True)]
    written = "".join(re.escape(part) + hole for part, hole in zip(plain, [*holes, ""], strict=True))
    return _Sentence(text, max(plain, key=len), re.compile(written, re.DOTALL))
