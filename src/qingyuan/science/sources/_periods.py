"""Values of longer periods from shorter ones at an outlet, with what counted, and the flag such a period must carry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from qingyuan.rules import RuleBook, rule_book
from qingyuan.science.errors import BadArgumentError
from qingyuan.science.rollup import roll_up

Medium = Literal["flue_gas", "waste_water"]
Level = Literal["minute", "hour", "day"]
NORMAL, FAULT, STOPPED = "N", "D", "F"
PH_ITEM = "pH"


@dataclass(frozen=True)
class Part:
    """One shorter period: value, flag letter (empty: none sent, normal), flow of waste water [any one unit]."""

    value: float | None
    flag: str = ""
    flow: float | None = None


@dataclass(frozen=True)
class PeriodValue:
    """A longer period. `value` None: nothing counted. `reason` says why it is not valid, empty where it is.

    low, high: smallest and largest value that counted (pH is told as a range). stopped: parts that were stopped, or
    without flow, and are therefore not expected.
    """

    value: float | None
    low: float | None
    high: float | None
    n_valid: int
    n_invalid: int
    n_missing: int
    n_stopped: int
    is_valid: bool
    reason: str

    @property
    def n_expected(self) -> int:
        """Parts that should have had a value."""
        return self.n_valid + self.n_invalid + self.n_missing


def period_value(
    parts: Sequence[Part],
    expected: int,
    level: Level,
    medium: Medium,
    item: str,
    day: date,
    *,
    book: RuleBook | None = None,
) -> PeriodValue:
    """A minute from samples, an hour from minutes, or a day from hours.

    Parameters
    ----------
    parts
        What came, at most one for each shorter period.
    expected
        Shorter periods that the longer one has (12 samples of 5 s, of waste water 120 in ten minutes; 60 minutes or 6 of
        ten minutes; 24 hours).
    level
        Of the longer period.

    Notes
    -----
    Null, NaN and negative values and those under an invalid flag never enter; a stopped part (flag F; for waste water
    a flow of 0 too: nothing is discharged) is not expected. Flue gas: arithmetic mean; valid with 12 samples, 45
    minutes (as share of minutes that are longer), 20 hours, on days with stopped hours 75 % of the operating ones.
    Waste water: weighted by flow where every part that counts has one, pH by hydrogen ions; valid with the 120 samples
    of ten minutes (all of a shorter interval), 45 minutes' share of the hour, 75 % of the expected hours. A period in
    which all was stopped has no value and is valid.

    References
    ----------
    HJ 212-2017, appendix D; HJ 75-2007 (share of operating hours) and HJ 356-2019 (zero flow, 75 %) as settings.
    """
    if expected < 1 or len(parts) > expected:
        raise BadArgumentError("expected", expected, f"at least the {len(parts)} parts given, and 1")
    book = book or rule_book()
    effects = {letter: flag.effect for letter, flag in book.flags.items()}
    stopped = [p for p in parts if _is_stopped(p, effects, medium)]
    running = [p for p in parts if not _is_stopped(p, effects, medium)]
    usable = [p for p in running if _counts(p, effects)]
    invalid = sum(1 for p in running if p not in usable and p.value is not None and np.isfinite(p.value))
    missing = expected - len(stopped) - len(usable) - invalid
    least, rule = least_parts(level, medium, expected, len(stopped), day, book)
    is_valid = len(usable) >= least or (len(stopped) == expected)
    values = [float(p.value) for p in usable if p.value is not None]
    reason = "" if is_valid else f"有效 {len(usable)} 个，{rule}"
    value = _mean(usable, values, medium, item)
    return PeriodValue(
        value,
        min(values, default=None),
        max(values, default=None),
        len(usable),
        invalid,
        missing,
        len(stopped),
        is_valid,
        reason,
    )


def _is_stopped(part: Part, effects: dict[str, str], medium: Medium) -> bool:
    if effects.get(part.flag) == "not_counted":
        return True
    return medium == "waste_water" and part.flow is not None and part.flow == 0


def _counts(part: Part, effects: dict[str, str]) -> bool:
    value = part.value
    if value is None or not np.isfinite(value) or value < 0:
        return False
    return not part.flag or effects.get(part.flag) == "valid"


def least_parts(
    level: Level, medium: Medium, expected: int, stopped: int, day: date, book: RuleBook
) -> tuple[float, str]:
    """How many parts of a period must count, and the rule in words."""
    if level == "minute" and medium == "flue_gas":
        least = float(book.validity("flue_gas.minute.samples", day))
        return min(least, expected), f"至少 {min(least, expected):g} 个"
    if level == "minute":
        samples = float(book.validity("waste_water.ten_minutes.samples", day))
        return min(samples, expected - stopped), f"至少 {min(samples, expected - stopped):g} 个"
    if level == "hour":
        key = "waste_water.hour.minutes" if medium == "waste_water" else "flue_gas.hour.minutes"
        share = float(book.validity(key, day)) / 60
        return share * (expected - stopped), f"至少为应有 {expected - stopped} 个的 {share:.0%}"
    if medium == "waste_water":
        share = float(book.validity("waste_water.day.share", day))
        return share * (expected - stopped), f"至少为排放 {expected - stopped} 个时段的 {share:.0%}"
    if stopped:
        share = float(book.validity("flue_gas.day.operating_share", day))
        return share * (expected - stopped), f"至少为运行 {expected - stopped} 小时的 {share:.0%}"
    least = float(book.validity("flue_gas.day.hours", day))
    return least, f"至少 {least:g} 小时"


def _mean(usable: Sequence[Part], values: Sequence[float], medium: Medium, item: str) -> float | None:
    if not usable:
        return None
    if item == PH_ITEM:
        return roll_up(values, len(values), "ph").value
    flows = [p.flow for p in usable]
    if medium == "waste_water" and all(flow is not None and flow > 0 for flow in flows):
        return roll_up(values, len(values), "flow_weighted", [float(flow) for flow in flows if flow is not None]).value
    return roll_up(values, len(values)).value


def period_flag(flags: Sequence[str], medium: Medium, day: date, *, book: RuleBook | None = None) -> str:
    """The flag that a period must carry by the flags of its parts; empty means normal, as N does.

    Notes
    -----
    Flue gas: N when at least 75 % are normal, else D. Waste water: normal when all are, else the letter most often
    met among the others (the standard does not name it), D among equals. All stopped: F.

    References
    ----------
    HJ 212-2017, notes to tables C.16 to C.18.
    """
    if not flags:
        raise BadArgumentError("flags", "none", "the flag of at least one part")
    book = book or rule_book()
    letters = [flag or NORMAL for flag in flags]
    if all(letter == STOPPED for letter in letters):
        return STOPPED
    normal = sum(letter == NORMAL for letter in letters)
    if medium == "flue_gas":
        share = float(book.validity("flue_gas.flag.normal_share", day))
        return NORMAL if normal >= share * len(letters) else FAULT
    if normal == len(letters):
        return NORMAL
    met = Counter(letter for letter in letters if letter != NORMAL)
    most = max(met.values())
    return FAULT if met[FAULT] == most else min(letter for letter, times in met.items() if times == most)


def flag_differs(sent: str, parts: Sequence[str], medium: Medium, day: date, *, book: RuleBook | None = None) -> bool:
    """Whether the device's own flag of a period says normal where its parts do not, or the other way round.

    The platform recomputes the roll-up; which abnormal letter a waste-water device names is left to it.
    """
    ours = period_flag(parts, medium, day, book=book)
    return ((sent or NORMAL) == NORMAL) != (ours == NORMAL)
