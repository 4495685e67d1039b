"""The converted hour where the device sent a measured value and oxygen but no converted one."""

from __future__ import annotations

import math
from dataclasses import replace

from qingyuan.rules import RuleBook, rule_book
from qingyuan.science.intervals import beijing_date
from qingyuan.science.sources._model import HourValue, Step
from qingyuan.science.sources._states import at_reference_oxygen

STEP = "折算"


def converted_hour(
    measured: HourValue, oxygen: HourValue | None, reference: float | None, *, book: RuleBook | None = None
) -> HourValue:
    """The hour at the reference oxygen [%], with the step that says it was computed here.

    Parameters
    ----------
    measured
        The measured value; its flag and coverage carry over.
    oxygen
        Dry oxygen content [%] of the same hour, None where there is none.

    Notes
    -----
    No value (then nothing can be told, and the step says why): without a measured value, a reference, a valid oxygen
    content, or with oxygen above the cap. The device's own converted value, where it sent one, always comes first.

    References
    ----------
    HJ 212-2017, appendix D; the cap is a setting: `flue_gas.oxygen.cap`.
    """
    book = book or rule_book()
    day = beijing_date(measured.interval.start)
    if measured.value is None:
        return _without(measured, "没有实测值", "没有实测值，不能折算")
    got = f"实测 {measured.value:.10g} {measured.unit}"
    if reference is None:
        return _without(measured, got, "没有基准氧含量，不能折算")
    if oxygen is None or oxygen.value is None or not _is_valid(oxygen, book):
        return _without(measured, got, "没有有效的含氧量，不能折算")
    got += f"，O₂ {oxygen.value:.10g} %"
    values, beyond = at_reference_oxygen([measured.value], [oxygen.value], reference, day, book=book)
    rule = f"基准氧含量 {reference:g} %"
    if beyond[0]:
        cap = float(book.validity("flue_gas.oxygen.cap", day))
        return _without(measured, got, f"含氧量高于 {cap:g} %，不能折算", rule)
    value = float(values[0])
    if not math.isfinite(value):  # oxygen below zero
        return _without(measured, got, "含氧量不可能，不能折算", rule)
    step = Step(STEP, got, rule, f"{value:.6g} {measured.unit}，本系统计算")
    return replace(measured, value=value, conversion=step)


def _is_valid(hour: HourValue, book: RuleBook) -> bool:
    flag = book.flags.get(hour.flag or "N")
    return flag is not None and flag.effect == "valid"


def _without(measured: HourValue, got: str, why: str, rule: str = "") -> HourValue:
    return replace(measured, value=None, conversion=Step(STEP, got, rule, why))
