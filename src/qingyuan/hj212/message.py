"""A frame's data section as items by factor code, with printed text kept as printed.

References: HJ 212-2017, 6.3.3 (`;` between items, `,` between sub-items, `=` between name and value), tables
5-8.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from qingyuan.hj212.deviations import Deviation, is_fatal
from qingyuan.hj212.errors import NotANumberError
from qingyuan.hj212.frame import Frame, Head

BEIJING = ZoneInfo("Asia/Shanghai")
DATA_COMMANDS = frozenset({"2011", "2021", "2031", "2041", "2051", "2052", "2061", "2062", "2111"})
"""Commands whose upload must carry DataTime when it carries items."""

_NUMERIC_SUBS = frozenset(
    (
        *("Rtd", "Min", "Avg", "Max", "Cou", "ZsRtd", "ZsMin", "ZsAvg", "ZsMax"),
        *("Data", "DayData", "NightData", "RS", "RT", "SampleRd", "StandardValue"),
    )
)
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?")
_AFTER_DATA_TIME = len("DataTime=20240601085857")
_ABSURD_DIGITS = 14  # the widest type of annex B is N13
_PLAIN_PAIR = r"[a-z][0-9a-z]{5}-(?>Flag=[A-Z]|[A-Z][A-Za-z]++=-?[0-9]{1,13}+(?:\.[0-9]++)?+)"
_PLAIN = re.compile(rf"DataTime=([0-9]{{14}})(?:;{_PLAIN_PAIR}(?:[,;]{_PLAIN_PAIR})*+)?")
"""Data sections without anything odd, which is nearly all of them: read without looking at each item."""
_PAIR = re.compile(r"([^-=,;]+)-([^=,;]+)=([^,;]*)")
_UPPER_CODE = re.compile(r"[WAEGI][0-9]{4,5}")
_BARE_CODE = re.compile(r"[0-9]{5}")
_TEXT = re.compile(r"//(.*?)//", re.DOTALL)
_SEPARATORS = re.compile(r"[;,=]|&&")


class Number(NamedTuple):
    """A printed value as a number, with the count of decimals it was printed with."""

    value: float
    decimals: int


@dataclass(frozen=True, slots=True)
class Message:
    """A decoded frame.

    data_time: DataTime as an aware Beijing instant (start of the period for 2031, 2041, 2051, 2061; the
    instant for 2011, 2021), None if there is none or it is no time. items: factor code → sub-item name →
    printed text. fields: everything in CP that belongs to no factor. deviations: of framing, head and CP
    together.
    """

    head: Head
    data_time: datetime | None
    items: dict[str, dict[str, str]]
    fields: dict[str, str]
    deviations: tuple[Deviation, ...]

    @property
    def is_usable(self) -> bool:
        """Whether the values may be used (no fatal deviation)."""
        return not is_fatal(self.deviations)


def number(text: str) -> Number:
    """A printed value with its printed decimals; NotANumberError if it is none.

    >>> number("3.20")
    Number(value=3.2, decimals=2)
    """
    if not _NUMBER.fullmatch(text):
        raise NotANumberError(text)
    return Number(float(text), len(text.partition(".")[2]))


def decode(
    frame: Frame, received_at: datetime | None = None, tolerated_ahead: timedelta = timedelta(hours=1)
) -> Message:
    """The message of a frame; never raises, what is odd becomes a deviation.

    received_at: if given, an aware instant; a DataTime later than this by more than `tolerated_ahead` is
    fatal.
    """
    head = frame.head
    seen: dict[Deviation, None] = dict.fromkeys(frame.framing_deviations + head.deviations)
    items: dict[str, dict[str, str]] = {}
    fields: dict[str, str] = {}
    text, is_utf8 = cp_text(frame.cp)
    if not is_utf8:
        seen[Deviation.NOT_UTF8] = None
    plain = _PLAIN.fullmatch(text)
    if plain is not None and _read_plainly(text, items):
        fields["DataTime"] = plain[1]
    else:
        items.clear()
        _read_carefully(text, items, fields, seen)
    if head.edition == "2025":  # its own samples (1014, 3011, 3020) put commas there
        seen.pop(Deviation.COMMA_BETWEEN_FIELDS, None)
    data_time = _data_time(head, items, fields, seen)
    if received_at is not None and data_time is not None and data_time > received_at + tolerated_ahead:
        seen[Deviation.FUTURE_TIME] = None
    return Message(head, data_time, items, fields, tuple(seen))


def cp_text(content: bytes) -> tuple[str, bool]:
    """The text of a data section and whether it is UTF-8; anything else is read as GB 18030."""
    try:
        return content.decode(), True
    except UnicodeDecodeError:
        return content.decode("gb18030", "replace"), False


def _read_plainly(text: str, items: dict[str, dict[str, str]]) -> bool:
    """Fill `items` from a section without oddities; False if an item came twice."""
    pairs = _PAIR.findall(text, _AFTER_DATA_TIME)
    last, subs = "", {}
    for code, sub, value in pairs:
        if code != last:
            last, subs = code, items.setdefault(code, {})
        subs[sub] = value
    return len(pairs) == sum(map(len, items.values()))


def _read_carefully(
    text: str, items: dict[str, dict[str, str]], fields: dict[str, str], seen: dict[Deviation, None]
) -> None:
    """Fill `items` and `fields` item by item and name what is odd."""
    quoted: list[str] = []
    if "//" in text:
        text = _TEXT.sub(lambda match: _hide(match, quoted), text)
        if any(_SEPARATORS.search(one) for one in quoted):
            seen[Deviation.SEPARATORS_IN_TEXT] = None
    if text:
        for group in text.split(";"):
            _read_group(group, items, fields, seen)
    if quoted:
        _unhide(items, fields, quoted)


def _read_group(
    group: str, items: dict[str, dict[str, str]], fields: dict[str, str], seen: dict[Deviation, None]
) -> None:
    group_code = ""
    pairs = group.split(",")
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            seen[Deviation.BROKEN_ITEM if pair.strip() else Deviation.EMPTY_ITEM] = None
            continue
        if pair[0].isspace() or pair[-1].isspace() or key[-1:].isspace() or value[:1].isspace():
            key, value = key.strip(), value.strip()
            seen[Deviation.BLANKS] = None
        code, dash, sub = key.partition("-")
        if not dash:
            if key == "Flag":
                seen[Deviation.FRAME_WIDE_FLAG] = None
            elif len(pairs) > 1:
                seen[Deviation.COMMA_BETWEEN_FIELDS] = None
            if key in fields:
                seen[Deviation.DUPLICATE_ITEM] = None
            fields[key] = value
            continue
        if code != group_code:
            code = _repaired(code, group_code, seen)
            group_code = group_code or code
        subs = items.get(code)
        if subs is None:
            subs = items[code] = {}
        elif sub in subs:
            seen[Deviation.DUPLICATE_ITEM] = None
        subs[sub] = value
        if sub in _NUMERIC_SUBS:
            _judge_number(value, seen)


def _repaired(code: str, group_code: str, seen: dict[Deviation, None]) -> str:
    if code[:1].isupper() and _UPPER_CODE.fullmatch(code):
        seen[Deviation.CODE_CASE] = None
        return code.lower()
    if group_code[1:] == code and _BARE_CODE.fullmatch(code):
        seen[Deviation.CODE_WITHOUT_LETTER] = None
        return group_code
    return code


def _judge_number(value: str, seen: dict[Deviation, None]) -> None:
    if not _NUMBER.fullmatch(value):
        seen[Deviation.NOT_A_NUMBER] = None
    elif len(value) >= _ABSURD_DIGITS and len(value.lstrip("+-0").partition(".")[0]) >= _ABSURD_DIGITS:
        seen[Deviation.ABSURD_NUMBER] = None


def _data_time(
    head: Head, items: dict[str, dict[str, str]], fields: dict[str, str], seen: dict[Deviation, None]
) -> datetime | None:
    text = fields.get("DataTime")
    if text is None:
        if items and head.cn in DATA_COMMANDS:
            seen[Deviation.NO_DATA_TIME] = None
        return None
    digits = text
    if len(text) != 14:
        if len(text) not in (12, 17):
            seen[Deviation.BAD_DATA_TIME] = None
            return None
        seen[Deviation.DATA_TIME_FORM] = None
        digits = text[:14] if len(text) == 17 else text + "00"
    instant = beijing_time(digits) if text.isascii() and text.isdigit() else None
    if instant is None:
        seen[Deviation.BAD_DATA_TIME] = None
    return instant


def beijing_time(digits: str) -> datetime | None:
    """Fourteen digits yyyyMMddHHmmss as an aware Beijing instant; None if they name no time."""
    try:
        instant = datetime(
            int(digits[:4]),
            int(digits[4:6]),
            int(digits[6:8]),
            int(digits[8:10]),
            int(digits[10:12]),
            int(digits[12:14]),
            tzinfo=BEIJING,
        )
        instant.astimezone(UTC)  # the first hours of the year 1 in Beijing are no instant in UTC
    except (ValueError, OverflowError):
        return None
    return instant


def _hide(match: re.Match[str], quoted: list[str]) -> str:
    quoted.append(match[1])
    return f"//\x00{len(quoted) - 1}\x00//"


def _unhide(items: dict[str, dict[str, str]], fields: dict[str, str], quoted: list[str]) -> None:
    """Put the hidden texts back, with their slashes, wherever the splitting has carried them."""
    hidden = re.compile(r"//\x00([0-9]+)\x00//")
    for subs in (fields, *items.values()):
        for key, value in subs.items():
            if "\x00" in value:
                subs[key] = hidden.sub(lambda match: f"//{quoted[int(match[1])]}//", value)
