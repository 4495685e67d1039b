"""What a data section says, typed: commands, settings, requests and replies made of named fields.

A class reads itself from a message (None where the message is of another shape) and writes itself as the text
between `CP=&&` and `&&`; reading what was written gives the same value. Times are aware Beijing instants; numbers
that the section does not carry are None.

References: HJ 212-2017, tables 5-10 and annex C; HJ 212-2025, annex C (as others coded it); HJ/T 212-2005 (from
memory where the rule tables say so).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import NoneType
from typing import Annotated, NamedTuple, Self, get_args, get_origin, get_type_hints

from qingyuan.hj212.careful import NUMBER
from qingyuan.hj212.errors import UnencodableError
from qingyuan.hj212.message import BEIJING, Message, beijing_time

_TOO_MANY_DIGITS = 10
_FORBIDDEN = frozenset(";,=&\r\n")


class Content:
    """One shape of a data section."""

    __slots__ = ()

    @classmethod
    def read(cls, message: Message) -> Self | None:
        """This shape's value of a message; None if the message has another shape."""
        raise NotImplementedError

    def cp(self) -> str:
        """The text between `CP=&&` and `&&`."""
        raise NotImplementedError


def time_text(instant: datetime) -> str:
    """An aware instant as fourteen digits of Beijing time. UnencodableError for one without a zone."""
    if instant.tzinfo is None:
        raise UnencodableError("时间", instant.isoformat(), "带时区的时刻")
    return instant.astimezone(BEIJING).strftime("%Y%m%d%H%M%S")


def safe(name: str, text: str) -> str:
    """A text that no separator would tear apart. UnencodableError for any other."""
    if not _FORBIDDEN.isdisjoint(text):
        raise UnencodableError(name, text, "不含分隔符（; , = & 回车换行）的文字")
    return text


class _Spec(NamedTuple):
    """One field of a shape: attribute, name in the data section, type, whether it may be missing."""

    attribute: str
    name: str
    kind: type
    is_optional: bool


_known_specs: dict[type, tuple[_Spec, ...]] = {}


def _specs(shape: type) -> tuple[_Spec, ...]:
    """The fields of a shape, from its annotations: `Annotated[type, "name in the data section"]`."""
    found = _known_specs.get(shape)
    if found is not None:
        return found
    specs = []
    for attribute, annotation in get_type_hints(shape, include_extras=True).items():
        if get_origin(annotation) is Annotated:
            kinds = [one for one in get_args(get_args(annotation)[0]) if one is not NoneType]
            kind = kinds[0] if kinds else get_args(annotation)[0]
            specs.append(_Spec(attribute, annotation.__metadata__[0], kind, bool(kinds)))
    _known_specs[shape] = tuple(specs)
    return _known_specs[shape]


class Fields(Content):
    """A shape made of named fields alone. Names match without regard to case where the exact one is missing."""

    __slots__ = ()

    @classmethod
    def read(cls, message: Message) -> Self | None:
        """The fields, converted; None if one is missing or is not what it should be."""
        values: dict[str, object] = {}
        for spec in _specs(cls):
            shown = field_of(message, spec.name)
            if shown is None:
                if not spec.is_optional:
                    return None
                continue
            value = _converted(shown, spec.kind)
            if value is None:
                return None
            values[spec.attribute] = value
        return cls(**values)

    def cp(self) -> str:
        """`name=value` joined by semicolons; fields that are None are left out."""
        pairs = []
        for spec in _specs(type(self)):
            value = getattr(self, spec.attribute)
            if value is not None:
                pairs.append(f"{spec.name}={printed(spec.name, value)}")
        return ";".join(pairs)


def field_of(message: Message, name: str) -> str | None:
    """A named field as printed; the standard itself spells some in two ways (Ctime, CTime)."""
    found = message.fields.get(name)
    if found is not None:
        return found
    wanted = name.lower()
    return next((value for key, value in message.fields.items() if key.lower() == wanted), None)


def printed(name: str, value: object) -> str:
    """A value as a data section prints it."""
    if isinstance(value, datetime):
        return time_text(value)
    return safe(name, f"{value:f}" if isinstance(value, Decimal) else str(value))


def _converted(shown: str, kind: type) -> object | None:
    if kind is datetime:
        return beijing_time(shown)
    if kind is int:
        is_whole = shown.isascii() and shown.isdigit() and len(shown) < _TOO_MANY_DIGITS
        return int(shown) if is_whole else None
    if kind is Decimal:
        return Decimal(shown) if NUMBER.fullmatch(shown) else None
    return shown


@dataclass(frozen=True)
class Nothing(Content):
    """An empty data section: 1061, 1063, 2012, 2022, 9013, 9014, 9015 and requests without conditions."""

    @classmethod
    def read(cls, message: Message) -> Self | None:
        """Nothing, if there is nothing."""
        return None if message.fields or message.has_items else cls()

    def cp(self) -> str:
        """Empty."""
        return ""


@dataclass(frozen=True)
class Timeout(Fields):
    """1000: time-out [s] and how often to send again."""

    over_time: Annotated[int, "OverTime"]
    re_count: Annotated[int, "ReCount"]


@dataclass(frozen=True)
class AlarmTime(Fields):
    """1001 of 2005: time after which an excess is an alarm; its form is not known for certain."""

    alarm_time: Annotated[str, "AlarmTime"]


@dataclass(frozen=True)
class ForFactor(Fields):
    """A request about one factor, or about the device where pol_id is None (1011, 1013, 3012-3014, 3017-3024)."""

    pol_id: Annotated[str | None, "PolId"] = None

    @classmethod
    def read(cls, message: Message) -> Self | None:
        """The request, if nothing else stands in the section."""
        return None if message.has_items or any(name != "PolId" for name in message.fields) else super().read(message)


@dataclass(frozen=True)
class FieldTime(Fields):
    """1011 (reply), 1012: the clock of the device or of one analyser."""

    system_time: Annotated[datetime, "SystemTime"]
    pol_id: Annotated[str | None, "PolId"] = None


@dataclass(frozen=True)
class KeyRequest(Fields):
    """1014 of the field: asks for a new key; created: when the present one was made, as printed."""

    created: Annotated[str, "SKCreateTime"]


@dataclass(frozen=True)
class NewKey(Fields):
    """1014 of the platform: a new SM4 key, as printed."""

    created: Annotated[str, "SKCreateTime"]
    key: Annotated[str, "NewSK"]

    def cp(self) -> str:
        """With a comma, as the printed sample has it."""
        return f"SKCreateTime={safe('SKCreateTime', self.created)},NewSK={safe('NewSK', self.key)}"


@dataclass(frozen=True)
class AlarmLimits(Fields):
    """1021 (reply), 1022 of 2005: limits of one factor."""

    pol_id: Annotated[str, "PolId"]
    low: Annotated[Decimal | None, "LowValue"] = None
    high: Annotated[Decimal | None, "UpValue"] = None

    @classmethod
    def read(cls, message: Message) -> Self | None:
        """The limits, if there is at least one."""
        found = super().read(message)
        return None if found is None or (found.low is None and found.high is None) else found


@dataclass(frozen=True)
class PlatformAddress(Fields):
    """1031 (reply), 1032 of 2005."""

    address: Annotated[str, "AlarmTarget"]


@dataclass(frozen=True)
class ReportTime(Fields):
    """1041 (reply), 1042 of 2005."""

    report_time: Annotated[str, "ReportTime"]


@dataclass(frozen=True)
class RealtimeInterval(Fields):
    """1061 (reply), 1062: seconds between real-time uploads."""

    seconds: Annotated[int, "RtdInterval"]


@dataclass(frozen=True)
class MinuteInterval(Fields):
    """1063 (reply), 1064: minutes of a minute-data interval."""

    minutes: Annotated[int, "MinInterval"]


@dataclass(frozen=True)
class NewPassword(Fields):
    """1072."""

    password: Annotated[str, "NewPW"]


@dataclass(frozen=True)
class History(Fields):
    """A request for stored data between two times, both included as the standard's examples use them."""

    begin: Annotated[datetime, "BeginTime"]
    end: Annotated[datetime, "EndTime"]


@dataclass(frozen=True)
class Restart(Fields):
    """2081: when the logger was started."""

    data_time: Annotated[datetime, "DataTime"]
    restart_time: Annotated[datetime, "RestartTime"]


@dataclass(frozen=True)
class Alarm(Fields):
    """2071 (reply), 2072 of 2005: an alarm; its fields are not known for certain."""

    alarm_time: Annotated[str, "AlarmTime"]
    alarm_type: Annotated[str | None, "AlarmType"] = None


@dataclass(frozen=True)
class Calibration(Fields):
    """3011: calibrate; calibration_type (2025) 0 zero, 1 span."""

    pol_id: Annotated[str, "PolId"]
    calibration_type: Annotated[int | None, "CalibrationType"] = None


@dataclass(frozen=True)
class Retained(Fields):
    """3015 (reply): a sample kept because of an excess, and in which bottle."""

    data_time: Annotated[datetime, "DataTime"]
    vase: Annotated[int, "VaseNo"]


@dataclass(frozen=True)
class SamplingCycle(Fields):
    """3016, 3017 (reply): first sample of the day (hhmmss) and hours between samples."""

    pol_id: Annotated[str, "PolId"]
    start: Annotated[str, "CstartTime"]
    hours: Annotated[int, "Ctime"]


@dataclass(frozen=True)
class OutputTime(Fields):
    """3018 (reply): minutes from sample to result."""

    pol_id: Annotated[str, "PolId"]
    minutes: Annotated[int, "Stime"]


@dataclass(frozen=True)
class InformationRequest(Fields):
    """3020 of the platform: one information of one analyser (or of the logger), with a period for logs."""

    pol_id: Annotated[str, "PolId"]
    info_id: Annotated[str, "InfoId"]
    begin: Annotated[datetime | None, "BeginTime"] = None
    end: Annotated[datetime | None, "EndTime"] = None


@dataclass(frozen=True)
class RequestResult(Fields):
    """9011: whether the request will be carried out (1 yes; the others say why not, see the rule tables)."""

    code: Annotated[int, "QnRtn"]


@dataclass(frozen=True)
class ExecutionResult(Fields):
    """9012: what came of it (1 done; the others see the rule tables)."""

    code: Annotated[int, "ExeRtn"]
