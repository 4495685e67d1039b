"""A Gaussian plume from stacks to receptors over flat ground.

References: G. A. Briggs (1973), open-country dispersion curves, as printed in EPA-450/2-78-027.
"""

from __future__ import annotations

import numpy as np

from qingyuan.simulate.noise import Floats

# sigma_y = a x / sqrt(1 + 0.0001 x); sigma_z by class A-F; x in metres
_SIGMA_Y = np.array([0.22, 0.16, 0.11, 0.08, 0.06, 0.04])
_MAX_KM = 40.0


def spread(x_m: Floats, stability: Floats) -> tuple[Floats, Floats]:
    """Horizontal and vertical spread [m] at a downwind distance [m]; classes between letters are mixed."""
    low = np.clip(np.floor(stability), 0, 4).astype(np.int64)
    share = np.clip(stability - low, 0, 1)
    widths = _SIGMA_Y[low] + share * (_SIGMA_Y[low + 1] - _SIGMA_Y[low])
    heights = _sigma_z(x_m)
    first = np.take_along_axis(heights, low[None], axis=0)[0]
    second = np.take_along_axis(heights, (low + 1)[None], axis=0)[0]
    return widths * x_m / np.sqrt(1 + 1e-4 * x_m), first ** (1 - share) * second**share


def _sigma_z(x: Floats) -> Floats:
    return np.stack(
        [
            0.20 * x,
            0.12 * x,
            0.08 * x / np.sqrt(1 + 2e-4 * x),
            0.06 * x / np.sqrt(1 + 1.5e-3 * x),
            0.03 * x / (1 + 3e-4 * x),
            0.016 * x / (1 + 3e-4 * x),
        ]
    )


def concentration(
    *,
    east_km: Floats,
    north_km: Floats,
    height_m: Floats,
    wind_speed: Floats,
    wind_from: Floats,
    stability: Floats,
) -> Floats:
    """Ground concentration for one unit of emission a second, per m3, all arguments broadcast together.

    east_km, north_km: receptor minus source. height_m: effective height of release. wind_from: degrees, the direction
    the wind comes from. Notes: zero upwind, within 50 m, and beyond 40 km; total reflection at the ground, no lid.
    """
    angle = np.radians(wind_from)
    x = (-east_km * np.sin(angle) - north_km * np.cos(angle)) * 1000
    y = (east_km * np.cos(angle) - north_km * np.sin(angle)) * 1000
    x, y, stability, height_m, wind_speed = np.broadcast_arrays(x, y, stability, height_m, wind_speed)
    is_reached = (x > 50) & (x < _MAX_KM * 1000)
    safe_x = np.where(is_reached, x, 1000.0)
    width, depth = spread(safe_x, stability)
    across = np.exp(-0.5 * np.minimum((y / width) ** 2, 200))
    down = 2 * np.exp(-0.5 * np.minimum((height_m / depth) ** 2, 200))
    result: Floats = np.where(is_reached, across * down / (2 * np.pi * wind_speed * width * depth), 0.0)
    return result


def effective_height(stack_m: float, gas_c: float, flow_m3_s: float) -> float:
    """Stack height with a plain plume rise [m] that grows with the heat carried and ends at twice the stack."""
    heat = max(gas_c - 15.0, 0.0) * flow_m3_s
    return float(min(stack_m + 1.1 * heat**0.4, 2 * stack_m + 20))
