"""Outlets: is an hour over its limit, and what is the finding by the rule's averaging time."""

from __future__ import annotations

from qingyuan.science.sources._converted import converted_hour
from qingyuan.science.sources._emitted import (
    MEASURED,
    OPEN,
    OUTSIDE,
    STOPPED,
    SUBSTITUTED,
    ZERO,
    Emitted,
    Quarter,
    emitted_mass,
)
from qingyuan.science.sources._finding import finding, finding_due
from qingyuan.science.sources._hour import CONDITION_TAG, DEVICE_TAG, NONE, judge_hour
from qingyuan.science.sources._model import Answer, HourValue, Judgement, Limit, Step, Tag
from qingyuan.science.sources._periods import Level, Medium, Part, PeriodValue, flag_differs, period_flag, period_value
from qingyuan.science.sources._permit import Check, Checked, PermitLimit, check_limit, missing_items, rows_for
from qingyuan.science.sources._recomputed import Periods, recompute_periods
from qingyuan.science.sources._states import (
    at_reference_oxygen,
    dry,
    dry_flow,
    mass_concentration,
    mass_flow,
    nitrogen_oxides,
    standard_state,
    waste_water_mass,
)
from qingyuan.science.sources._substitution import Substitution, capture_rate, substitute_mass
from qingyuan.science.sources._transmission import Tally, Transmission, together, transmission

__all__ = [
    "CONDITION_TAG",
    "DEVICE_TAG",
    "MEASURED",
    "NONE",
    "OPEN",
    "OUTSIDE",
    "STOPPED",
    "SUBSTITUTED",
    "ZERO",
    "Answer",
    "Check",
    "Checked",
    "Emitted",
    "HourValue",
    "Judgement",
    "Level",
    "Limit",
    "Medium",
    "Part",
    "PeriodValue",
    "Periods",
    "PermitLimit",
    "Quarter",
    "Step",
    "Substitution",
    "Tag",
    "Tally",
    "Transmission",
    "at_reference_oxygen",
    "capture_rate",
    "check_limit",
    "converted_hour",
    "dry",
    "dry_flow",
    "emitted_mass",
    "finding",
    "finding_due",
    "flag_differs",
    "judge_hour",
    "mass_concentration",
    "mass_flow",
    "missing_items",
    "nitrogen_oxides",
    "period_flag",
    "period_value",
    "recompute_periods",
    "rows_for",
    "standard_state",
    "substitute_mass",
    "together",
    "transmission",
    "waste_water_mass",
]
