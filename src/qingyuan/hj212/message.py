"""A frame's data section as items by factor code, with printed text kept as printed and numbers read.

References: HJ 212-2017, 6.3.3 (`;` between items, `,` between sub-items, `=` between name and value), tables
5-8.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from qingyuan.hj212.careful import NUMBER, read_carefully
from qingyuan.hj212.deviations import Deviation, is_fatal
from qingyuan.hj212.errors import NotANumberError
from qingyuan.hj212.frame import Frame
from qingyuan.hj212.head import Head
from qingyuan.hj212.layout import Layout, Section, read_plainly

BEIJING = ZoneInfo("Asia/Shanghai")
DATA_COMMANDS = frozenset({"2011", "2021", "2031", "2041", "2051", "2052", "2061", "2062", "2111"})
"""Commands whose upload must carry DataTime when it carries items."""

_MOST_DECIMALS = 12
_TIME_DIGITS, _TIME_WITHOUT_SECONDS, _TIME_WITH_MILLISECONDS = 14, 12, 17


class Number(NamedTuple):
    """A printed value as a number, with the count of decimals it was printed with."""

    value: float
    decimals: int


class Message:
    """A decoded frame; not to be changed.

    data_time: DataTime as an aware Beijing instant (start of the period for 2031, 2041, 2051, 2061; the
    instant for 2011, 2021), None if there is none or it is no time. items: factor code → sub-item name →
    printed text. fields: everything in CP that belongs to no factor. section: the same items in columns, numbers
    read. deviations: of framing, head and CP together.
    """

    __slots__ = ("_fields", "_items", "_section", "data_time", "deviations", "head", "plain_layout")

    def __init__(
        self,
        head: Head,
        data_time: datetime | None,
        items: dict[str, dict[str, str]] | None,
        fields: dict[str, str] | None,
        deviations: tuple[Deviation, ...],
        section: Section | None = None,
    ) -> None:
        """Either items and fields, or the section of a plain message, from which both follow."""
        self.head, self.data_time, self.deviations = head, data_time, deviations
        self._items, self._fields, self._section = items, fields, section
        self.plain_layout = section.layout if section is not None and not deviations else None
        """The structure of the section if nothing in the message had to be looked at closely."""

    @property
    def fields(self) -> dict[str, str]:
        """Everything in CP that belongs to no factor."""
        if self._fields is None:
            self._fields = {"DataTime": self.section.data_time}
        return self._fields

    @property
    def items(self) -> dict[str, dict[str, str]]:
        """Factor code → sub-item name → printed text."""
        if self._items is None:
            section = self.section
            self._items = section.layout.items(section.texts)
        return self._items

    @property
    def section(self) -> Section:
        """The items in columns: slots, printed texts, numbers (None where the text is no number), flags."""
        if self._section is None:
            self._section = _section_of(self._items or {}, (self._fields or {}).get("DataTime", ""))
        return self._section

    @property
    def sample_times(self) -> dict[str, datetime]:
        """Factor code → when its sample was taken, where that is said and is a time."""
        texts = {code: subs["SampleTime"] for code, subs in self.items.items() if "SampleTime" in subs}
        found = ((code, beijing_time(text[:_TIME_DIGITS])) for code, text in texts.items())
        return {code: instant for code, instant in found if instant is not None}

    @property
    def has_items(self) -> bool:
        """Whether the message carries anything by factor code."""
        return bool(self._items) if self._section is None else bool(self._section.layout.slots)

    @property
    def is_usable(self) -> bool:
        """Whether the values may be used (no fatal deviation)."""
        return not self.deviations or not is_fatal(self.deviations)


def number(text: str) -> Number:
    """A printed value with its printed decimals; NotANumberError if it is none.

    >>> number("3.20")
    Number(value=3.2, decimals=2)
    """
    if not NUMBER.fullmatch(text):
        raise NotANumberError(text)
    return Number(float(text), decimals_of(text))


def decimals_of(text: str) -> int:
    """How many decimals a printed number has; of one with an exponent, how many it would have written out.

    >>> decimals_of("4.5E-4"), decimals_of(".466"), decimals_of("1.5e+01")
    (5, 3, 0)
    """
    shown = text.partition(".")[2]
    if "e" not in text and "E" not in text:
        return len(shown)
    mantissa, _, exponent = text.lower().partition("e")
    return min(max(len(mantissa.partition(".")[2]) - int(exponent), 0), _MOST_DECIMALS)


def decode(
    frame: Frame, received_at: datetime | None = None, tolerated_ahead: timedelta = timedelta(hours=1)
) -> Message:
    """The message of a frame; never raises, what is odd becomes a deviation.

    received_at: if given, an aware instant; a DataTime later than this by more than `tolerated_ahead` is
    fatal.
    """
    head = frame.head
    content = frame.cp
    section = read_plainly(content, (head.mn, head.cn))
    if section is not None and (data_time := beijing_time(section.data_time)) is not None:
        deviations = frame.framing_deviations + head.deviations
        if received_at is not None and data_time > received_at + tolerated_ahead:
            deviations = tuple(dict.fromkeys((*deviations, Deviation.FUTURE_TIME)))
        return Message(head, data_time, None, None, deviations, section)
    return _decode_carefully(frame, content, received_at, tolerated_ahead)


def _decode_carefully(
    frame: Frame, content: bytes, received_at: datetime | None, tolerated_ahead: timedelta
) -> Message:
    head = frame.head
    seen: dict[Deviation, None] = dict.fromkeys(frame.framing_deviations + head.deviations)
    items: dict[str, dict[str, str]] = {}
    fields: dict[str, str] = {}
    text, is_utf8 = cp_text(content)
    if not is_utf8:
        seen[Deviation.NOT_UTF8] = None
    read_carefully(text, items, fields, seen)
    if head.edition == "2025":  # its own samples (1014, 3011, 3020) put commas there
        seen.pop(Deviation.COMMA_BETWEEN_FIELDS, None)
    data_time = _data_time(head, items, fields, seen)
    if received_at is not None and data_time is not None and data_time > received_at + tolerated_ahead:
        seen[Deviation.FUTURE_TIME] = None
    return Message(head, data_time, items, fields, tuple(seen))


def _section_of(items: dict[str, dict[str, str]], data_time: str) -> Section:
    layout = Layout([f"{code}-{sub}" for code, subs in items.items() for sub in subs])
    texts = [text for subs in items.values() for text in subs.values()]
    values = [float(text) if NUMBER.fullmatch(text) else None for text in layout.pick_numbers(texts)]
    return Section(layout, data_time, texts, values, layout.pick_flags(texts))


def cp_text(content: bytes) -> tuple[str, bool]:
    """The text of a data section and whether it is UTF-8; anything else is read as GB 18030."""
    try:
        return content.decode(), True
    except UnicodeDecodeError:
        return content.decode("gb18030", "replace"), False


def _data_time(
    head: Head, items: dict[str, dict[str, str]], fields: dict[str, str], seen: dict[Deviation, None]
) -> datetime | None:
    text = fields.get("DataTime")
    if text is None:
        if items and head.cn in DATA_COMMANDS:
            is_later_part = head.is_split and (head.pno or 0) > 1  # some writers cut the text of CP anywhere
            seen[Deviation.PART_WITHOUT_TIME if is_later_part else Deviation.NO_DATA_TIME] = None
        return None
    digits = text
    if len(text) != _TIME_DIGITS:
        if len(text) not in (_TIME_WITHOUT_SECONDS, _TIME_WITH_MILLISECONDS):
            seen[Deviation.BAD_DATA_TIME] = None
            return None
        seen[Deviation.DATA_TIME_FORM] = None
        digits = text + "00" if len(text) == _TIME_WITHOUT_SECONDS else text[:_TIME_DIGITS]
    instant = beijing_time(digits)
    if instant is None:
        seen[Deviation.BAD_DATA_TIME] = None
    return instant


@lru_cache(maxsize=8192)
def beijing_time(digits: str) -> datetime | None:
    """Fourteen digits yyyyMMddHHmmss as an aware Beijing instant; None if they name no time."""
    if len(digits) != _TIME_DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        instant = datetime.fromisoformat(f"{digits[:8]}T{digits[8:]}").replace(tzinfo=BEIJING)
        if digits < "0002":
            instant.astimezone(UTC)  # the first hours of the year 1 in Beijing are no instant in UTC
    except (ValueError, OverflowError):
        return None
    return instant
