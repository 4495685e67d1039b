"""Emitted mass hour by hour: measured, nothing discharged, stopped, substituted, or not to be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qingyuan.rules import RuleBook, rule_book
from qingyuan.science.errors import BadArgumentError
from qingyuan.science.sources._periods import Medium
from qingyuan.science.sources._states import mass_flow, waste_water_mass
from qingyuan.science.sources._substitution import Substitution, capture_rate, substitute_mass

Floats = NDArray[np.float64]
OPEN, MEASURED, ZERO, STOPPED, SUBSTITUTED, OUTSIDE = range(6)
"""How an hour came to its mass. OPEN: it has none and no rule gives one; OUTSIDE: the outlet was not in use."""


@dataclass(frozen=True)
class Quarter:
    """A calendar quarter among the hours: places first to last (exclusive), and a day of it for the rules."""

    first: int
    last: int
    day: date


@dataclass(frozen=True)
class Emitted:
    """Mass [kg/h] (NaN where OPEN or OUTSIDE) and how, by hour; the gaps that were filled or left; the capture rate by quarter.

    The value of a gap is the mass of flue gas; of waste water the concentration or the flow.
    """

    mass: Floats
    how: NDArray[np.int8]
    gaps: list[Substitution]
    captures: list[float | None]


def emitted_mass(
    concentration: ArrayLike,
    flow: ArrayLike,
    stopped: ArrayLike,
    medium: Medium,
    quarters: Sequence[Quarter],
    *,
    outside: ArrayLike | None = None,
    book: RuleBook | None = None,
) -> Emitted:
    """Mass of each hour, gaps of the quarters substituted.

    Parameters
    ----------
    concentration
        [mg/m3] dry, not converted, or [mg/L]; NaN where the hour is not valid.
    flow
        [m3/h], dry in the standard state for flue gas; NaN where not valid.
    stopped
        The plant was stopped: no mass, and no gap.
    quarters
        In order; hours before the first are looked back on only.
    outside
        Before the first operation of the outlet or after its end: no hour of the quarter. None: there are none.

    Notes
    -----
    Waste water without flow emits nothing, whatever the concentration says (batch discharge), and lacks nothing. An hour
    in which concentration or flow is not valid is a gap, substituted by the rules of its medium and the capture rate of
    its quarter: the mass of flue gas, concentration and flow of waste water. A gap across two quarters is two gaps.

    References
    ----------
    HJ 212-2017, appendix D; HJ 75-2017, 12.1.3 and tables 5 and 6; HJ 356-2019 (settings).
    """
    book = book or rule_book()
    content, discharge = np.asarray(concentration, dtype=np.float64), np.asarray(flow, dtype=np.float64)
    halted = np.asarray(stopped, dtype=np.bool_)
    away = np.zeros(len(content), dtype=np.bool_) if outside is None else np.asarray(outside, dtype=np.bool_)
    if not len(content) == len(discharge) == len(halted) == len(away):
        raise BadArgumentError("hours", (len(content), len(discharge), len(halted), len(away)), "as many of each")
    halted = halted & ~away
    made = mass_flow(content, discharge) if medium == "flue_gas" else waste_water_mass(content, discharge)
    known = np.where(halted | away, np.nan, made)
    how = np.where(np.isfinite(known), MEASURED, OPEN).astype(np.int8)
    if medium == "waste_water":
        how[(discharge == 0) & ~halted] = ZERO
    how[halted] = STOPPED
    how[away] = OUTSIDE
    gaps: list[Substitution] = []
    captures: list[float | None] = []
    mass = known.copy()
    fill = _fill_gas if medium == "flue_gas" else _fill_water
    for quarter in quarters:
        own = slice(quarter.first, quarter.last)
        lacking, idle = int((how[own] == OPEN).sum()), int((how[own] == STOPPED).sum())
        capture = capture_rate(int((how[own] != OUTSIDE).sum()), lacking, idle)
        captures.append(capture)
        if not lacking or capture is None:
            continue
        hours = _Hours(content, discharge, halted | away, known, how)
        filled, found = fill(hours, quarter, capture, book)
        gaps += found
        made_up = np.flatnonzero((how[own] == OPEN) & np.isfinite(filled[own])) + quarter.first
        mass[made_up] = filled[made_up]
        how[made_up] = SUBSTITUTED
    mass[halted] = 0.0
    return Emitted(mass, how, gaps, captures)


@dataclass(frozen=True)
class _Hours:
    """What is known of all hours, before anything is filled."""

    content: Floats
    flow: Floats
    halted: NDArray[np.bool_]
    mass: Floats
    how: NDArray[np.int8]


def _fill_gas(hours: _Hours, quarter: Quarter, capture: float, book: RuleBook) -> tuple[Floats, list[Substitution]]:
    """The mass itself is filled."""
    open_hours = hours.how == OPEN
    return _filled(hours.mass, open_hours, quarter, capture, medium="flue_gas", book=book)


def _fill_water(hours: _Hours, quarter: Quarter, capture: float, book: RuleBook) -> tuple[Floats, list[Substitution]]:
    """Concentration and flow are filled each; concentration from hours in which something was discharged."""
    open_hours = hours.how == OPEN
    flowing = np.where((hours.flow > 0) & ~hours.halted, hours.content, np.nan)
    lacking = open_hours & np.isnan(hours.content), open_hours & np.isnan(hours.flow)
    content, of_content = _filled(flowing, lacking[0], quarter, capture, medium="waste_water", book=book)
    flow = np.where(hours.halted, np.nan, hours.flow)
    discharge, of_flow = _filled(flow, lacking[1], quarter, capture, medium="waste_water", book=book)
    content = np.where(lacking[0], content, hours.content)
    return waste_water_mass(content, discharge), [*of_content, *of_flow]


def _filled(
    values: Floats, gaps: NDArray[np.bool_], quarter: Quarter, capture: float, *, medium: Medium, book: RuleBook
) -> tuple[Floats, list[Substitution]]:
    """Values with the gaps of the quarter filled from hours before; the gaps of earlier quarters are let be."""
    seen = np.where(gaps, np.nan, values)[: quarter.last]
    works = np.isfinite(seen)
    works[quarter.first :] |= gaps[quarter.first : quarter.last]
    made, found = substitute_mass(seen, works.tolist(), capture, quarter.day, medium=medium, book=book)
    out = np.full(len(values), np.nan)
    out[: quarter.last] = made
    return out, found
