"""What an outlet emitted in an hour, from its concentration and its flow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qingyuan.bureau.registers.models import Outlet
from qingyuan.rules import RulesError, rule_book
from qingyuan.science.sources import mass_flow, waste_water_mass

GAS, WATER, FLOW = "mg/m3", "mg/L", "m3/h"


@dataclass(frozen=True)
class Mass:
    """In which units concentration and flow come, and what is emitted into."""

    concentration_unit: str
    flow_unit: str
    medium: str


def hourly_mass(concentration: Sequence[float | None], flow: Sequence[float | None], of: Mass) -> list[float | None]:
    """[kg] emitted in each hour: the measured concentration times the flow; None where one of them is missing, and all
    None where the units are not those of a concentration and a flow.

    References
    ----------
    HJ 212-2017, appendix D.
    """
    gas = of.medium == Outlet.Medium.GAS
    book = rule_book()
    try:
        scale, shift = book.conversion(of.concentration_unit, GAS if gas else WATER)
        per_hour, _ = book.conversion(of.flow_unit, FLOW)
    except RulesError:
        return [None] * len(concentration)
    values = np.array([math.nan if v is None else v for v in concentration]) * scale + shift
    carried = np.array([math.nan if v is None else v for v in flow]) * per_hour
    found = (mass_flow if gas else waste_water_mass)(values, carried)
    return [None if math.isnan(v) else float(v) for v in found]
