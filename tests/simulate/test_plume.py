"""The plume: mass passes each plane, downwind is worse than upwind, tall stacks spare the near field."""

from __future__ import annotations

import numpy as np
import pytest

from qingyuan.simulate.plume import concentration, effective_height, spread


def at(east: float, north: float, height: float = 30.0, wind_from: float = 270.0, stability: float = 3.0) -> float:
    value = concentration(
        east_km=np.array([east]),
        north_km=np.array([north]),
        height_m=np.array([height]),
        wind_speed=np.array([3.0]),
        wind_from=np.array([wind_from]),
        stability=np.array([stability]),
    )
    return float(value[0])


@pytest.mark.parametrize(
    ("wind_from", "east", "north"),
    [(270, 2, 0), (90, -2, 0), (180, 0, 2), (0, 0, -2), (225, 1.4142, 1.4142)],
    ids=["west-wind", "east-wind", "south-wind", "north-wind", "southwest-wind"],
)
def test_downwind_is_reached_and_upwind_is_not(wind_from: float, east: float, north: float):
    assert at(east, north, wind_from=wind_from) > 0
    assert at(-east, -north, wind_from=wind_from) == 0


def test_the_axis_is_worse_than_the_side():
    assert at(3, 0) > at(3, 0.3) > at(3, 1.0)


def test_a_tall_stack_spares_the_near_field():
    assert at(0.5, 0, height=150) < at(0.5, 0, height=20)
    assert effective_height(100, 120, 60) > effective_height(100, 40, 60) > 100


@pytest.mark.parametrize("stability", [0.0, 2.5, 5.0], ids=["A", "C-D", "F"])
def test_the_mass_that_passes_a_plane_is_the_mass_released(stability: float):
    """Integrating wind × concentration over the plane above ground gives one, for the Gaussian that reaches it."""
    x_km, speed, height = 4.0, 3.0, 30.0
    _, depth = spread(np.array([x_km * 1000]), np.array([stability]))
    across = np.arange(-8, 8, 0.002)
    ground = concentration(
        east_km=np.array([x_km]),
        north_km=across,
        height_m=np.array([height]),
        wind_speed=np.array([speed]),
        wind_from=np.array([270.0]),
        stability=np.array([stability]),
    )
    line = ground.sum() * 2.0  # over y, step 2 m; vertical profile relative to the ground value:
    z = np.arange(0, 6000, 1.0)
    profile = np.exp(-0.5 * ((z - height) / depth) ** 2) + np.exp(-0.5 * ((z + height) / depth) ** 2)
    vertical = profile.sum() / profile[0]
    assert line * vertical * speed == pytest.approx(1.0, rel=0.02)
