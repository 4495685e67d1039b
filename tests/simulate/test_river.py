"""Transport along the reaches: order, travel time, conservation of mass, decay."""

from __future__ import annotations

import numpy as np
import pytest

from qingyuan.simulate.calendar import DAY
from qingyuan.simulate.county import County
from qingyuan.simulate.river import arriving, paths_to


def test_without_decay_the_mass_that_passes_is_the_mass_released():
    load = np.array([0.0, 5.0, 8.0, 2.0])
    assert (arriving(load, 20.0, 3 * DAY, 0.0) * 20.0).sum() == pytest.approx(load.sum())


def test_decay_follows_the_travel_time():
    one = arriving(np.array([10.0]), 5.0, DAY, 0.2)[0]
    two = arriving(np.array([10.0]), 5.0, 2 * DAY, 0.2)[0]
    assert two / one == pytest.approx(np.exp(-0.2))


def test_every_outlet_on_water_lies_above_the_border_section(county: County):
    border = next(station for station in county.water_stations if station.name == "沚河出境断面")
    reached = {path.outlet for path in paths_to(county, border.reach, border.km)}
    below = {one.code for one in county.outlets if one.reach == border.reach and one.km > border.km}
    assert reached == {outlet.code for outlet in county.outlets if outlet.medium == "water"} - below


def test_only_what_lies_above_reaches_a_section_and_later_from_further(county: County):
    entry = next(station for station in county.water_stations if station.name == "沚河入境断面")
    assert all(path.distance_km <= entry.km for path in paths_to(county, entry.reach, entry.km))
    mouth = next(station for station in county.water_stations if station.name == "柳汀河口断面")
    paths = paths_to(county, mouth.reach, mouth.km)
    outlets = {outlet.code: outlet.reach for outlet in county.outlets}
    assert {outlets[path.outlet] for path in paths} <= {"R07", "R08"}
    assert [path.travel_s for path in paths] == sorted(path.travel_s for path in paths)
