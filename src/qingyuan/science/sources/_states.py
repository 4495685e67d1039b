"""From what an analyser reads to what a limit speaks of: standard state, dry, at the reference oxygen, per hour.

Arrays or single numbers in, the same out; NaN is missing and stays missing. No rounding.
"""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qingyuan.rules import RuleBook, rule_book
from qingyuan.science.errors import BadArgumentError

Floats = NDArray[np.float64]

STANDARD_PRESSURE = 101_325.0
ZERO_CELSIUS = 273.0
AIR_OXYGEN = 21.0
MOLAR_VOLUME = 22.4
NO, NO2 = 30.0, 46.0


def standard_state(value: ArrayLike, temperature: ArrayLike, ambient: ArrayLike, static: ArrayLike = 0.0) -> Floats:
    """Concentration at 273 K and 101,325 Pa from one in the flue [mg/m3].

    temperature of the flue gas [degC]; ambient pressure and static pressure of the flue [Pa]. NaN where the absolute
    temperature or pressure would not be positive.

    References
    ----------
    HJ 212-2017, appendix D: Csn = Cs x 101325/(Ba+Ps) x (273+ts)/273.
    """
    heat = ZERO_CELSIUS + np.asarray(temperature, dtype=np.float64)
    pressure = np.asarray(ambient, dtype=np.float64) + np.asarray(static, dtype=np.float64)
    possible = (heat > 0) & (pressure > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.asarray(value, dtype=np.float64) * STANDARD_PRESSURE / pressure * heat / ZERO_CELSIUS
    return np.where(possible, found, np.nan)


def dry(value: ArrayLike, moisture: ArrayLike) -> Floats:
    """Concentration in dry gas from one in wet gas; moisture as volume share [%], 0 to below 100, else NaN.

    References
    ----------
    HJ 212-2017, appendix D: dry = wet / (1 - Xsw).
    """
    share = np.asarray(moisture, dtype=np.float64) / 100
    possible = (share >= 0) & (share < 1)
    return np.where(possible, np.asarray(value, dtype=np.float64) / np.where(possible, 1 - share, 1.0), np.nan)


def mass_concentration(ppm: ArrayLike, molar_mass: float) -> Floats:
    """[mg/m3] in the standard state from a volume share [umol/mol]; molar mass [g/mol].

    References
    ----------
    HJ 212-2017, appendix D: M/22.4.
    """
    if molar_mass <= 0:
        raise BadArgumentError("molar_mass", molar_mass, "above 0")
    return np.asarray(ppm, dtype=np.float64) * molar_mass / MOLAR_VOLUME


def nitrogen_oxides(no: ArrayLike, no2: ArrayLike) -> Floats:
    """NOx as NO2 [mg/m3] from NO and NO2 [mg/m3]. Without one of them nothing can be told.

    References
    ----------
    HJ 212-2017, appendix D: NOx = NO x 46/30 + NO2.
    """
    return np.asarray(no, dtype=np.float64) * NO2 / NO + np.asarray(no2, dtype=np.float64)


def at_reference_oxygen(
    value: ArrayLike, oxygen: ArrayLike, reference: float | None, day: date, *, book: RuleBook | None = None
) -> tuple[Floats, NDArray[np.bool_]]:
    """Concentration at the reference oxygen, and which could not be converted for too much oxygen.

    Parameters
    ----------
    value, oxygen
        Dry concentration [mg/m3] and dry oxygen content [%].
    reference
        Reference oxygen of the limit [%]; None: the limit knows none, the value stays as it is.
    day
        Picks the cap: above it (a setting, near 21 %) the formula explodes and gives no value.

    Notes
    -----
    A value is raised by more oxygen than the reference, and lowered by less. NaN or negative oxygen gives NaN.

    References
    ----------
    HJ 212-2017, appendix D: C = Csn x (21 - O2s)/(21 - O2). The cap is ours.
    """
    measured = np.asarray(value, dtype=np.float64)
    content = np.asarray(oxygen, dtype=np.float64)
    if reference is None:
        return measured.copy(), np.zeros(measured.shape, dtype=np.bool_)
    if not 0 <= reference < AIR_OXYGEN:
        raise BadArgumentError("reference", reference, f"0 to below {AIR_OXYGEN:g} %")
    cap = float((book or rule_book()).validity("flue_gas.oxygen.cap", day))
    beyond = content > cap
    possible = (content >= 0) & ~beyond
    rest = np.where(possible, AIR_OXYGEN - content, 1.0)
    return np.where(possible, measured * (AIR_OXYGEN - reference) / rest, np.nan), beyond


def dry_flow(
    velocity: ArrayLike,
    area: float,
    temperature: ArrayLike,
    ambient: ArrayLike,
    static: ArrayLike,
    moisture: ArrayLike,
) -> Floats:
    """Dry flow in the standard state [m3/h] from the velocity in the flue [m/s] and its cross-section [m2].

    References
    ----------
    HJ 212-2017, appendix D: Qsn = 3600 F V x 273/(273+ts) x (Ba+Ps)/101325 x (1-Xsw).
    """
    if area <= 0:
        raise BadArgumentError("area", area, "above 0 m2")
    heat = ZERO_CELSIUS + np.asarray(temperature, dtype=np.float64)
    pressure = np.asarray(ambient, dtype=np.float64) + np.asarray(static, dtype=np.float64)
    share = np.asarray(moisture, dtype=np.float64) / 100
    speed = np.asarray(velocity, dtype=np.float64)
    possible = (heat > 0) & (pressure > 0) & (share >= 0) & (share < 1) & (speed >= 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = 3600 * area * speed * ZERO_CELSIUS / heat * pressure / STANDARD_PRESSURE * (1 - share)
    return np.where(possible, found, np.nan)


def mass_flow(concentration: ArrayLike, flow: ArrayLike) -> Floats:
    """Emitted mass [kg/h] of flue gas: concentration [mg/m3] x dry flow [m3/h] x 1e-6. The measured, not the converted
    concentration, in the state of the flow.

    References
    ----------
    HJ 212-2017, appendix D (the 1e-6 printed again at the daily sum is an erratum).
    """
    return np.asarray(concentration, dtype=np.float64) * np.asarray(flow, dtype=np.float64) * 1e-6


def waste_water_mass(concentration: ArrayLike, flow: ArrayLike) -> Floats:
    """Emitted mass [kg/h] of waste water: concentration [mg/L] x flow [m3/h] x 1e-3; 0 where nothing flows, whatever the
    concentration.

    References
    ----------
    HJ 212-2017, appendix D: G = C x D x 1e-3.
    """
    discharge = np.asarray(flow, dtype=np.float64)
    found = np.asarray(concentration, dtype=np.float64) * discharge * 1e-3
    return np.where(discharge == 0, 0.0, found)
