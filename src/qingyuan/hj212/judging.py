"""What is wrong with the meaning of a message that was read: command, system, shape, names, ranges, flags, results.

What is judged by tables of 2017 alone (names, results) is not asked of 2005 and 2025, whose texts were not at hand.

References: HJ 212-2017, 6.3.3, tables 5-10; HJ 212-2025 as others coded it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from qingyuan.hj212 import contents as c
from qingyuan.hj212 import uploads as u
from qingyuan.hj212.commands import command
from qingyuan.hj212.contents import Content
from qingyuan.hj212.deviations import Deviation
from qingyuan.hj212.factors import meaning_of
from qingyuan.hj212.head import edition_of
from qingyuan.hj212.layout import Layout, Section
from qingyuan.hj212.message import Message
from qingyuan.rules import rule_book

_SUBS_2017 = frozenset(
    (
        *("Rtd", "Min", "Avg", "Max", "Cou", "ZsRtd", "ZsMin", "ZsAvg", "ZsMax", "Flag", "EFlag", "SampleTime"),
        *("Data", "DayData", "NightData", "RS", "RT", "Info", "SN"),
    )
)
_SUB_FORM = re.compile(r"[A-Z][A-Za-z]*|[a-z][0-9]{5}")  # the latter: an information code, in 2013 of 2025
_BEGINS_LIKE_CODE = re.compile(r"[a-zA-Z][0-9]{5}")
_MASS_PER_VOLUME = re.compile(r"[munμ]?g/(?:L|m3)")
_FLAG_FORM = re.compile(r"[0-9A-Z]")
_BAD_CODE = re.compile(r"[a-z](?:[0-9]{1,4}|[0-9]{5}.+)|.*[^0-9A-Za-z_].*", re.DOTALL)
_EXTENSION = re.compile(r"[A-Z][0-9]")  # table 5: systems of one's own
_MAY_LACK_FACTOR = frozenset({"1011", "1013"})
_UNNAMED_FIELDS = frozenset({"datatime", "flag"})  # a bare Flag has a deviation of its own


def judge(message: Message, content: Content | None) -> tuple[Deviation, ...]:
    """What is wrong with the meaning of a message; `content` is what `interpret` made of it."""
    head, layout = message.head, message.plain_layout
    letters, seen_before = _by_head(head.flag, head.st)
    if layout is not None and layout.is_usual and content.__class__ is u.Observations:
        section = message.section
        if (not letters or letters.issuperset(section.flags)) and min(section.values, default=0.0) >= 0:  # type: ignore[type-var,operator]
            return seen_before
    seen: dict[Deviation, None] = dict.fromkeys(seen_before)
    edition = head.edition
    if content is None and head.cn:
        seen[Deviation.CONTENT_SHAPE if command(edition, head.cn) is not None else Deviation.UNKNOWN_COMMAND] = None
    elif _says_too_little(content, head.cn):
        seen[Deviation.CONTENT_SHAPE] = None
    section = message.section
    if not all(map(_FLAG_FORM.fullmatch, section.flags)) or (letters and not letters.issuperset(section.flags)):
        seen[Deviation.UNKNOWN_FLAG] = None
    if any(_BAD_CODE.fullmatch(code) for code, _ in section.layout.slots):
        seen[Deviation.CODE_FORM] = None
    _judge_names(message, content, seen)
    if any(value is not None and value < 0 and _is_concentration(slot[0]) for slot, value in _numbers(section)):
        seen[Deviation.NEGATIVE_CONCENTRATION] = None
    if (
        _is_contradictory(content, edition)
        or any(not _is_in_range(name, text) for name, text in message.fields.items())
        or any(not _is_in_range(f"-{section.layout.slots[n][1]}", section.texts[n]) for n in _ranged(section.layout))
    ):
        seen[Deviation.VALUE_RANGE] = None
    return tuple(seen)


@lru_cache(maxsize=4096)
def _by_head(flag: int | None, st: str) -> tuple[frozenset[str], tuple[Deviation, ...]]:
    """The flags that an edition knows (() where its table has not been seen: all are taken); what is wrong with ST."""
    protocol = rule_book().protocol
    is_known = len(st) != 2 or st in protocol.systems or _EXTENSION.fullmatch(st) is not None
    return protocol.flags.get(edition_of(flag), frozenset()), () if is_known else (Deviation.UNKNOWN_SYSTEM,)


def _says_too_little(content: Content | None, cn: str) -> bool:
    """A time without any value, or a request about a factor that does not name it."""
    if isinstance(content, u.Observations):
        return not content.section.layout.slots
    return isinstance(content, c.ForFactor) and content.pol_id is None and cn not in _MAY_LACK_FACTOR


def _is_contradictory(content: Content | None, edition: str) -> bool:
    """A period that ends before it begins, or a result that the tables do not have."""
    if isinstance(content, c.History):
        return content.begin > content.end
    if edition == "2025" or not isinstance(content, c.RequestResult | c.ExecutionResult):
        return False
    field = "QnRtn" if isinstance(content, c.RequestResult) else "ExeRtn"
    return (field, str(content.code)) not in rule_book().protocol.results


def _numbers(section: Section) -> Iterable[tuple[tuple[str, str], float | None]]:
    return zip(section.layout.numbers, section.values, strict=True)


@cache
def _is_concentration(code: str) -> bool:
    """Whether a factor is measured in mass per volume, which is never below zero; instruments print it all the same."""
    known = meaning_of(code)
    return known is not None and _MASS_PER_VOLUME.fullmatch(known.unit) is not None


def _judge_names(message: Message, content: Content | None, seen: dict[Deviation, None]) -> None:
    """A field that no table has may stand beside readings, unless it looks like a reading that lost its hyphen."""
    subs = {sub for _, sub in message.section.layout.slots}
    if message.head.edition == "2017":
        if not subs <= _SUBS_2017:
            seen[Deviation.UNKNOWN_SUB_ITEM] = None
        strangers = [name for name in message.fields if name.lower() not in _field_names()]
        if strangers and (not isinstance(content, u.Observations) or any(map(_BEGINS_LIKE_CODE.match, strangers))):
            seen[Deviation.UNKNOWN_FIELD] = None
    elif not all(_SUB_FORM.fullmatch(sub) for sub in subs):
        seen[Deviation.UNKNOWN_SUB_ITEM] = None


@cache
def _field_names() -> frozenset[str]:
    """Without regard to case: the standard itself spells some in two ways (Ctime, CTime)."""
    return _UNNAMED_FIELDS | {name.lower() for name in rule_book().protocol.fields}


def _ranged(layout: Layout) -> tuple[int, ...]:
    """The slots whose values the tables limit; found once for each layout, with whether there is anything to ask."""
    if layout.ranged is None:
        table = rule_book().protocol.fields
        layout.ranged = tuple(n for n, (_, sub) in enumerate(layout.slots) if f"-{sub}" in table)
        subs = {sub for _, sub in layout.slots}
        layout.is_usual = bool(layout.slots) and not layout.ranged and subs <= _SUBS_2017
    return layout.ranged


def _is_in_range(name: str, text: str) -> bool:
    known = rule_book().protocol.fields.get(name)
    return known is None or known.allows(text)
