"""What a device reports, typed: readings, states, samples, checks, identities, information.

References: HJ 212-2017, tables 5-8, annex C.14-C.46; HJ 212-2025, annex C (as others coded it).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Self

from qingyuan.hj212.careful import NUMBER
from qingyuan.hj212.contents import Content, printed, safe, time_text
from qingyuan.hj212.layout import FLAG, Layout, Section
from qingyuan.hj212.message import Message, beijing_time

_QUOTES = "//"


@dataclass(slots=True, eq=False)
class Observations(Content):
    """2011, 2031, 2051, 2052, 2061, 2111: values by factor. Not to be changed.

    data_time: the instant (2011), else the start of the period. section: slots, printed texts, numbers (None where
    the text is none) and flags in columns; `items` the same by factor code.
    """

    data_time: datetime
    section: Section

    @classmethod
    def read(cls, message: Message) -> Self | None:
        """The values; None without a time."""
        return None if message.data_time is None else cls(message.data_time, message.section)

    @classmethod
    def of(cls, data_time: datetime, items: Mapping[str, Mapping[str, str]]) -> Self:
        """Values by factor code and sub-item, as they are to be printed."""
        layout = Layout([f"{code}-{sub}" for code, subs in items.items() for sub in subs])
        texts = [value for subs in items.values() for value in subs.values()]
        values = [_number(value) for value in layout.pick_numbers(texts)]
        return cls(data_time, Section(layout, time_text(data_time), texts, values, layout.pick_flags(texts)))

    @property
    def items(self) -> dict[str, dict[str, str]]:
        """Factor code → sub-item → printed text."""
        return self.section.layout.items(self.section.texts)

    @property
    def numbers(self) -> dict[tuple[str, str], float | None]:
        """(factor code, sub-item) → number."""
        return dict(zip(self.section.layout.numbers, self.section.values, strict=True))

    @property
    def flags(self) -> dict[str, str]:
        """Factor code → data flag, where one was sent."""
        return dict(zip(self.section.layout.flags, self.section.flags, strict=True))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Observations) and (self.data_time, self.items) == (other.data_time, other.items)

    __hash__ = None  # type: ignore[assignment]

    def cp(self) -> str:
        """One group a factor."""
        return ";".join([f"DataTime={time_text(self.data_time)}", *grouped(self.items)])


def grouped(items: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Each factor's sub-items, joined by commas."""
    return [
        ",".join(f"{code}-{sub}={safe(code, value)}" for sub, value in subs.items()) for code, subs in items.items()
    ]


def _number(value: str) -> float | None:
    return float(value) if NUMBER.fullmatch(value) else None


def _sub_items(message: Message, sub: str) -> dict[str, str] | None:
    """Code → printed text of one sub-item that every item has; None if an item has not, or there is no item."""
    found = {code: subs[sub] for code, subs in message.items.items() if sub in subs}
    return found if found and len(found) == len(message.items) else None


@dataclass(frozen=True)
class FacilityStates(Content):
    """2021: treatment facilities at an instant, by code (SB1, ...): 0 off, 1 on, 2 to 5 see the rule tables."""

    data_time: datetime
    states: Mapping[str, int]

    @classmethod
    def read(cls, message: Message) -> Self | None:
        """The states; None if one is no single digit."""
        found = _sub_items(message, "RS")
        if (
            found is None
            or message.data_time is None
            or not all(value in set("0123456789") for value in found.values())
        ):
            return None
        return cls(message.data_time, {code: int(value) for code, value in found.items()})

    def cp(self) -> str:
        """One group a facility."""
        return _of_items(self.data_time, {code: {"RS": str(state)} for code, state in self.states.items()})


@dataclass(frozen=True)
class FacilityHours(Content):
    """2041: hours that each facility ran on a day (start of the day given)."""

    data_time: datetime
    hours: Mapping[str, Decimal]

    @classmethod
    def read(cls, message: Message) -> Self | None:
        """The hours; None if one is no number."""
        found = _sub_items(message, "RT")
        if found is None or message.data_time is None:
            return None
        hours = {code: _exact(value) for code, value in found.items()}
        return (
            cls(message.data_time, {code: value for code, value in hours.items() if value is not None})
            if (None not in hours.values())
            else None
        )

    def cp(self) -> str:
        """One group a facility."""
        return _of_items(self.data_time, {code: {"RT": f"{hours:f}"} for code, hours in self.hours.items()})


@dataclass(frozen=True)
class Sample:
    """One analysis of a periodic instrument."""

    sampled: datetime
    completed: datetime | None
    sample_type: str | None
    value: Decimal
    flag: str | None
    extra: Mapping[str, str]


_SAMPLE_SUBS = {"SampleTime", "CompleteTime", "SampleType", "Avg", FLAG}


@dataclass(frozen=True)
class PeriodicSamples(Content):
    """2013 of 2025: one record per analysis cycle, by factor."""

    data_time: datetime
    samples: Mapping[str, Sample]

    @classmethod
    def read(cls, message: Message) -> Self | None:
        """The samples; None if one has no time or no value."""
        samples = {code: _sample(subs) for code, subs in message.items.items()}
        if message.data_time is None or not samples:
            return None
        good = {code: one for code, one in samples.items() if one is not None}
        return cls(message.data_time, good) if len(good) == len(samples) else None

    def cp(self) -> str:
        """One group a factor."""
        items = {}
        for code, one in self.samples.items():
            subs = {"SampleTime": time_text(one.sampled)}
            if one.completed is not None:
                subs["CompleteTime"] = time_text(one.completed)
            if one.sample_type is not None:
                subs["SampleType"] = one.sample_type
            subs |= {"Avg": f"{one.value:f}", **one.extra}
            items[code] = subs | ({FLAG: one.flag} if one.flag is not None else {})
        return _of_items(self.data_time, items)


def _sample(subs: Mapping[str, str]) -> Sample | None:
    sampled, value = beijing_time(subs.get("SampleTime", "")), _exact(subs.get("Avg", ""))
    completed = beijing_time(subs["CompleteTime"]) if "CompleteTime" in subs else None
    if sampled is None or value is None or ("CompleteTime" in subs and completed is None):
        return None
    extra = {sub: text for sub, text in subs.items() if sub not in _SAMPLE_SUBS}
    return Sample(sampled, completed, subs.get("SampleType"), value, subs.get(FLAG), extra)


@dataclass(frozen=True)
class StandardCheck:
    """A check against a standard sample: what was read, what it is, whether it passed (None: not said)."""

    reading: Decimal
    standard: Decimal
    has_passed: bool | None


@dataclass(frozen=True)
class StandardChecks(Content):
    """2062 of 2025: automatic checks by factor."""

    data_time: datetime
    checks: Mapping[str, StandardCheck]

    @classmethod
    def read(cls, message: Message) -> Self | None:
        """The checks; None if one lacks a number or its result is neither 0 nor 1."""
        checks = {code: _check(subs) for code, subs in message.items.items()}
        if message.data_time is None or not checks:
            return None
        good = {code: one for code, one in checks.items() if one is not None}
        return cls(message.data_time, good) if len(good) == len(checks) else None

    def cp(self) -> str:
        """One group a factor."""
        items = {}
        for code, one in self.checks.items():
            items[code] = {"SampleRd": f"{one.reading:f}", "StandardValue": f"{one.standard:f}"}
            if one.has_passed is not None:
                items[code]["ResultType"] = str(int(one.has_passed))
        return _of_items(self.data_time, items)


def _check(subs: Mapping[str, str]) -> StandardCheck | None:
    reading, standard = _exact(subs.get("SampleRd", "")), _exact(subs.get("StandardValue", ""))
    result = subs.get("ResultType")
    if reading is None or standard is None or result not in (None, "0", "1"):
        return None
    return StandardCheck(reading, standard, None if result is None else result == "1")


@dataclass(frozen=True)
class DeviceNumbers(Content):
    """3019: the unique number of each analyser, by factor code."""

    pol_id: str | None
    numbers: Mapping[str, str]

    @classmethod
    def read(cls, message: Message) -> Self | None:
        """The numbers; None if an item has none."""
        found = _sub_items(message, "SN")
        return None if found is None else cls(message.fields.get("PolId"), found)

    def cp(self) -> str:
        """The factor asked about, then one group a factor."""
        pol_id = [f"PolId={safe('PolId', self.pol_id)}"] if self.pol_id is not None else []
        return ";".join([*pol_id, *grouped({code: {"SN": number} for code, number in self.numbers.items()})])


@dataclass(frozen=True)
class Information(Content):
    """1001, 1002 (2025), 3020, 3021: logs, states and parameters of a device by information code.

    pol_id: the analyser, None for the logger. data_time: None in 1001, 1002 and 3021. Texts stand without the
    slashes that enclose them in the frame; `quoted` names the codes that had them.
    """

    info: Mapping[str, str]
    pol_id: str | None = None
    data_time: datetime | None = None
    info_id: str | None = None
    quoted: frozenset[str] = frozenset()

    @classmethod
    def read(cls, message: Message) -> Self | None:
        """The information; None if an item is anything else."""
        found = _sub_items(message, "Info")
        if found is None:
            return None
        quoted = frozenset(code for code, text in found.items() if _is_quoted(text))
        info = {code: text[2:-2] if code in quoted else text for code, text in found.items()}
        return cls(info, message.fields.get("PolId"), message.data_time, message.fields.get("InfoId"), quoted)

    def cp(self) -> str:
        """Time, analyser and code asked for where there are such, then one group an information."""
        parts = [f"DataTime={time_text(self.data_time)}"] if self.data_time is not None else []
        parts += [f"{name}={printed(name, value)}" for name, value in self._named() if value is not None]
        for code, value in self.info.items():
            shown = f"{_QUOTES}{value}{_QUOTES}" if code in self.quoted else safe(code, value)
            parts.append(f"{code}-Info={shown}")
        return ";".join(parts)

    def _named(self) -> tuple[tuple[str, str | None], ...]:
        return ("PolId", self.pol_id), ("InfoId", self.info_id)


def _is_quoted(text: str) -> bool:
    return len(text) >= 2 * len(_QUOTES) and text.startswith(_QUOTES) and text.endswith(_QUOTES)


def _of_items(data_time: datetime, items: Mapping[str, Mapping[str, str]]) -> str:
    return ";".join([f"DataTime={time_text(data_time)}", *grouped(items)])


def _exact(value: str) -> Decimal | None:
    return Decimal(value) if NUMBER.fullmatch(value) else None
