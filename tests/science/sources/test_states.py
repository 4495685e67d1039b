"""From the analyser's number to the limit's: by the formulas of HJ 212-2017, appendix D, worked by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.science.errors import BadArgumentError
from qingyuan.science.sources import (
    at_reference_oxygen,
    dry,
    dry_flow,
    mass_concentration,
    mass_flow,
    nitrogen_oxides,
    standard_state,
)

DAY = date(2026, 6, 1)


def test_standard_state() -> None:
    assert standard_state(100.0, 0.0, 101_325.0) == pytest.approx(100.0)
    assert standard_state(100.0, 273.0, 101_325.0) == pytest.approx(200.0)
    assert standard_state(100.0, 0.0, 100_000.0, 1_325.0) == pytest.approx(100.0)
    assert np.isnan(standard_state(100.0, -300.0, 101_325.0))
    assert np.isnan(standard_state(np.nan, 20.0, 101_325.0))


def test_dry_and_volume_shares() -> None:
    assert dry(90.0, 10.0) == pytest.approx(100.0)
    assert np.isnan(dry([90.0, 90.0], [100.0, -1.0])).all()
    assert mass_concentration(100.0, 64.0) == pytest.approx(100 * 64 / 22.4)
    with pytest.raises(BadArgumentError, match="molar_mass"):
        mass_concentration(1.0, 0.0)


def test_nitrogen_oxides_as_no2() -> None:
    assert nitrogen_oxides(30.0, 4.0) == pytest.approx(50.0)
    assert np.isnan(nitrogen_oxides(30.0, np.nan))


class TestOxygen:
    def test_by_hand(self) -> None:
        found, beyond = at_reference_oxygen([50.0, 50.0, 50.0], [6.0, 9.0, 3.0], 6.0, DAY)
        assert found.tolist() == pytest.approx([50.0, 50 * 15 / 12, 50 * 15 / 18])
        assert not beyond.any()

    def test_near_air_there_is_no_value_and_it_is_said(self) -> None:
        found, beyond = at_reference_oxygen([5.0, 5.0, 5.0, 5.0], [20.5, 20.51, 21.0, 25.0], 6.0, DAY)
        assert found[0] == pytest.approx(5 * 15 / 0.5)
        assert np.isnan(found[1:]).all()
        assert beyond.tolist() == [False, True, True, True]

    def test_a_limit_without_reference_leaves_the_value(self) -> None:
        found, beyond = at_reference_oxygen([5.0, np.nan], [20.9, 3.0], None, DAY)
        assert found[0] == 5.0
        assert np.isnan(found[1])
        assert not beyond.any()

    def test_oxygen_missing_or_impossible_gives_none(self) -> None:
        found, beyond = at_reference_oxygen([5.0, 5.0], [np.nan, -1.0], 6.0, DAY)
        assert np.isnan(found).all()
        assert not beyond.any()
        with pytest.raises(BadArgumentError, match="reference"):
            at_reference_oxygen(5.0, 5.0, 21.0, DAY)

    @given(st.floats(0.1, 1000), st.floats(0, 20.4), st.floats(0, 20))
    @settings(deadline=None, derandomize=True)
    def test_there_and_back(self, value: float, oxygen: float, reference: float) -> None:
        converted, _ = at_reference_oxygen(value, oxygen, reference, DAY)
        back = converted * (21 - oxygen) / (21 - reference)
        assert back == pytest.approx(value, rel=1e-12)
        assert (converted >= value * (1 - 1e-12)) == (oxygen >= reference) or converted == pytest.approx(value)


def test_flow_and_mass() -> None:
    assert dry_flow(10.0, 2.0, 0.0, 101_325.0, 0.0, 0.0) == pytest.approx(72_000.0)
    assert dry_flow(10.0, 2.0, 273.0, 101_325.0, 0.0, 50.0) == pytest.approx(18_000.0)
    assert np.isnan(dry_flow(-1.0, 2.0, 0.0, 101_325.0, 0.0, 0.0))
    assert mass_flow(50.0, 100_000.0) == pytest.approx(5.0)
    with pytest.raises(BadArgumentError, match="area"):
        dry_flow(1.0, 0.0, 0.0, 101_325.0, 0.0, 0.0)


class TestWhatCanBe:
    """Where a gas has no temperature, no pressure, no dry part or flows backwards, there is no figure; just before, there is."""

    @pytest.mark.parametrize(
        ("temperature", "pressure", "static", "is_possible"),
        [
            (-273.0, 101_325.0, 0.0, False), (-272.5, 101_325.0, 0.0, True), (20.0, 0.0, 0.0, False),
            (20.0, 0.5, 0.0, True), (20.0, 100.0, -100.0, False), (-300.0, -5.0, 0.0, False), (-300.0, 101_325.0, 0.0, False),
            (20.0, -1.0, 0.0, False),
        ],
    )  # fmt: skip
    def test_temperature_and_pressure(
        self, temperature: float, pressure: float, static: float, is_possible: bool
    ) -> None:
        assert np.isfinite(standard_state(100.0, temperature, pressure, static)) == is_possible
        assert np.isfinite(dry_flow(10.0, 2.0, temperature, pressure, static, 8.0)) == is_possible

    @pytest.mark.parametrize(
        ("moisture", "is_possible"), [(0.0, True), (99.5, True), (100.0, False), (150.0, False), (-1.0, False)]
    )
    def test_moisture(self, moisture: float, is_possible: bool) -> None:
        assert np.isfinite(dry(90.0, moisture)) == is_possible
        assert np.isfinite(dry_flow(10.0, 2.0, 20.0, 101_325.0, 0.0, moisture)) == is_possible

    @pytest.mark.parametrize(("speed", "is_possible"), [(0.0, True), (0.5, True), (-0.5, False)])
    def test_speed(self, speed: float, is_possible: bool) -> None:
        assert np.isfinite(dry_flow(speed, 2.0, 20.0, 101_325.0, 0.0, 8.0)) == is_possible

    def test_the_flue_may_be_above_or_below_the_air(self) -> None:
        assert dry_flow(10.0, 2.0, 0.0, 101_325.0, 101_325.0, 0.0) == pytest.approx(144_000.0)
        assert dry_flow(10.0, 2.0, 0.0, 101_325.0, -50_662.5, 0.0) == pytest.approx(36_000.0)

    def test_small_masses_and_areas(self) -> None:
        assert mass_concentration(22.4, 0.5) == pytest.approx(0.5)
        assert dry_flow(1.0, 0.5, 0.0, 101_325.0, 0.0, 0.0) == pytest.approx(1800.0)
